// Carries the operation of an application on: starts it, runs a step, retries, ends it.
import { messageOf } from '../../base/errors.ts'
import type { Operation, OperationPhase, OperationState, SyncOperationResult } from '../../crds/application.ts'
import { appendHistory } from './history.ts'
import { comeBack, nowOf, type Pass, recordEvent, setOperationState, setStatus, timestamp } from './pass.ts'
import { save } from './persist.ts'
import { kitchenTime, mayRetry, retryDelay } from './retry.ts'
import { higherLevel } from './refresh-decision.ts'
import { runSyncStep } from './sync-run.ts'

/** However quiet the cluster is, a running operation is looked at again after this time. */
const POLL_MS = 5_000

/** Does nothing where no operation is asked for. */
export async function runOperation(pass: Pass): Promise<void> {
  const { operation } = pass.application
  if (operation === undefined) return
  const state = await openState(pass, operation)
  if (state === undefined) return
  const waitMs = pass.memory.waveReadyMs - pass.dependencies.clock.now()
  if (waitMs > 0 && state.phase === 'Running') {
    comeBack(pass, waitMs)
    return
  }
  const next = await runSyncStep(pass, state)
  const isOver = next.phase === 'Succeeded' || next.phase === 'Failed' || next.phase === 'Error'
  if (isOver) endOrRetry(pass, next, state.phase === 'Terminating')
  else {
    setOperationState(pass, next)
    comeBack(pass, Math.max(pass.memory.waveReadyMs - pass.dependencies.clock.now(), 0) || POLL_MS)
  }
}

/** The state to go on with; a new one is saved first, so that a process that ends now finds its own hooks again. */
async function openState(pass: Pass, operation: Operation): Promise<OperationState | undefined> {
  const state = pass.application.status?.operationState
  if (state === undefined || isCompleted(state.phase)) {
    const started = startState(pass, operation)
    setOperationState(pass, started)
    await save(pass)
    return started
  }
  if (state.phase !== 'Running' || state.finishedAt === undefined) return state
  return retryState(pass, state)
}

function isCompleted(phase: OperationPhase): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Error'
}

/** Two operations of one application never start in the same second: their hooks could not be told apart. */
export function startState(pass: Pass, operation: Operation): OperationState {
  const { memory, application } = pass
  const last = Date.parse(application.status?.operationState?.startedAt ?? '')
  const previousMs = Math.max(memory.lastStartMs, Number.isNaN(last) ? 0 : last)
  memory.lastStartMs = Math.max(pass.dependencies.clock.now(), previousMs + 1000)
  memory.waveReadyMs = 0
  return { phase: 'Running', operation, startedAt: timestamp(memory.lastStartMs) }
}

/** A failed attempt waits for its time; then it starts anew with the same revision, unless retry.refresh drops it. */
function retryState(pass: Pass, state: OperationState): OperationState | undefined {
  const strategy = state.operation.retry ?? {}
  const attempt = state.retryCount ?? 0
  const dueMs = Date.parse(state.finishedAt ?? '') + retryDelay(strategy, attempt - 1)
  const waitMs = dueMs - pass.dependencies.clock.now()
  if (waitMs > 0) {
    comeBack(pass, waitMs)
    return undefined
  }
  const { finishedAt: _finishedAt, syncResult, ...rest } = state
  const message = `Retrying operation. Attempt #${attempt}`
  if (strategy.refresh === true) {
    const { revision: _revision, revisions: _revisions, ...sync } = state.operation.sync ?? {}
    const begun = syncResult === undefined ? {} : { syncResult: withoutRevisions(syncResult) }
    return { ...rest, operation: { ...state.operation, sync }, message, ...begun }
  }
  return { ...rest, message, ...(syncResult === undefined ? {} : { syncResult: { ...syncResult, resources: [] } }) }
}

/** The sources stay those that the operation began with. */
function withoutRevisions({ revisions: _revisions, ...result }: SyncOperationResult): SyncOperationResult {
  return { ...result, resources: [], revision: '' }
}

function endOrRetry(pass: Pass, state: OperationState, wasTerminated: boolean): void {
  const count = state.retryCount ?? 0
  const strategy = state.operation.retry
  if (state.phase === 'Succeeded' || wasTerminated || !mayRetry(strategy, count)) {
    const retried = state.phase === 'Succeeded' || count === 0 ? '' : ` (retried ${count} times).`
    end(pass, { ...state, message: `${state.message ?? ''}${retried}` })
    return
  }
  try {
    const delayMs = retryDelay(strategy ?? {}, count)
    const at = kitchenTime(pass.dependencies.clock.now() + delayMs)
    const message = `${state.message ?? ''}. Retrying attempt #${count + 1} at ${at}.`
    setOperationState(pass, { ...state, phase: 'Running', message, retryCount: count + 1, finishedAt: nowOf(pass) })
    comeBack(pass, delayMs)
  } catch (error) {
    end(pass, { ...state, message: `${state.message ?? ''} (failed to calculate next retry: ${messageOf(error)})` })
  }
}

/** Notes the end: state, history and the removed `operation` go into one patch. */
function end(pass: Pass, state: OperationState): void {
  // A start that was put off to its own second may lie ahead: nothing ends before it began.
  const now = timestamp(Math.max(pass.dependencies.clock.now(), Date.parse(state.startedAt)))
  const finished = { ...state, finishedAt: now }
  setStatus(pass, { operationState: finished, history: appendHistory(pass.application, finished, now) })
  pass.metrics?.synced(pass.application, pass.clusters.serverOf(pass.application.spec.destination), finished)
  const { operation: _operation, ...application } = pass.application
  pass.application = application
  const isManual = state.operation.initiatedBy?.automated !== true
  if (state.operation.sync?.dryRun !== true) {
    pass.memory.asked = higherLevel(pass.memory.asked, isManual ? 'forced' : 'latest')
  }
  const revision = state.syncResult?.revision || (state.syncResult?.revisions ?? []).join(', ')
  if (state.phase === 'Succeeded') {
    recordEvent(pass, 'Normal', 'OperationCompleted', `Sync operation to ${revision} succeeded`)
  } else {
    recordEvent(pass, 'Warning', 'OperationCompleted', `Sync operation to ${revision} failed: ${state.message ?? ''}`)
  }
}
