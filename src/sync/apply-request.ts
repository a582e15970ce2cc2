// What applying one object is given and answers, and the pieces every way of applying shares.
import type { ResourceRef, WriteOptions } from '../kube/client/client.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import { FIELD_MANAGER } from './annotations.ts'
import { poll } from './poll.ts'
import { type SyncOptions, wantsValidation } from './sync-options.ts'
import type { SyncEnvironment } from './sync-request.ts'

export interface ApplyRequest {
  readonly target: KubeObject
  readonly live: KubeObject | undefined
  readonly options: SyncOptions
  /** The operation's own force; an object may ask for it too. */
  readonly force: boolean
  readonly migrationManager: string
  readonly dryRun: boolean
}

export interface ApplyResult {
  readonly status: 'Synced' | 'SyncFailed'
  readonly message: string
  /** As the cluster answered; absent for a dry run and a failure. */
  readonly object?: KubeObject
}

export type ApplyVerb = 'created' | 'configured' | 'unchanged' | 'replaced' | 'serverside-applied'

/** `deployment.apps/web configured`, as kubectl prints it. */
export function applied(request: ApplyRequest, verb: ApplyVerb, object?: KubeObject): ApplyResult {
  const { group, kind } = kindOf(request.target)
  const resource = group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`
  const message = `${resource}/${request.target.metadata.name ?? ''} ${verb}${request.dryRun ? ' (dry run)' : ''}`
  return { status: 'Synced', message, ...(object === undefined ? {} : { object }) }
}

/** Fields are validated strictly by the server unless an option switches it off. */
export function writeOptions(environment: SyncEnvironment, { options, target }: ApplyRequest): WriteOptions {
  return {
    fieldManager: FIELD_MANAGER,
    fieldValidation: wantsValidation(options, target) ? 'Strict' : 'Ignore',
    signal: environment.signal,
  }
}

/** The object as it may be sent: no namespace where the kind has none. */
export function sendable(ref: ResourceRef, object: KubeObject): KubeObject {
  return ref.type.namespaced || object.metadata.namespace === undefined ? object : withoutNamespace(object)
}

export function withoutNamespace(object: KubeObject): KubeObject {
  const { namespace: _namespace, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** Deletes an object and waits until it is gone; the caller creates it anew. */
export async function deleteAndWait({ client, clock, signal }: SyncEnvironment, ref: ResourceRef): Promise<void> {
  await client.delete(ref, { propagationPolicy: 'Background', gracePeriodSeconds: 0, signal })
  const isGone = async (): Promise<boolean> => (await client.get(ref, signal)) === undefined
  await poll(isGone, { clock, signal, timeoutMs: GONE_TIMEOUT_MS, subject: `deletion of ${ref.name}` })
}

/** How long a forced replacement waits for the old object to go. */
const GONE_TIMEOUT_MS = 60_000
