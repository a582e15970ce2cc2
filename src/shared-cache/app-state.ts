// What a controller tells servers of applications and clusters, under the keys and in the form of argo-cd v3.5.1 (`util/cache/appstate/cache.go`, `util/cache/redis.go`).
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { CapstanError } from '../base/errors.ts'
import type { ApplicationTree, ResourceDiff } from '../crds/tree.ts'
import type { SharedStore } from './redis-store.ts'

/** argo-cd v3.5.1 common.CacheVersion: part of every key. */
const CACHE_VERSION = '1.8.3'
/** ARGOCD_APP_STATE_CACHE_EXPIRATION's default. */
export const APP_STATE_TTL_MS = 3_600_000
const CLUSTER_INFO_TTL_MS = 600_000
/** A value that was not written by us may be anything. */
const MAX_VALUE_BYTES = 256 * 1024 * 1024

const compress = promisify(gzip)
const decompress = promisify(gunzip)

/** Ours beside upstream's fields: the object holds values that were filled in, so that only the masked texts may be shown. */
export type SharedResource = ResourceDiff & { readonly filled?: true }

/** Upstream's message ClusterInfo, as far as it is used. */
export interface SharedClusterInfo {
  readonly connectionState: { readonly status: string; readonly message: string; readonly attemptedAt: string }
  readonly serverVersion?: string
  readonly cacheInfo: { readonly resourcesCount?: number; readonly apisCount?: number }
  readonly applicationsCount: number
}

export interface AppStateOptions {
  readonly store: SharedStore
  /** REDIS_COMPRESSION: `gzip`, upstream's default, or `none`. */
  readonly isCompressed?: boolean
  /** ARGOCD_REDIS_KEY_PREFIX */
  readonly prefix?: string
}

/** Applications are named as upstream does: `name`, or `namespace_name` outside of the control plane's namespace. */
export class AppState {
  readonly #store: SharedStore
  readonly #isCompressed: boolean
  readonly #prefix: string

  constructor({ store, isCompressed = true, prefix = '' }: AppStateOptions) {
    this.#store = store
    this.#isCompressed = isCompressed
    this.#prefix = prefix
  }

  async setTree(app: string, tree: ApplicationTree): Promise<void> {
    await this.#set(treeKey(app), tree, APP_STATE_TTL_MS)
  }

  async tree(app: string): Promise<ApplicationTree | undefined> {
    // Written by a controller, ours or upstream's, in the form of the type.
    const tree = (await this.#get(treeKey(app))) as (ApplicationTree & { readonly shardsCount?: number }) | undefined
    if (tree?.shardsCount === undefined || tree.shardsCount <= 1) return tree
    return this.#merged(app, tree, tree.shardsCount)
  }

  async setManagedResources(app: string, resources: readonly SharedResource[]): Promise<void> {
    await this.#set(managedKey(app), resources, APP_STATE_TTL_MS)
  }

  async managedResources(app: string): Promise<readonly SharedResource[] | undefined> {
    return (await this.#get(managedKey(app))) as readonly SharedResource[] | undefined // as above
  }

  async forget(app: string): Promise<void> {
    await this.#store.delete([treeKey(app), managedKey(app)].map((key) => this.#stored(key)))
    await this.notify(app)
  }

  /** Tells that the tree has changed. */
  async notify(app: string): Promise<void> {
    await this.#store.publish(channelOf(app))
  }

  onChange(app: string, listener: () => void): () => void {
    return this.#store.subscribe(channelOf(app), listener)
  }

  async setClusterInfo(server: string, info: SharedClusterInfo): Promise<void> {
    await this.#set(clusterKey(server), info, CLUSTER_INFO_TTL_MS)
  }

  async clusterInfo(server: string): Promise<SharedClusterInfo | undefined> {
    return (await this.#get(clusterKey(server))) as SharedClusterInfo | undefined // as above
  }

  /** Upstream may store a large tree in parts (ARGOCD_APPLICATION_TREE_SHARD_SIZE). */
  async #merged(app: string, first: ApplicationTree, count: number): Promise<ApplicationTree> {
    let merged = first
    for (let part = 1; part < count; part++) {
      const next = (await this.#get(treeKey(app, part))) as ApplicationTree | undefined
      if (next === undefined)
        throw new CapstanError('unavailable', `part ${part} of the tree of ${app} is not there yet`)
      merged = {
        ...merged,
        nodes: [...(merged.nodes ?? []), ...(next.nodes ?? [])],
        orphanedNodes: [...(merged.orphanedNodes ?? []), ...(next.orphanedNodes ?? [])],
        hosts: [...(merged.hosts ?? []), ...(next.hosts ?? [])],
      }
    }
    return merged
  }

  async #set(key: string, value: unknown, ttlMs: number): Promise<void> {
    const text = Buffer.from(`${JSON.stringify(value)}\n`)
    await this.#store.set(this.#stored(key), this.#isCompressed ? await compress(text) : text, ttlMs)
  }

  async #get(key: string): Promise<unknown> {
    const bytes = await this.#store.get(this.#stored(key))
    if (bytes === undefined) return undefined
    try {
      const text = this.#isCompressed ? await decompress(bytes, { maxOutputLength: MAX_VALUE_BYTES }) : bytes
      return JSON.parse(text.toString('utf8'))
    } catch (error) {
      throw new CapstanError('unavailable', `shared cache: ${key} cannot be read`, { cause: error })
    }
  }

  #stored(key: string): string {
    return `${this.#prefix}${key}|${CACHE_VERSION}${this.#isCompressed ? '.gz' : ''}`
  }
}

function treeKey(app: string, part = 0): string {
  return part === 0 ? `app|resources-tree|${app}` : `app|resources-tree|${app}|${part}`
}

function managedKey(app: string): string {
  return `app|managed-resources|${app}`
}

function clusterKey(server: string): string {
  return `cluster|info|${server}`
}

/** Neither prefixed nor with a suffix: upstream publishes the key as it is before it is stored. */
function channelOf(app: string): string {
  return `${managedKey(app)}|${CACHE_VERSION}`
}
