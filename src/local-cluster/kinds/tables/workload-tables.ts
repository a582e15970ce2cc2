// Tables of what makes pods (pkg/printers/internalversion, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { TableCell } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { ageOf, humanDuration } from './human-duration.ts'
import { ageCell, columns, containerCells, labelsCell, nameOf, orElse, selectorCell, type KindTable } from './table.ts'

const OWNED = 'Containers* Images* Selector*'

export const workloadTables: Readonly<Record<string, KindTable>> = {
  'apps/v1/Deployment': {
    columns: columns(`Name Ready Up-to-date Available Age ${OWNED}`),
    cells: (object, nowMs) => {
      const { spec, status } = partsOf(object)
      const ready = `${numberOf(status['readyReplicas'])}/${numberOf(spec['replicas'])}`
      const counts = [numberOf(status['updatedReplicas']), numberOf(status['availableReplicas'])]
      return [nameOf(object), ready, ...counts, ageCell(object, nowMs), ...ownedCells(spec)]
    },
  },
  'apps/v1/ReplicaSet': replicaTable((spec) => selectorCell(spec['selector'])),
  '/v1/ReplicationController': replicaTable((spec) => labelsCell(spec['selector'])),
  'apps/v1/StatefulSet': {
    columns: columns('Name Ready Age Containers* Images*'),
    cells: (object, nowMs) => {
      const { spec, status } = partsOf(object)
      const ready = `${numberOf(status['readyReplicas'])}/${numberOf(spec['replicas'])}`
      return [nameOf(object), ready, ageCell(object, nowMs), ...containerCells(podSpecOf(spec))]
    },
  },
  'apps/v1/DaemonSet': {
    columns: columns(`Name Desired:integer Current:integer Ready:integer Up-to-date:integer Available:integer Node_Selector Age ${OWNED}`), // prettier-ignore
    cells: (object, nowMs) => {
      const { spec, status } = partsOf(object)
      const counts = DAEMON_COUNTS.map((key) => numberOf(status[key]))
      const nodes = labelsCell(podSpecOf(spec)['nodeSelector'])
      return [nameOf(object), ...counts, nodes, ageCell(object, nowMs), ...ownedCells(spec)]
    },
  },
  'batch/v1/Job': {
    columns: columns(`Name Status Completions Duration Age ${OWNED}`),
    cells: (object, nowMs) => {
      const { spec, status } = partsOf(object)
      return [nameOf(object), jobStatus(object), completionsCell(spec, status), jobDuration(status, nowMs), ageCell(object, nowMs), ...ownedCells(spec)] // prettier-ignore
    },
  },
  'batch/v1/CronJob': {
    columns: columns(`Name Schedule Timezone Suspend:boolean Active:integer Last_Schedule Age ${OWNED}`),
    cells: cronJobCells,
  },
  '/v1/PodTemplate': {
    columns: columns('Name Containers Images Pod_Labels'),
    cells: (object) => {
      const template = objectOf(object['template'])
      const labels = objectOf(template['metadata'])['labels']
      return [nameOf(object), ...containerCells(objectOf(template['spec'])), labelsCell(labels)]
    },
  },
  'apps/v1/ControllerRevision': {
    columns: columns('Name Controller Revision Age'),
    cells: (object, nowMs) => {
      const owners = objectsOf(objectOf(object['metadata'])['ownerReferences'])
      const owner = owners.find((candidate) => candidate['controller'] === true)
      return [nameOf(object), owner === undefined ? '<none>' : ownerCell(owner), numberOf(object['revision']), ageCell(object, nowMs)] // prettier-ignore
    },
  },
}

const DAEMON_COUNTS = ['desiredNumberScheduled', 'currentNumberScheduled', 'numberReady', 'updatedNumberScheduled', 'numberAvailable'] // prettier-ignore

function partsOf(object: JsonObject): { readonly spec: JsonObject; readonly status: JsonObject } {
  return { spec: objectOf(object['spec']), status: objectOf(object['status']) }
}

function podSpecOf(spec: JsonObject): JsonObject {
  return objectOf(objectOf(spec['template'])['spec'])
}

function ownedCells(spec: JsonObject): readonly TableCell[] {
  return [...containerCells(podSpecOf(spec)), selectorCell(spec['selector'])]
}

function replicaTable(selector: (spec: JsonObject) => string): KindTable {
  return {
    columns: columns(`Name Desired:integer Current:integer Ready:integer Age ${OWNED}`),
    cells: (object, nowMs) => {
      const { spec, status } = partsOf(object)
      const counts = [numberOf(spec['replicas']), numberOf(status['replicas']), numberOf(status['readyReplicas'])]
      return [nameOf(object), ...counts, ageCell(object, nowMs), ...containerCells(podSpecOf(spec)), selector(spec)]
    },
  }
}

/** `deployment.apps/web`, as kubectl names owners. */
function ownerCell(owner: JsonObject): string {
  const version = textOf(owner['apiVersion'])
  const group = version.includes('/') ? `.${version.slice(0, version.indexOf('/'))}` : ''
  return `${textOf(owner['kind']).toLowerCase()}${group}/${textOf(owner['name'])}`
}

/** Conditions in the order their words win. */
const JOB_CONDITIONS: readonly (readonly [string, string])[] = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['', 'Terminating'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
]

function jobStatus(object: JsonObject): string {
  const { status } = partsOf(object)
  const isDeleted = !isAbsent(objectOf(object['metadata'])['deletionTimestamp'])
  const met = new Set<JsonValue>(isDeleted ? [''] : [])
  for (const condition of objectsOf(status['conditions'])) if (condition['status'] === 'True') met.add(condition['type'] ?? null) // prettier-ignore
  return JOB_CONDITIONS.find(([type]) => met.has(type))?.[1] ?? 'Running'
}

function completionsCell(spec: JsonObject, status: JsonObject): string {
  const done = numberOf(status['succeeded'])
  if (!isAbsent(spec['completions'])) return `${done}/${numberOf(spec['completions'])}`
  const parallel = numberOf(spec['parallelism'])
  return parallel > 1 ? `${done}/1 of ${parallel}` : `${done}/1`
}

function jobDuration(status: JsonObject, nowMs: number): string {
  const { startTime, completionTime } = status
  if (isAbsent(startTime)) return ''
  const end = isAbsent(completionTime) ? nowMs : Date.parse(textOf(completionTime))
  return humanDuration(end - Date.parse(textOf(startTime)))
}

function cronJobCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const { spec, status } = partsOf(object)
  const job = objectOf(objectOf(spec['jobTemplate'])['spec'])
  const last = status['lastScheduleTime']
  return [
    nameOf(object),
    textOf(spec['schedule']),
    orElse(spec['timeZone'], '<none>'),
    spec['suspend'] === true ? 'True' : 'False',
    listOf(status['active']).length,
    isAbsent(last) ? '<none>' : ageOf(last, nowMs),
    ageCell(object, nowMs),
    ...containerCells(podSpecOf(job)),
    selectorCell(job['selector']),
  ]
}
