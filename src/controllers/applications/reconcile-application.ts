// One pass over one application, as a list of steps; what has changed is written once, at the end.
import type { Log } from '../../base/log.ts'
import type { Application } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { compareVersions } from '../../live/resource-version.ts'
import type { ReconcileResult, StepResult } from '../../reconcile/outcome.ts'
import { runSteps, type Step } from '../../reconcile/steps.ts'
import type { AppMemory } from './app-memory.ts'
import { requestOfMark } from './application-name.ts'
import { autoSync } from './auto-sync-step.ts'
import type { Clusters } from './clusters.ts'
import { replaceConditions } from './conditions.ts'
import { finalize } from './deletion.ts'
import type { EngineDependencies } from './dependencies.ts'
import type { EngineMetrics } from './engine-metrics.ts'
import type { FollowedObjects } from './followed-objects.ts'
import { runOperation } from './operation.ts'
import { comeBack, nowOf, type Pass, setStatus } from './pass.ts'
import { persist } from './persist.ts'
import { dropAnnotation, refresh } from './refresh.ts'

export interface PassInput {
  readonly dependencies: EngineDependencies
  readonly clusters: Clusters
  readonly followed: FollowedObjects
  readonly memory: AppMemory
  /** The Application as last seen. */
  readonly object: Application
  readonly metrics: EngineMetrics | undefined
  readonly signal: AbortSignal
  readonly log: Log
}

const SKIP_RECONCILE = 'argocd.argoproj.io/skip-reconcile'
/** What Go's strconv.ParseBool takes for true. */
const GO_TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])

/** In order; `done` ends the pass, after which it is written. */
const STEPS: readonly Step<Pass>[] = [skipIfAsked, deleteIfAsked, carryOperation, refreshAndSync]

export async function reconcileApplication(input: PassInput): Promise<ReconcileResult> {
  const pass = openPass(input)
  await runSteps(STEPS, pass)
  await persist(pass)
  return pass.againMs === undefined ? 'done' : { retryAfterMs: pass.againMs }
}

/** The informer may lag behind what this process has written itself. */
function openPass({ object, memory, dependencies, clusters, followed, metrics, signal, log }: PassInput): Pass {
  const { written } = memory
  const isOwn = written?.metadata.uid === object.metadata.uid
  const isAhead = written !== undefined && isOwn && compareVersions(versionOf(written), versionOf(object)) > 0
  const application = isAhead ? followed.readApplication(written) : object
  if (!isAhead) memory.written = undefined
  const pass: Pass = {
    dependencies,
    clusters,
    followed,
    settings: dependencies.settings(),
    memory,
    before: application,
    application,
    fault: followed.faultOf(application),
    againMs: undefined,
    isApplication: (mark) => {
      const request = requestOfMark(mark, dependencies.namespace)
      return followed.applications.get(request.namespace, request.name) !== undefined
    },
    metrics,
    log,
    signal,
  }
  return pass
}

function versionOf(object: KubeObject): string {
  return object.metadata.resourceVersion ?? ''
}

/** An object that is no valid Application is told so in its conditions. */
async function skipIfAsked(pass: Pass): Promise<StepResult> {
  const { application, fault } = pass
  if (fault !== undefined) {
    const condition = { type: 'InvalidSpecError', message: fault } as const
    const current = application.status?.conditions ?? []
    setStatus(pass, { conditions: replaceConditions(current, [condition], new Set(['InvalidSpecError']), nowOf(pass)) })
    return 'done'
  }
  return GO_TRUE.has(application.metadata.annotations?.[SKIP_RECONCILE] ?? '') ? 'done' : 'continue'
}

/** How long an application that is to be deleted waits for its operation: upstream waits until somebody terminates it. */
const OPERATION_PATIENCE_MS = 30_000

/** True while the deletion waits for an operation to end; after a while it is given up with the application. */
async function isOperating(pass: Pass, deletedMs: number): Promise<boolean> {
  const leftMs = deletedMs + OPERATION_PATIENCE_MS - pass.dependencies.clock.now()
  if (pass.application.operation === undefined || leftMs <= 0) return false
  await runOperation(pass)
  if (pass.application.operation === undefined) return false
  comeBack(pass, leftMs)
  return true
}

async function deleteIfAsked(pass: Pass): Promise<StepResult> {
  const { deletionTimestamp } = pass.application.metadata
  if (deletionTimestamp === undefined) return 'continue'
  if (await isOperating(pass, Date.parse(deletionTimestamp))) return 'done'
  // Somebody waits for the answer; hooks of the deletion are read anew in any case.
  dropAnnotation(pass)
  await finalize(pass)
  return 'done'
}

async function carryOperation(pass: Pass): Promise<StepResult> {
  await runOperation(pass)
  return 'continue'
}

async function refreshAndSync(pass: Pass): Promise<StepResult> {
  const refreshed = await refresh(pass)
  if (refreshed !== undefined) await autoSync(pass, refreshed)
  return 'done'
}
