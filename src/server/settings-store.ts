// The control plane's Secrets and ConfigMaps as calls change them: what one call wrote, the next one sees.
import { sleep, type Clock } from '../base/clock.ts'
import { KubeError, type KubeClient, type ResourceRef } from '../kube/client/client.ts'
import type { Informer } from '../kube/client/informer.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { SECRET_TYPE_LABEL } from '../settings/repositories.ts'

export type StoredKind = 'Secret' | 'ConfigMap'

/** What is to become of some keys; null takes one away. */
export interface StoredChange {
  readonly values?: Readonly<Record<string, string | null>>
  readonly labels?: Readonly<Record<string, string | null>>
  readonly annotations?: Readonly<Record<string, string | null>>
}

export interface SettingsStoreOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly clock: Clock
  readonly secrets: Informer
  readonly configMaps: Informer
}

/** Another writer was quicker: read and change again so often, as client-go's `retry.DefaultRetry` does. */
const MAX_ATTEMPTS = 5
/** The cache follows within milliseconds; a cluster that is slow to tell holds an answer up no longer than this. */
const MAX_WAIT_MS = 2_000

/** Upstream marks what its API made, and deletes only that (`util/db/secrets.go`, v3.5.1). */
const MANAGED_BY = 'managed-by'
const MANAGER = 'argocd.argoproj.io'

export class SettingsStore {
  readonly #options: SettingsStoreOptions

  constructor(options: SettingsStoreOptions) {
    this.#options = options
  }

  /** As the cache has it. */
  find(kind: StoredKind, name: string): KubeObject | undefined {
    return this.#cacheOf(kind).get(this.#options.namespace, name)
  }

  /** As the cluster has it now; undefined where there is none. */
  async read(kind: StoredKind, name: string, signal: AbortSignal): Promise<KubeObject | undefined> {
    return this.#options.client.get(this.#refOf(kind, name), signal)
  }

  /** The Secrets with a value of the label `argocd.argoproj.io/secret-type`, by name. */
  secretsOfType(type: string): readonly KubeObject[] {
    return [...this.#options.secrets.list()]
      .filter(({ metadata }) => metadata.labels?.[SECRET_TYPE_LABEL] === type)
      .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  }

  /** Makes a Secret of a type, marked as made by the API. Throws a `KubeError` (`AlreadyExists`). */
  async createSecret(name: string, type: string, change: StoredChange, signal: AbortSignal): Promise<void> {
    const { client, namespace } = this.#options
    const metadata = {
      name,
      namespace,
      labels: present({ ...change.labels, [SECRET_TYPE_LABEL]: type }),
      annotations: present({ ...change.annotations, [MANAGED_BY]: MANAGER }),
    }
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: present(change.values ?? {}) }
    const made = await client.create(this.#cacheOf('Secret').type, secret, { signal })
    await this.#untilSeen('Secret', name, made)
  }

  /**
   * Reads an object anew and writes what `edit` makes of it; undefined writes nothing. `edit` runs again where another writer
   * was quicker. A ConfigMap that is missing is made; a Secret that is missing is a `KubeError` (`NotFound`).
   */
  async change(
    kind: StoredKind,
    name: string,
    edit: (object: KubeObject) => StoredChange | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#tryChange(kind, name, edit, signal)
      } catch (error) {
        const isConflict = error instanceof KubeError && error.reason === 'Conflict'
        if (!isConflict || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }

  /** Deletes a Secret that the API made; of any other only the label that says what it is for is taken away. */
  async deleteSecret(secret: KubeObject, signal: AbortSignal): Promise<void> {
    const { name = '', annotations } = secret.metadata
    if (annotations?.[MANAGED_BY] !== MANAGER) {
      return this.change('Secret', name, () => ({ labels: { [SECRET_TYPE_LABEL]: null } }), signal)
    }
    await this.#options.client.delete(this.#refOf('Secret', name), { signal })
    await this.#untilSeen('Secret', name, undefined)
  }

  async #tryChange(
    kind: StoredKind,
    name: string,
    edit: (object: KubeObject) => StoredChange | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, namespace } = this.#options
    const ref = this.#refOf(kind, name)
    const current = await client.get(ref, signal)
    if (current === undefined && kind === 'Secret') {
      throw new KubeError(404, 'NotFound', `secrets "${name}" not found`)
    }
    const object = current ?? { apiVersion: 'v1', kind, metadata: { name, namespace } }
    const change = edit(object)
    if (change === undefined) return
    const written =
      current === undefined
        ? await client.create(ref.type, { ...object, ...madeOf(change) }, { signal })
        : await client.patch(ref, 'merge', patchOf(kind, change, current), { signal })
    await this.#untilSeen(kind, name, written)
  }

  /** Calls that follow read the cache. */
  async #untilSeen(kind: StoredKind, name: string, written: KubeObject | undefined): Promise<void> {
    const { namespace, clock } = this.#options
    const cache = this.#cacheOf(kind)
    const seen = Promise.withResolvers<void>()
    const version = Number(written?.metadata.resourceVersion ?? 0)
    const look = (): void => {
      const cached = cache.get(namespace, name)
      const isSeen = written === undefined ? cached === undefined : Number(cached?.metadata.resourceVersion) >= version
      if (isSeen) seen.resolve()
    }
    const stop = cache.onChange(({ object }) => {
      // A handler is told before the next event is applied, and of a deletion after it.
      if (object.metadata.name === name) queueMicrotask(look)
    })
    const patience = new AbortController()
    look()
    await Promise.race([seen.promise, sleep(clock, MAX_WAIT_MS, patience.signal)]).catch(() => undefined)
    patience.abort()
    stop()
  }

  #cacheOf(kind: StoredKind): Informer {
    return kind === 'Secret' ? this.#options.secrets : this.#options.configMaps
  }

  #refOf(kind: StoredKind, name: string): ResourceRef {
    return { type: this.#cacheOf(kind).type, namespace: this.#options.namespace, name }
  }
}

function patchOf(
  kind: StoredKind,
  { values = {}, labels, annotations }: StoredChange,
  current: KubeObject,
): JsonObject {
  const { resourceVersion } = current.metadata
  const data = Object.entries(values).map(([key, value]) => [key, kind === 'Secret' ? encoded(value) : value] as const)
  return {
    metadata: {
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...(data.length === 0 ? {} : { data: Object.fromEntries(data) }),
  }
}

function madeOf({ values = {} }: StoredChange): { readonly data: Readonly<Record<string, string>> } {
  return { data: present(values) }
}

function encoded(value: string | null): string | null {
  return value === null ? null : Buffer.from(value, 'utf8').toString('base64')
}

function present(values: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[key, value]])))
}
