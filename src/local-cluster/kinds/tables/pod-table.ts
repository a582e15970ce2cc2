// The table of pods, whose status is the most consulted word of kubectl (printPod, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { ageOf } from './human-duration.ts'
import { ageCell, columns, nameOf, orElse, type KindTable } from './table.ts'

export const podTable: KindTable = {
  columns: columns('Name Ready Status Restarts Age IP* Node* Nominated_Node* Readiness_Gates*'),
  cells: (pod, nowMs) => {
    const [spec, status] = [objectOf(pod['spec']), objectOf(pod['status'])]
    const { ready, total, reason, restarts, lastRestart } = podProgress(pod)
    const ago = restarts > 0 && lastRestart !== '' ? ` (${ageOf(lastRestart, nowMs)} ago)` : ''
    return [
      nameOf(pod),
      `${ready}/${total}`,
      finalReason(pod, reason),
      `${restarts}${ago}`,
      ageCell(pod, nowMs),
      orElse(objectOf(listOf(status['podIPs'])[0])['ip'], '<none>'),
      orElse(spec['nodeName'], '<none>'),
      orElse(status['nominatedNodeName'], '<none>'),
      gatesCell(spec, status),
    ]
  },
}

interface Progress {
  readonly ready: number
  readonly total: number
  readonly reason: string
  readonly restarts: number
  /** When a container last ended, RFC 3339; empty where none did. */
  readonly lastRestart: string
}

function podProgress(pod: JsonObject): Progress {
  const [spec, status] = [objectOf(pod['spec']), objectOf(pod['status'])]
  const sidecars = new Set(objectsOf(spec['initContainers']).filter(isSidecar).map((container) => textOf(container['name']))) // prettier-ignore
  const total = listOf(spec['containers']).length + sidecars.size
  const init = initProgress(pod, sidecars)
  const isInitialized = hasCondition(status, 'Initialized')
  const begun: Progress = { ready: init.ready, total, reason: init.reason ?? firstReason(status), restarts: init.restarts, lastRestart: init.lastRestart } // prettier-ignore
  if (init.reason !== undefined && !isInitialized) return begun
  return mainProgress(status, { ...begun, restarts: init.sidecarRestarts, lastRestart: init.lastSidecarRestart })
}

function isSidecar(container: JsonObject): boolean {
  return container['restartPolicy'] === 'Always'
}

function firstReason(status: JsonObject): string {
  const isGated = objectsOf(status['conditions']).some(
    (condition) => condition['type'] === 'PodScheduled' && condition['reason'] === 'SchedulingGated',
  )
  return isGated ? 'SchedulingGated' : textOf(status['reason']) || textOf(status['phase'])
}

interface InitProgress {
  /** Why the pod is still initializing; undefined where it is not. */
  reason: string | undefined
  ready: number
  restarts: number
  lastRestart: string
  sidecarRestarts: number
  lastSidecarRestart: string
}

function initProgress(pod: JsonObject, sidecars: ReadonlySet<string>): InitProgress {
  const progress: InitProgress = { reason: undefined, ready: 0, restarts: 0, lastRestart: '', sidecarRestarts: 0, lastSidecarRestart: '' } // prettier-ignore
  const count = listOf(objectOf(pod['spec'])['initContainers']).length
  for (const [index, container] of objectsOf(objectOf(pod['status'])['initContainerStatuses']).entries()) {
    const ofSidecar = sidecars.has(textOf(container['name']))
    progress.restarts += numberOf(container['restartCount'])
    progress.lastRestart = later(progress.lastRestart, lastEnd(container))
    if (ofSidecar) {
      progress.sidecarRestarts += numberOf(container['restartCount'])
      progress.lastSidecarRestart = later(progress.lastSidecarRestart, lastEnd(container))
    }
    const isUp = ofSidecar && container['started'] === true
    if (isUp && container['ready'] === true) progress.ready += 1
    const reason = isUp ? undefined : initReason(container, index, count)
    if (reason !== undefined) return { ...progress, reason }
  }
  return progress
}

function initReason(container: JsonObject, index: number, count: number): string | undefined {
  const state = objectOf(container['state'])
  const terminated = state['terminated']
  if (isObject(terminated)) return numberOf(terminated['exitCode']) === 0 ? undefined : `Init:${endReason(terminated)}`
  const waiting = textOf(objectOf(state['waiting'])['reason'])
  return waiting === '' || waiting === 'PodInitializing' ? `Init:${index}/${count}` : `Init:${waiting}`
}

function endReason(terminated: JsonObject): string {
  const reason = textOf(terminated['reason'])
  if (reason !== '') return reason
  const signal = numberOf(terminated['signal'])
  return signal === 0 ? `ExitCode:${numberOf(terminated['exitCode'])}` : `Signal:${signal}`
}

function lastEnd(container: JsonObject): string {
  return textOf(objectOf(objectOf(container['lastState'])['terminated'])['finishedAt'])
}

function later(a: string, b: string): string {
  return a > b ? a : b
}

/** Containers are read from the last, so the first with something to tell has the word. */
function mainProgress(status: JsonObject, begun: Progress): Progress {
  let { ready, reason, restarts, lastRestart } = begun
  let [isRunning, failure] = [false, '']
  for (const container of objectsOf(status['containerStatuses']).toReversed()) {
    restarts += numberOf(container['restartCount'])
    lastRestart = later(lastRestart, lastEnd(container))
    const state = objectOf(container['state'])
    const waiting = textOf(objectOf(state['waiting'])['reason'])
    const terminated = state['terminated']
    if (waiting !== '') reason = waiting
    else if (isObject(terminated)) {
      reason = endReason(terminated)
      if (numberOf(terminated['exitCode']) !== 0) failure = reason
    } else if (container['ready'] === true && isObject(state['running'])) {
      isRunning = true
      ready += 1
    }
  }
  return { ...begun, ready, restarts, lastRestart, reason: completedReason(status, reason, isRunning, failure) }
}

function completedReason(status: JsonObject, reason: string, isRunning: boolean, failure: string): string {
  if (reason !== 'Completed') return reason
  if (isRunning && hasCondition(status, 'Ready')) return 'Running'
  if (failure !== '') return failure
  return isRunning ? 'NotReady' : reason
}

function hasCondition(status: JsonObject, type: string): boolean {
  return objectsOf(status['conditions']).some(
    (condition) => condition['type'] === type && condition['status'] === 'True',
  )
}

function finalReason(pod: JsonObject, reason: string): string {
  const status = objectOf(pod['status'])
  if (isAbsent(objectOf(pod['metadata'])['deletionTimestamp'])) return reason
  if (status['reason'] === 'NodeLost') return 'Unknown'
  const isOver = status['phase'] === 'Failed' || status['phase'] === 'Succeeded'
  return isOver ? reason : 'Terminating'
}

function gatesCell(spec: JsonObject, status: JsonObject): string {
  const gates = objectsOf(spec['readinessGates'])
  if (gates.length === 0) return '<none>'
  const open = gates.filter((gate) => hasCondition(status, textOf(gate['conditionType'])))
  return `${open.length}/${gates.length}`
}
