// One cluster as propagation sees it: its propagated Secrets, its ServiceAccounts and its Namespaces, followed by watches.
import type { Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { withAbort } from '../../base/with-abort.ts'
import { KubeError, type KubeClient, type ResourceType } from '../../kube/client/client.ts'
import { type ChangeEvent, Informer } from '../../kube/client/informer.ts'
import { PULL_SECRETS_FIELD } from '../../diff/pull-secret-entries.ts'
import { isObject } from '../../kube/json-value.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import type { AccountView } from '../../pull-secrets/account-entries.ts'
import { isOwn, type PullSecretAuthor } from '../../pull-secrets/authorship.ts'
import {
  type LivePullSecret,
  PULL_SECRET_LABEL,
  PULL_SECRET_MANAGER,
  readPullSecret,
  sealedLoginIn,
  type WrittenLogin,
} from '../../pull-secrets/secret-object.ts'
import type { TargetCluster } from './dependencies.ts'

/** What is kept of a Secret: nothing of its content. */
interface SecretView extends KubeObject {
  readonly pull: LivePullSecret
}

/** A ServiceAccount with whoever wrote it last. */
export interface FollowedAccount extends AccountView {
  readonly lastManager: string
  /** Propagation was the last to change the list. */
  readonly isListOurs: boolean
}

/** An informer, whatever it keeps. */
type Following = Pick<Informer, 'start' | 'stop' | 'hasSynced' | 'isSynced'>

export interface ClusterViewOptions {
  readonly cluster: TargetCluster
  /** The control plane: what others have written is none of ours. */
  readonly author: () => PullSecretAuthor
  readonly clock: Clock
  readonly log: Log
  /** Told of each change in a namespace. */
  readonly onChange: (namespace: string) => void
  readonly onAccount: (event: ChangeEvent<FollowedAccount>) => void
  /** Told of each login found in a Secret. */
  readonly onLogin: (found: LivePullSecret, login: WrittenLogin) => void
}

/** Secrets by the Applications they name. */
const BY_APPLICATION = { application: ({ pull }: SecretView): readonly string[] => pull.applications }
const BY_NAMESPACE = { namespace: ({ metadata }: KubeObject): readonly string[] => [metadata.namespace ?? ''] }

/** A cluster that has not told all it has in this time is sick: whoever waits is told, and asks again later. */
export const READY_TIMEOUT_MS = 10_000

/** Follows from `start` to `stop`. */
export class ClusterView {
  readonly cluster: TargetCluster
  readonly #options: ClusterViewOptions
  #informers: Following[] = []
  /** Rejects where the login may not list Secrets or ServiceAccounts. */
  readonly #refused = Promise.withResolvers<never>()
  /** Resolves where it may not list Namespaces. */
  readonly #left = Promise.withResolvers<void>()
  #secrets: readonly Informer<SecretView>[] = []
  #accounts: readonly Informer<FollowedAccount>[] = []
  #namespaces: readonly Informer[] = []
  /** What was written a moment ago, until the watches tell of it. */
  readonly #written = new Map<string, LivePullSecret | FollowedAccount>()
  readonly #stopping = new AbortController()
  #starting: Promise<void> | undefined
  #fault: Error | undefined

  constructor(options: ClusterViewOptions) {
    this.cluster = options.cluster
    this.#options = options
    this.#refused.promise.catch(() => undefined) // nobody may be waiting
  }

  /** False where Namespaces may not be listed: then any may be there. */
  get seesNamespaces(): boolean {
    return this.#namespaces.length > 0
  }

  get client(): KubeClient {
    return this.cluster.client
  }

  get isSynced(): boolean {
    return this.#informers.length > 0 && this.#informers.every((informer) => informer.isSynced)
  }

  /** Why the cluster could not be read the last time it was tried; undefined once it could. */
  get fault(): Error | undefined {
    return this.isSynced ? undefined : this.#fault
  }

  /**
   * Resolves when all is known. Throws what discovery throws, at once where the login may not list what is needed, and where the
   * cluster does not answer in time; it is tried again.
   */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.isSynced) return
    this.#starting ??= this.#startInTime()
    await withAbort(this.#starting, signal)
  }

  /** Waits for no answer of the cluster: it may be dead. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the cluster is not followed any more'))
    await Promise.all(this.#informers.map((informer) => informer.stop()))
  }

  async #startInTime(): Promise<void> {
    const timeout = new AbortController()
    const fault = new CapstanError('timeout', `the cluster does not answer within ${READY_TIMEOUT_MS / 1000} seconds`)
    const cancel = this.#options.clock.schedule(READY_TIMEOUT_MS, () => timeout.abort(fault))
    const signal = AbortSignal.any([timeout.signal, this.#stopping.signal])
    try {
      await withAbort(this.#start(signal), signal)
      this.#fault = undefined
    } catch (error) {
      this.#fault = error instanceof Error ? error : new Error(messageOf(error))
      throw error
    } finally {
      cancel()
      this.#starting = undefined
    }
  }

  /** Secrets that this control plane has written. */
  secretsIn(namespace: string): readonly LivePullSecret[] {
    const author = this.#options.author()
    return this.#allSecretsIn(namespace).filter(({ owner }) => isOwn(owner, author))
  }

  /** Names of those that another one has, or nobody who says so. */
  foreignIn(namespace: string): readonly string[] {
    const author = this.#options.author()
    const secrets = this.#allSecretsIn(namespace)
    return secrets.filter(({ owner }) => !isOwn(owner, author)).map(({ name }) => name)
  }

  #allSecretsIn(namespace: string): readonly LivePullSecret[] {
    const known = this.#secrets.flatMap((informer) => [...informer.byIndex('namespace', namespace)])
    const secrets = new Map(known.map(({ pull }) => [pull.name, pull]))
    for (const written of this.#written.values()) {
      if ('credential' in written && written.namespace === namespace) secrets.set(written.name, written)
    }
    return [...secrets.values()]
  }

  /** Namespaces that hold a Secret of ours. */
  occupied(): ReadonlySet<string> {
    const author = this.#options.author()
    const own = this.#secrets.flatMap((informer) =>
      [...informer.list()].filter(({ pull }) => isOwn(pull.owner, author)),
    )
    return new Set(own.map(({ pull }) => pull.namespace))
  }

  /** Namespaces with a Secret of ours that names the Application. */
  namespacesNaming(application: string): ReadonlySet<string> {
    const author = this.#options.author()
    const naming = this.#secrets.flatMap((informer) => [...informer.byIndex('application', application)])
    return new Set(naming.filter(({ pull }) => isOwn(pull.owner, author)).map(({ pull }) => pull.namespace))
  }

  accountsIn(namespace: string): readonly FollowedAccount[] {
    const known = this.#accounts.flatMap((informer) => [...informer.byIndex('namespace', namespace)])
    const accounts = new Map(known.map((account) => [account.metadata.name ?? '', account]))
    for (const written of this.#written.values()) {
      if ('lastManager' in written && written.metadata.namespace === namespace) {
        accounts.set(written.metadata.name ?? '', written)
      }
    }
    return [...accounts.values()]
  }

  /** Accounts that were made a moment ago may not have come by the watch yet. */
  async readAccounts(namespace: string, signal: AbortSignal): Promise<void> {
    const { items } = await this.client.list(await this.type('ServiceAccount'), { namespace, signal })
    const known = new Set(this.accountsIn(namespace).map(({ metadata }) => metadata.uid))
    for (const account of items) if (!known.has(account.metadata.uid)) this.wroteAccount(account)
  }

  /** Undefined where it is not there, or where the cluster is limited to namespaces that may not be read. */
  namespace(name: string): KubeObject | undefined {
    return this.#namespaces.map((informer) => informer.get(undefined, name)).find((found) => found !== undefined)
  }

  /** Takes a Secret as the cluster answered it. */
  wroteSecret(secret: KubeObject): void {
    this.#written.set(keyOf('secret', secret), readPullSecret(secret))
  }

  wroteAccount(account: KubeObject): void {
    this.#written.set(keyOf('account', account), toAccount(account))
  }

  async type(kind: string, signal?: AbortSignal): Promise<ResourceType> {
    const type = await this.client.resourceOf({ group: '', kind, version: 'v1' }, signal)
    if (type === undefined) throw new CapstanError('unavailable', `the cluster serves no ${kind}s`)
    return type
  }

  async #start(signal: AbortSignal): Promise<void> {
    const [secrets, accounts, namespaces] = await Promise.all(
      ['Secret', 'ServiceAccount', 'Namespace'].map((kind) => this.type(kind, signal)),
    )
    signal.throwIfAborted()
    if (secrets === undefined || accounts === undefined || namespaces === undefined) return
    if (this.#informers.length === 0) this.#follow({ secrets, accounts, namespaces })
    const places = Promise.all(this.#namespaces.map((informer) => informer.hasSynced))
    const known = Promise.all([
      Promise.race([places, this.#left.promise]),
      ...this.#secrets.map((informer) => informer.hasSynced),
      ...this.#accounts.map((informer) => informer.hasSynced),
    ])
    places.catch(() => undefined) // stopped before
    known.catch(() => undefined) // stopped before
    await Promise.race([known, this.#refused.promise])
  }

  /** A list that is refused does not come by waiting. Namespaces are then taken for there, and without a switch. */
  #onFault(kind: string, error: unknown): void {
    if (!(error instanceof KubeError && error.status === 403)) return
    if (kind !== 'Namespace') this.#refused.reject(error)
    else if (this.seesNamespaces) this.#leaveNamespaces()
  }

  #leaveNamespaces(): void {
    const informers = this.#namespaces
    this.#namespaces = []
    this.#informers = this.#informers.filter((informer) => !informers.some((one) => one === informer))
    for (const informer of informers) informer.stop().catch(() => undefined) // its watch never began
    this.#left.resolve()
  }

  #follow({
    secrets,
    accounts,
    namespaces,
  }: Readonly<Record<'secrets' | 'accounts' | 'namespaces', ResourceType>>): void {
    const { clock, log, onChange, onAccount } = this.#options
    const { client, namespaces: limits } = this.cluster
    const places = limits.length === 0 ? [{}] : limits.map((namespace) => ({ namespace }))
    const common = { client, clock, log, indexes: BY_NAMESPACE }
    const onFault = (kind: string) => (error: unknown) => this.#onFault(kind, error)
    this.#secrets = places.map((place) => {
      const transform = (object: KubeObject): SecretView => this.#toSecret(object)
      return new Informer<SecretView>({
        ...common,
        ...place,
        type: secrets,
        indexes: { ...BY_NAMESPACE, ...BY_APPLICATION },
        labelSelector: PULL_SECRET_LABEL,
        transform,
        onFault: onFault('Secret'),
      })
    })
    this.#accounts = places.map(
      (place) =>
        new Informer<FollowedAccount>({
          ...common,
          ...place,
          type: accounts,
          transform: toAccount,
          onFault: onFault('ServiceAccount'),
        }),
    )
    // A login for some namespaces may not list them.
    this.#namespaces =
      limits.length > 0
        ? []
        : [
            new Informer({
              client,
              clock,
              log,
              type: namespaces,
              transform: toNamespace,
              onFault: onFault('Namespace'),
            }),
          ]
    for (const informer of this.#secrets) {
      informer.onChange(({ object }) => {
        this.#written.delete(keyOf('secret', object))
        onChange(object.metadata.namespace ?? '')
      })
    }
    for (const informer of this.#accounts) {
      informer.onChange((event) => {
        this.#written.delete(keyOf('account', event.object))
        onAccount(event)
      })
    }
    for (const informer of this.#namespaces) informer.onChange(({ object }) => onChange(object.metadata.name ?? ''))
    this.#informers.push(...this.#secrets, ...this.#accounts, ...this.#namespaces)
    for (const informer of this.#informers) informer.start()
  }

  #toSecret(object: KubeObject): SecretView {
    const pull = readPullSecret(object)
    const login = sealedLoginIn(object, this.#options.author())
    if (login !== undefined) this.#options.onLogin(pull, login)
    return { apiVersion: object.apiVersion, kind: object.kind, metadata: slim(object), pull }
  }
}

function keyOf(what: string, { metadata }: KubeObject): string {
  return `${what}/${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

function slim({ metadata }: KubeObject): KubeObject['metadata'] {
  const { name, namespace, uid, resourceVersion } = metadata
  // All that is followed was read from a cluster, which gives all four; Namespaces have no namespace.
  return { name, namespace, uid, resourceVersion } as KubeObject['metadata']
}

function toAccount(object: KubeObject): FollowedAccount {
  const { imagePullSecrets } = object as AccountView
  const { labels } = object.metadata
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...slim(object), ...(labels === undefined ? {} : { labels }) },
    ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
    lastManager: lastManagerOf(object.metadata.managedFields ?? []),
    isListOurs: isListOurs(object.metadata.managedFields ?? []),
  }
}

/** Where nobody keeps book of managers, the names alone say whose entries are. */
function isListOurs(managed: readonly JsonObject[]): boolean {
  return managed.length === 0 || managed.some(ownsList)
}

/** The list is atomic: whoever changed it last owns it whole. */
function ownsList({ manager, fieldsV1 }: JsonObject): boolean {
  return manager === PULL_SECRET_MANAGER && isObject(fieldsV1) && `f:${PULL_SECRETS_FIELD}` in fieldsV1
}

/** Who wrote the list, or where it is gone whoever wrote last, by the times in managedFields. */
function lastManagerOf(managed: readonly JsonObject[]): string {
  const owner = managed.find(({ fieldsV1 }) => isObject(fieldsV1) && `f:${PULL_SECRETS_FIELD}` in fieldsV1)
  const sorted = managed.toSorted((a, b) => (textOf(a['time']) < textOf(b['time']) ? -1 : 1))
  return textOf((owner ?? sorted.at(-1))?.['manager'])
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function toNamespace(object: KubeObject): KubeObject {
  const { labels, annotations, deletionTimestamp } = object.metadata
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...slim(object),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
  }
}
