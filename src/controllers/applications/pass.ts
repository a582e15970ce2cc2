// One pass over one application: what was read, what is to be written, and what else the steps share.
import type { Log } from '../../base/log.ts'
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Application, ApplicationStatus, OperationState } from '../../crds/application.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import type { TrackingMark } from '../../live/tracking.ts'
import type { AppMemory } from './app-memory.ts'
import type { ClusterRecord } from './cluster-client.ts'
import type { Clusters } from './clusters.ts'
import type { EngineDependencies } from './dependencies.ts'
import type { EngineMetrics } from './engine-metrics.ts'
import type { EngineSettings } from './engine-settings.ts'
import type { FollowedObjects } from './followed-objects.ts'

/** Where an application goes, once its spec has been found good. */
export interface Destination {
  readonly cluster: ClusterRecord
  readonly cache: ClusterCache
  readonly project: AppProject
  readonly mark: TrackingMark
}

export interface Pass {
  readonly dependencies: EngineDependencies
  readonly clusters: Clusters
  readonly followed: FollowedObjects
  readonly settings: EngineSettings
  readonly memory: AppMemory
  /** As it stands in the cluster: read at the start, or written since. */
  before: Application
  /** As it will be written at the end. */
  application: Application
  /** Why the object is no valid Application. */
  readonly fault: string | undefined
  /** The earliest time another pass is due. */
  againMs: number | undefined
  /** True for marks of applications that exist. */
  readonly isApplication: (mark: string) => boolean
  /** Undefined where nobody asks for figures. */
  readonly metrics: EngineMetrics | undefined
  readonly log: Log
  readonly signal: AbortSignal
}

/** Whole seconds, as Kubernetes writes times. */
export function timestamp(ms: number): string {
  return rfc3339Seconds(ms)
}

export function nowOf(pass: Pass): string {
  return timestamp(pass.dependencies.clock.now())
}

/** Asks for another pass after a delay; the earliest of several counts. */
export function comeBack(pass: Pass, delayMs: number): void {
  pass.againMs = pass.againMs === undefined ? delayMs : Math.min(pass.againMs, delayMs)
}

/** Puts fields into the status that will be written. */
export function setStatus(pass: Pass, fields: Partial<ApplicationStatus>): void {
  pass.application = { ...pass.application, status: { ...pass.application.status, ...fields } }
}

export function setOperationState(pass: Pass, state: OperationState): void {
  setStatus(pass, { operationState: state })
}

/** Records an event about the application, with upstream's reasons. */
export function recordEvent(pass: Pass, type: 'Normal' | 'Warning', reason: string, message: string): void {
  pass.dependencies.events.record(pass.before, { type, reason, message })
}
