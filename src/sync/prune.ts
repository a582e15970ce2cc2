// Removes a live object that nothing wants any more, if the operation and the object allow it.
import { messageOf } from '../base/errors.ts'
import type { ResultCode } from '../crds/application.ts'
import type { KubeObject } from '../kube/object.ts'
import { resourceRefOf } from './resource-ref.ts'
import { TEXT } from './result-texts.ts'
import { pruneDecision, type SyncOptions } from './sync-options.ts'
import type { SyncEnvironment } from './sync-request.ts'

export interface PruneRequest {
  readonly live: KubeObject
  readonly options: SyncOptions
  /** The operation asks for pruning. */
  readonly prune: boolean
  readonly dryRun: boolean
}

export interface PruneResult {
  readonly status: ResultCode
  readonly message: string
}

/** Deletes the object unless it is already being deleted; a confirmation was asked for before. */
export async function pruneObject(
  { client, signal }: Pick<SyncEnvironment, 'client' | 'signal'>,
  { live, options, prune, dryRun }: PruneRequest,
): Promise<PruneResult> {
  if (!prune) return { status: 'PruneSkipped', message: TEXT.requiresPruning }
  if (pruneDecision(options, live) === 'no') return { status: 'PruneSkipped', message: TEXT.noPrune }
  if (dryRun) return { status: 'Pruned', message: TEXT.prunedDryRun }
  if (live.metadata.deletionTimestamp !== undefined) return { status: 'Pruned', message: TEXT.pruned }
  try {
    const ref = await resourceRefOf(client, live, signal)
    await client.delete(ref, { propagationPolicy: options.prunePropagationPolicy, signal })
    return { status: 'Pruned', message: TEXT.pruned }
  } catch (error) {
    signal.throwIfAborted()
    return { status: 'SyncFailed', message: messageOf(error) }
  }
}
