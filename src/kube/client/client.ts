// The one way to talk to a cluster: a dynamic client over plain JSON objects, whatever the transport.
import { CapstanError, type ErrorCode } from '../../base/errors.ts'
import type { GroupKind, JsonObject, JsonValue, KubeObject } from '../object.ts'

/** A resource as discovery names it. */
export interface ResourceType {
  readonly group: string
  readonly version: string
  /** Plural name used in paths: `deployments`. */
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  /** Names of subresources: `status`, `scale`, `log`. */
  readonly subresources: readonly string[]
}

/** Names one object of a resource; `namespace` is ignored for cluster scope. */
export interface ResourceRef {
  readonly type: ResourceType
  readonly namespace?: string
  readonly name: string
  /** `status`, `scale` … */
  readonly subresource?: string
}

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly signal?: AbortSignal
}

export interface WriteOptions {
  readonly fieldManager?: string
  readonly dryRun?: boolean
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  readonly signal?: AbortSignal
}

export interface CreateOptions extends WriteOptions {
  /** Sends the object to this subresource of the object it names: `binding`, `eviction`, `token`. */
  readonly subresource?: string
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

export interface PatchOptions extends WriteOptions {
  /** Only for `apply`. */
  readonly force?: boolean
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}

export interface ExecOptions {
  readonly container: string
  readonly command: readonly string[]
}

/** How a command ended; `exitCode` is absent where it could not be run. */
export interface CommandEnd {
  readonly exitCode?: number
  readonly message: string
}

/** A command at a terminal of its own. */
export interface RunningCommand {
  /** What it shows, until it ends. */
  readonly output: AsyncIterable<Uint8Array>
  /** Types; resolves when there is room for more. */
  write(data: Uint8Array): Promise<void>
  /** Tells the size of the terminal, in characters. */
  resize(columns: number, rows: number): Promise<void>
  /** Known once the output has ended. */
  end(): CommandEnd
  close(): void
}

export interface ObjectList {
  /** Every item carries apiVersion and kind, also where the wire leaves them out. */
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubeObject
}

/** Talks to one cluster. Every failure is a `KubeError`, or the abort's reason. */
export interface KubeClient {
  /** The preferred version's resource of a kind, or that of `version`; undefined where the cluster serves none. Discovery is cached and read anew after a miss. */
  resourceOf(kind: GroupKind & { readonly version?: string }, signal?: AbortSignal): Promise<ResourceType | undefined>
  /** Everything served, preferred versions only. */
  resources(signal?: AbortSignal): Promise<readonly ResourceType[]>
  /** `/version` of the cluster. */
  serverVersion(
    signal?: AbortSignal,
  ): Promise<{ readonly gitVersion: string; readonly major: string; readonly minor: string }>
  /** Undefined where the object does not exist. */
  get(ref: ResourceRef, signal?: AbortSignal): Promise<KubeObject | undefined>
  /** Follows `continue` to the end, 500 at a time. */
  list(type: ResourceType, options?: ListOptions): Promise<ObjectList>
  create(type: ResourceType, object: KubeObject, options?: CreateOptions): Promise<KubeObject>
  /** Replaces the object (or, with `subresource`, that part of it); a resourceVersion in it must be the current one. */
  update(ref: ResourceRef, object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  patch(ref: ResourceRef, patchType: PatchType, patch: JsonValue, options?: PatchOptions): Promise<KubeObject>
  /** False where it did not exist. */
  delete(ref: ResourceRef, options?: DeleteOptions): Promise<boolean>
  /** Events after `resourceVersion`, until the signal aborts; ends normally on a server time-out, throws `KubeError` 410 when the version is too old. */
  watch(type: ResourceType, options: ListOptions & { readonly resourceVersion: string }): AsyncIterable<WatchEvent>
  /** What a subresource such as `log` writes, as it comes, until the signal aborts; `query` is sent with it. */
  read(
    ref: ResourceRef,
    query: Readonly<Record<string, string | number | undefined>>,
    signal: AbortSignal,
  ): Promise<AsyncIterable<string | Uint8Array>>
  /** Starts a command in a container of a pod; `ref` names the pod. The signal ends it. */
  exec(ref: ResourceRef, command: ExecOptions, signal: AbortSignal): Promise<RunningCommand>
  /** The same cluster, asked as another user: `system:serviceaccount:<namespace>:<name>`. Ends with this client. */
  as(user: string): KubeClient
  close(): Promise<void>
}

/** An error answer of an API server: the Status object and its HTTP code. */
export class KubeError extends CapstanError {
  readonly status: number
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Expired` … */
  readonly reason: string
  readonly details: JsonObject | undefined

  constructor(status: number, reason: string, message: string, details?: JsonObject) {
    super(codeOf(status, reason), message)
    this.name = 'KubeError'
    this.status = status
    this.reason = reason
    this.details = details
  }
}

function codeOf(status: number, reason: string): ErrorCode {
  if (reason === 'AlreadyExists') return 'already-exists'
  switch (status) {
    case 400:
    case 422:
      return 'bad-input'
    case 401:
      return 'unauthenticated'
    case 403:
      return 'forbidden'
    case 404:
      return 'not-found'
    case 409:
    case 410:
      return 'conflict'
    case 504:
      return 'timeout'
    default:
      return status >= 500 ? 'unavailable' : 'internal'
  }
}
