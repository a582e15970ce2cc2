// What becomes known of propagation: conditions and events of Applications, events of credentials, metrics, usage.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { timeLeft } from '../../pull-secrets/renewal.ts'
import { parseRequestKey } from '../../reconcile/request.ts'
import type { RegistryCredential } from '../../settings/registry-credential.ts'
import { type Place, placeKey } from './application-places.ts'
import type { FollowedAccount } from './cluster-view.ts'
import type { PullSecretsDependencies } from './dependencies.ts'
import type { LoginState } from './logins.ts'
import type { Problems } from './problems.ts'
import type { NamespaceReport, WrittenSecret } from './propagate-namespace.ts'
import type { PullSecretMetrics } from './pull-secret-metrics.ts'
import type { UsageWriter } from './usage-writer.ts'

export interface PropagationReportsOptions extends Pick<PullSecretsDependencies, 'application' | 'events'> {
  readonly clock: Clock
  readonly log: Log
  readonly told: PullSecretMetrics | undefined
  readonly problems: Problems
  readonly usage: UsageWriter
}

/** Nothing told here holds a password, a token or a docker config. */
export class PropagationReports {
  readonly #options: PropagationReportsOptions

  constructor(options: PropagationReportsOptions) {
    this.#options = options
  }

  namespace(place: Place, report: NamespaceReport): void {
    const { told, problems, usage } = this.#options
    for (const written of report.written) this.#written(place, written)
    for (let count = report.removed.length; count > 0; count--) told?.propagated('removed')
    if (report.problems.size > 0) told?.propagated('failed')
    problems.set(placeKey(place), report.problems)
    usage.put(place, report.users)
  }

  /** The namespace is gone, or no business of ours any more. */
  left(place: Place): void {
    this.#options.problems.set(placeKey(place), new Map())
    this.#options.usage.put(place, new Map())
  }

  entryRemoved(
    { metadata, lastManager }: FollowedAccount,
    names: readonly string[],
    applications: readonly string[],
  ): void {
    const { namespace = '', name = '' } = metadata
    this.#options.told?.propagated('repaired')
    const who = lastManager === '' ? 'somebody' : lastManager
    const message = `${who} took ${names.join(', ')} out of the imagePullSecrets of ServiceAccount ${namespace}/${name}; it is put back`
    this.#event(applications, 'Warning', 'ImagePullSecretEntryRemoved', message)
  }

  restarted(pods: readonly string[], applications: readonly string[]): void {
    this.#event(
      applications,
      'Normal',
      'ImagePullRestarted',
      `Deleted pods that waited for their images: ${pods.join(', ')}`,
    )
  }

  /** An attempt to issue a login has ended. */
  issued(credential: RegistryCredential, error: string | undefined, { expiresAt }: LoginState): void {
    const { clock, log, events, told, problems, usage } = this.#options
    told?.renewed(credential.id, error === undefined)
    const place = `login ${credential.id}`
    if (error === undefined) {
      problems.set(place, new Map())
      return
    }
    const rest =
      expiresAt === undefined ? 'there is no earlier one' : `the one in use expires ${timeLeft(expiresAt, clock.now())}`
    const message = `the login of registry ${credential.address} cannot be issued: ${error}; ${rest}`
    log.warn('registry login not issued', { credential: credential.id, registry: credential.address, error })
    const { namespace, name, uid } = credential.source
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name, uid } }
    events.record(secret, { type: 'Warning', reason: 'RegistryLoginFailed', message })
    const users = usage.applicationsOf(credential.id)
    problems.set(place, new Map(users.map((application) => [application, [message]])))
  }

  #written({ namespace }: Place, { credential, name, outcome, applications }: WrittenSecret): void {
    if (outcome === 'unchanged') return
    this.#options.told?.propagated(outcome)
    if (outcome === 'foreign') {
      const message = `Secret ${namespace}/${name} exists and was not made for registry ${credential.address}: it is left alone`
      this.#event(applications, 'Warning', 'ImagePullSecretRefused', message)
    } else if (outcome === 'created') {
      const message = `Created Secret ${namespace}/${name} for registry ${credential.address}`
      this.#event(applications, 'Normal', 'ImagePullSecretCreated', message)
    }
  }

  #event(applications: readonly string[], type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { application: find, events } = this.#options
    for (const application of applications) {
      const object = find(parseRequestKey(application))
      if (object !== undefined) events.record(object, { type, reason, message })
    }
  }
}
