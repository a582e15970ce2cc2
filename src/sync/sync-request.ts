// What one step of a sync is given, what it may use, and what it answers.
import type { Clock } from '../base/clock.ts'
import type { OperationPhase, ResourceResult } from '../crds/application.ts'
import type { Health } from '../health/health.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import type { SyncOptions } from './sync-options.ts'
import type { SyncTask } from './task.ts'

export interface SyncRequest {
  /** All tasks of the operation, ordered, with what is live now. */
  readonly tasks: readonly SyncTask[]
  /** As the last step left them; empty in the first. */
  readonly results: readonly ResourceResult[]
  readonly namespace: string
  /** See `ANNOTATION.hookOperation`. */
  readonly operationId: string
  readonly options: SyncOptions
  readonly dryRun: boolean
  readonly force: boolean
  /** The operation asks for pruning. */
  readonly prune: boolean
  /** The application carries an approval that is younger than the operation. */
  readonly pruneConfirmed: boolean
  /** Whose fields a change to server-side apply takes over; kubectl's by default. */
  readonly migrationManager: string
  /** False where wanted and live are equal: such tasks are dropped with ApplyOutOfSyncOnly=true. */
  readonly isModified: (task: SyncTask) => boolean
}

export interface SyncEnvironment {
  readonly client: KubeClient
  readonly clock: Clock
  readonly health: (object: KubeObject) => Health | undefined
  /** Told of every object as the cluster answered it, so that the next step does not look at an older one. */
  readonly observe: (object: KubeObject) => void
  /** Saves results before something is removed that could not be looked at again. */
  readonly checkpoint: (results: readonly ResourceResult[]) => Promise<void>
  /** Called with objects of one kind before they are applied, hooks too: what their pods need may be brought then. Never rejects but for an abort. */
  readonly beforeApply?: (objects: readonly KubeObject[]) => Promise<void>
  /** ARGOCD_SYNC_WAVE_DELAY where it is set; see `wave-delay.ts`. */
  readonly waveDelayMs: number | undefined
  readonly signal: AbortSignal
}

export interface StepOutcome {
  readonly phase: OperationPhase
  readonly message: string
  readonly results: readonly ResourceResult[]
  /** The next wave may not start before this time has passed. */
  readonly delayMs: number
}
