// As which service account of its destination an application is synced, deleted and acted upon.
import { CapstanError, messageOf } from '../base/errors.ts'
import { compileGlob } from '../base/glob.ts'
import type { AppProject } from '../crds/app-project.ts'
import type { Application } from '../crds/application.ts'
import { isServiceAccount } from './project-validation.ts'

/** `application.sync.impersonation.*` of argocd-cm. */
export interface ImpersonationSettings {
  readonly enabled: boolean
  /** An application that no account is for is not synced; otherwise it is synced by the control plane itself. */
  readonly enforced: boolean
}

/**
 * The user to act as, `system:serviceaccount:<namespace>:<name>`, of the first entry of destinationServiceAccounts that fits;
 * undefined where none does. Throws `bad-input` for a pattern or an account that is none (argo-cd v3.5.1
 * `util/settings/impersonation.go`).
 */
export function serviceAccountFor(
  project: AppProject,
  { metadata, spec }: Application,
  server: string,
): string | undefined {
  const { namespace = '' } = spec.destination
  for (const item of project.spec.destinationServiceAccounts ?? []) {
    const isServer = fits(item.server, server, 'server')
    const isNamespace = fits(item.namespace ?? '', namespace, 'namespace')
    if (!isServer || !isNamespace) continue
    const { defaultServiceAccount: account } = item
    if (!isServiceAccount(account)) {
      throw new CapstanError('bad-input', `default service account contains invalid chars '${account}'`)
    }
    // An application without a destination namespace has its accounts beside itself.
    const home = namespace === '' ? (metadata.namespace ?? '') : namespace
    return `system:serviceaccount:${account.includes(':') ? account : `${home}:${account}`}`
  }
  return undefined
}

/**
 * The user to act as under the settings; undefined where the control plane acts itself. Throws `forbidden` where an account is
 * demanded and none fits, with upstream's words.
 */
export function actingAccount(
  settings: ImpersonationSettings,
  project: AppProject,
  application: Application,
  server: string,
): string | undefined {
  if (!settings.enabled) return undefined
  const account = serviceAccountFor(project, application, server)
  if (account !== undefined || !settings.enforced) return account
  const namespace = application.spec.destination.namespace ?? ''
  const place = `destination server ${server} and namespace ${namespace}`
  throw new CapstanError('forbidden', `no matching service account found for ${place}`)
}

function fits(pattern: string, value: string, part: 'server' | 'namespace'): boolean {
  try {
    return compileGlob(pattern)(value)
  } catch (error) {
    const what = `invalid glob pattern for destination ${part}: ${messageOf(error)}`
    throw new CapstanError('bad-input', what, { cause: error })
  }
}
