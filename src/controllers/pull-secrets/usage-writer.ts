// Keeps account of who uses which credential where, and writes it down for servers and people.
import type { Cancel, Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { KubeError, type KubeClient } from '../../kube/client/client.ts'
import { type CredentialUsage, usageConfigMap } from '../../pull-secrets/usage.ts'
import { PULL_SECRET_MANAGER } from '../../pull-secrets/secret-object.ts'
import type { Registries } from '../../settings/registries.ts'
import { type Place, placeKey } from './application-places.ts'
import type { LoginState } from './logins.ts'
import type { Expiry } from './pull-secret-metrics.ts'

export interface UsageWriterOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Of the control plane. */
  readonly namespace: string
  readonly shard?: string
  readonly delayMs: number
  readonly stateOf: (credential: string) => LoginState
}

interface Used {
  readonly place: Place
  /** Applications by id of the credential. */
  readonly users: ReadonlyMap<string, readonly string[]>
}

/** Writes some time after a change, and nothing where nothing has changed. */
export class UsageWriter {
  readonly #options: UsageWriterOptions
  readonly #places = new Map<string, Used>()
  #registries: Registries = { credentials: [], problems: [] }
  #pending: Cancel | undefined
  #writing: Promise<void> = Promise.resolve()
  #written = ''
  #isStopped = false

  constructor(options: UsageWriterOptions) {
    this.#options = options
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#pending?.()
    await this.#writing
  }

  take(registries: Registries): void {
    this.#registries = registries
    this.touch()
  }

  /** Applications by id of each credential that is in place there. */
  put(place: Place, users: ReadonlyMap<string, readonly string[]>): void {
    const key = placeKey(place)
    if (users.size === 0 && !this.#places.has(key)) return
    if (users.size === 0) this.#places.delete(key)
    else this.#places.set(key, { place, users })
    this.touch()
  }

  isUsed(credential: string): boolean {
    return [...this.#places.values()].some(({ users }) => users.has(credential))
  }

  placesOf(credential: string): readonly Place[] {
    return [...this.#places.values()].filter(({ users }) => users.has(credential)).map(({ place }) => place)
  }

  applicationsOf(credential: string): readonly string[] {
    const all = [...this.#places.values()].flatMap(({ users }) => users.get(credential) ?? [])
    return [...new Set(all)].toSorted()
  }

  /** Of the logins that are in use. */
  expiries(): readonly Expiry[] {
    return this.#registries.credentials.flatMap(({ id, address }) => {
      const { expiresAt } = this.#options.stateOf(id)
      return expiresAt === undefined ? [] : [{ credential: id, registry: address, expiresAt }]
    })
  }

  /** Something has changed: it is written down soon. */
  touch(): void {
    if (this.#pending !== undefined || this.#isStopped) return
    this.#pending = this.#options.clock.schedule(this.#options.delayMs, () => {
      this.#pending = undefined
      this.#writing = this.#writing.then(() => this.#write())
    })
  }

  async #write(): Promise<void> {
    const { client, namespace, shard = '', log } = this.#options
    const configMap = usageConfigMap(this.#usage(), namespace, shard)
    const text = JSON.stringify(configMap)
    const isNothing = this.#registries.credentials.length === 0 && this.#written === ''
    if (text === this.#written || isNothing || this.#isStopped) return
    try {
      const type = await client.resourceOf({ group: '', kind: 'ConfigMap', version: 'v1' })
      if (type === undefined) return
      const ref = { type, namespace, name: configMap.metadata.name ?? '' }
      await client.patch(ref, 'apply', configMap, { fieldManager: PULL_SECRET_MANAGER, force: true })
      this.#written = text
    } catch (error) {
      if (error instanceof KubeError) log.warn('the usage of registry credentials is not written', { error })
      else throw error
    }
  }

  #usage(): ReadonlyMap<string, CredentialUsage> {
    const { credentials, problems } = this.#registries
    const usage = credentials.map(({ id }) => [id, this.#usageOf(id)] as const)
    const broken = problems.map(({ id, message }) => [id, { ...UNUSED, errors: [message] }] as const)
    return new Map([...usage, ...broken])
  }

  #usageOf(id: string): CredentialUsage {
    const applications = this.applicationsOf(id)
    const places = this.placesOf(id).toSorted((a, b) => (placeKey(a) < placeKey(b) ? -1 : 1))
    const { expiresAt, issuedAt, error } = this.#options.stateOf(id)
    return {
      applications,
      namespaces: places.map(({ server, namespace }) => ({ cluster: server, namespace })),
      clusters: [...new Set(places.map(({ server }) => server))].toSorted(),
      applicationCount: applications.length,
      namespaceCount: places.length,
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
      ...(expiresAt === undefined || issuedAt === undefined ? {} : { renewedAt: issuedAt.toISOString() }),
      errors: error === undefined ? [] : [error],
    }
  }
}

const UNUSED: CredentialUsage = {
  applications: [],
  namespaces: [],
  clusters: [],
  applicationCount: 0,
  namespaceCount: 0,
  errors: [],
}
