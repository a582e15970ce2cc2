// Tables of the cluster's own kinds: nodes, storage, access, quotas, events (pkg/printers/internalversion, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { TableCell } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { ageOf } from './human-duration.ts'
import { defaultName } from './network-tables.ts'
import { ageCell, columns, nameOf, orElse, type KindTable } from './table.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'

export const clusterTables: Readonly<Record<string, KindTable>> = {
  '/v1/Node': {
    columns: columns('Name Status Roles Age Version Internal-IP* External-IP* OS-Image* Kernel-Version* Container-Runtime*'), // prettier-ignore
    cells: nodeCells,
  },
  '/v1/Namespace': {
    columns: columns('Name Status Age'),
    cells: (object, nowMs) => [nameOf(object), textOf(objectOf(object['status'])['phase']), ageCell(object, nowMs)],
  },
  '/v1/Secret': {
    columns: columns('Name Type Data Age'),
    cells: (object, nowMs) => [nameOf(object), textOf(object['type']), sizeOf(object['data']), ageCell(object, nowMs)],
  },
  '/v1/ConfigMap': {
    columns: columns('Name Data Age'),
    cells: (object, nowMs) => [nameOf(object), sizeOf(object['data']) + sizeOf(object['binaryData']), ageCell(object, nowMs)], // prettier-ignore
  },
  '/v1/ServiceAccount': {
    columns: columns('Name Age'),
    cells: (object, nowMs) => [nameOf(object), ageCell(object, nowMs)],
  },
  '/v1/ResourceQuota': { columns: columns('Name Request Limit Age'), cells: quotaCells },
  '/v1/Event': {
    columns: columns('Last_Seen Type Reason Object Subobject* Source* Message First_Seen* Count* Name*'),
    cells: (object, nowMs) => eventCells(object, object['involvedObject'], nowMs),
  },
  'events.k8s.io/v1/Event': {
    columns: columns('Last_Seen Type Reason Object Subobject* Source* Message First_Seen* Count* Name*'),
    cells: (object, nowMs) => eventCells(coreEvent(object), object['regarding'], nowMs),
  },
  '/v1/PersistentVolume': {
    columns: columns('Name Capacity Access_Modes Reclaim_Policy Status Claim StorageClass VolumeAttributesClass Reason Age VolumeMode*'), // prettier-ignore
    cells: volumeCells,
  },
  '/v1/PersistentVolumeClaim': {
    columns: columns('Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass Age VolumeMode*'),
    cells: claimCells,
  },
  'storage.k8s.io/v1/StorageClass': {
    columns: columns('Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age'),
    cells: (object, nowMs) => [
      defaultName(object, 'storageclass.kubernetes.io/is-default-class'),
      textOf(object['provisioner']),
      orElse(object['reclaimPolicy'], 'Delete'),
      orElse(object['volumeBindingMode'], 'Immediate'),
      object['allowVolumeExpansion'] === true,
      ageCell(object, nowMs),
    ],
  },
  'storage.k8s.io/v1/CSIDriver': {
    columns: columns('Name AttachRequired:boolean PodInfoOnMount:boolean StorageCapacity:boolean TokenRequests RequiresRepublish:boolean Modes Age'), // prettier-ignore
    cells: driverCells,
  },
  'autoscaling/v2/HorizontalPodAutoscaler': {
    columns: columns('Name Reference Targets MinPods MaxPods Replicas Age'),
    cells: (object, nowMs) => autoscalerCells(object, metricsCell(object), nowMs),
  },
  'autoscaling/v1/HorizontalPodAutoscaler': {
    columns: columns('Name Reference Targets MinPods MaxPods Replicas Age'),
    cells: (object, nowMs) => autoscalerCells(object, cpuCell(object), nowMs),
  },
  'policy/v1/PodDisruptionBudget': {
    columns: columns('Name Min_Available Max_Unavailable Allowed_Disruptions:integer Age'),
    cells: (object, nowMs) => {
      const spec = objectOf(object['spec'])
      const allowed = numberOf(objectOf(object['status'])['disruptionsAllowed'])
      return [nameOf(object), orElse(spec['minAvailable'], 'N/A'), orElse(spec['maxUnavailable'], 'N/A'), allowed, ageCell(object, nowMs)] // prettier-ignore
    },
  },
  [`${RBAC}/RoleBinding`]: { columns: columns('Name Role Age Users* Groups* ServiceAccounts*'), cells: bindingCells },
  [`${RBAC}/ClusterRoleBinding`]: { columns: columns('Name Role Age Users* Groups* ServiceAccounts*'), cells: bindingCells }, // prettier-ignore
  'scheduling.k8s.io/v1/PriorityClass': {
    columns: columns('Name Value:integer Global-Default:boolean Age PreemptionPolicy'),
    cells: (object, nowMs) => [
      nameOf(object),
      numberOf(object['value']),
      object['globalDefault'] === true,
      ageCell(object, nowMs),
      textOf(object['preemptionPolicy']),
    ],
  },
  'coordination.k8s.io/v1/Lease': {
    columns: columns('Name Holder Age'),
    cells: (object, nowMs) => [nameOf(object), textOf(objectOf(object['spec'])['holderIdentity']), ageCell(object, nowMs)], // prettier-ignore
  },
  'node.k8s.io/v1/RuntimeClass': {
    columns: columns('Name Handler Age'),
    cells: (object, nowMs) => [nameOf(object), textOf(object['handler']), ageCell(object, nowMs)],
  },
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration': webhookTable(),
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': webhookTable(),
  'apiregistration.k8s.io/v1/APIService': { columns: columns('Name Service Available Age'), cells: apiServiceCells },
}

function sizeOf(map: JsonValue | undefined): number {
  return Object.keys(objectOf(map)).length
}

function webhookTable(): KindTable {
  return {
    columns: columns('Name Webhooks:integer Age'),
    cells: (object, nowMs) => [nameOf(object), listOf(object['webhooks']).length, ageCell(object, nowMs)],
  }
}

const ROLE_LABEL = 'node-role.kubernetes.io/'

function nodeCells(node: JsonObject, nowMs: number): readonly TableCell[] {
  const [spec, status] = [objectOf(node['spec']), objectOf(node['status'])]
  const info = objectOf(status['nodeInfo'])
  const architecture = textOf(info['architecture'])
  const kernel = orElse(info['kernelVersion'], '<unknown>')
  return [
    nameOf(node),
    `${nodeStatus(status)}${spec['unschedulable'] === true ? ',SchedulingDisabled' : ''}`,
    nodeRoles(objectOf(objectOf(node['metadata'])['labels'])),
    ageCell(node, nowMs),
    textOf(info['kubeletVersion']),
    nodeAddress(status, 'InternalIP'),
    nodeAddress(status, 'ExternalIP'),
    orElse(info['osImage'], '<unknown>'),
    architecture === '' ? kernel : `${kernel} (${architecture})`,
    orElse(info['containerRuntimeVersion'], '<unknown>'),
  ]
}

function nodeStatus(status: JsonObject): string {
  const ready = objectsOf(status['conditions']).findLast((condition) => condition['type'] === 'Ready')
  if (ready === undefined) return 'Unknown'
  return ready['status'] === 'True' ? 'Ready' : 'NotReady'
}

function nodeRoles(labels: JsonObject): string {
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_LABEL) && key.length > ROLE_LABEL.length) return [key.slice(ROLE_LABEL.length)]
    return key === 'kubernetes.io/role' && value !== '' ? [textOf(value)] : []
  })
  return roles.length === 0 ? '<none>' : [...new Set(roles)].sort().join(',')
}

function nodeAddress(status: JsonObject, type: string): string {
  return orElse(objectsOf(status['addresses']).find((address) => address['type'] === type)?.['address'], '<none>')
}

function quotaCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const status = objectOf(object['status'])
  const used = objectOf(status['used'])
  const entries = Object.entries(objectOf(status['hard'])).sort(([a], [b]) => (a < b ? -1 : 1))
  const join = (wanted: boolean): string =>
    entries
      .filter(([name]) => name.startsWith('limits.') === wanted)
      .map(([name, hard]) => `${name}: ${orElse(used[name], '0')}/${textOf(hard)}`)
      .join(', ')
  return [nameOf(object), join(false), join(true), ageCell(object, nowMs)]
}

/** An event of events.k8s.io under the names of the core group. */
function coreEvent(event: JsonObject): JsonObject {
  return {
    ...event,
    message: event['note'] ?? '',
    source: event['deprecatedSource'] ?? {},
    firstTimestamp: event['deprecatedFirstTimestamp'] ?? null,
    lastTimestamp: event['deprecatedLastTimestamp'] ?? null,
    count: event['deprecatedCount'] ?? 0,
    reportingComponent: event['reportingController'] ?? '',
  }
}

function eventCells(event: JsonObject, about: JsonValue | undefined, nowMs: number): readonly TableCell[] {
  const reference = objectOf(about)
  const first = ageOf(event['firstTimestamp'] ?? event['eventTime'], nowMs)
  const series = event['series']
  const last = isObject(series) ? series['lastObservedTime'] : event['lastTimestamp']
  const count = isObject(series) ? numberOf(series['count']) : numberOf(event['count']) || 1
  const name = textOf(reference['name'])
  const kind = textOf(reference['kind']).toLowerCase()
  return [
    isAbsent(last) ? first : ageOf(last, nowMs),
    textOf(event['type']),
    textOf(event['reason']),
    name === '' ? kind : `${kind}/${name}`,
    textOf(reference['fieldPath']),
    eventSource(event),
    textOf(event['message']).trim(),
    first,
    count,
    nameOf(event),
  ]
}

function eventSource(event: JsonObject): string {
  const source = objectOf(event['source'])
  const component = textOf(source['component']) || textOf(event['reportingComponent'])
  const instance = textOf(source['host']) || textOf(event['reportingInstance'])
  return instance === '' ? component : `${component}, ${instance}`
}

const MODES: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

function modesCell(modes: JsonValue | undefined): string {
  const given = listOf(modes)
  return MODES.filter(([mode]) => given.includes(mode)).map(([, short]) => short).join(',') // prettier-ignore
}

function phaseCell(object: JsonObject): string {
  const isDeleted = !isAbsent(objectOf(object['metadata'])['deletionTimestamp'])
  return isDeleted ? 'Terminating' : textOf(objectOf(object['status'])['phase'])
}

function volumeCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const spec = objectOf(object['spec'])
  const claim = objectOf(spec['claimRef'])
  return [
    nameOf(object),
    orElse(objectOf(spec['capacity'])['storage'], '0'),
    modesCell(spec['accessModes']),
    textOf(spec['persistentVolumeReclaimPolicy']),
    phaseCell(object),
    isObject(spec['claimRef']) ? `${textOf(claim['namespace'])}/${textOf(claim['name'])}` : '',
    textOf(spec['storageClassName']),
    orElse(spec['volumeAttributesClassName'], '<unset>'),
    textOf(objectOf(object['status'])['reason']),
    ageCell(object, nowMs),
    orElse(spec['volumeMode'], '<unset>'),
  ]
}

function claimCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const [spec, status] = [objectOf(object['spec']), objectOf(object['status'])]
  const volume = textOf(spec['volumeName'])
  return [
    nameOf(object),
    phaseCell(object),
    volume,
    volume === '' ? '' : orElse(objectOf(status['capacity'])['storage'], '0'),
    volume === '' ? '' : modesCell(status['accessModes']),
    textOf(spec['storageClassName']),
    orElse(spec['volumeAttributesClassName'], '<unset>'),
    ageCell(object, nowMs),
    orElse(spec['volumeMode'], '<unset>'),
  ]
}

function driverCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const spec = objectOf(object['spec'])
  const audiences = objectsOf(spec['tokenRequests']).map((request) => textOf(request['audience']))
  return [
    nameOf(object),
    spec['attachRequired'] !== false,
    spec['podInfoOnMount'] === true,
    spec['storageCapacity'] === true,
    audiences.length === 0 ? '<unset>' : audiences.join(','),
    spec['requiresRepublish'] === true,
    listOf(spec['volumeLifecycleModes']).map(textOf).join(',') || '<none>',
    ageCell(object, nowMs),
  ]
}

function autoscalerCells(object: JsonObject, targets: string, nowMs: number): readonly TableCell[] {
  const [spec, status] = [objectOf(object['spec']), objectOf(object['status'])]
  const target = objectOf(spec['scaleTargetRef'])
  return [
    nameOf(object),
    `${textOf(target['kind'])}/${textOf(target['name'])}`,
    targets,
    orElse(spec['minReplicas'], '<unset>'),
    numberOf(spec['maxReplicas']),
    numberOf(status['currentReplicas']),
    ageCell(object, nowMs),
  ]
}

const METRICS: Readonly<Record<string, string>> = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
}
const UNKNOWN = '<unknown>'
const SHOWN_METRICS = 2

function metricsCell(object: JsonObject): string {
  const metrics = objectsOf(objectOf(object['spec'])['metrics'])
  const current = objectsOf(objectOf(object['status'])['currentMetrics'])
  if (metrics.length === 0) return '<none>'
  const all = metrics.map((metric, index) => metricText(metric, objectOf(current[index])))
  const shown = all.slice(0, SHOWN_METRICS).join(', ')
  return all.length > SHOWN_METRICS ? `${shown} + ${all.length - SHOWN_METRICS} more...` : shown
}

function metricText(metric: JsonObject, status: JsonObject): string {
  const type = textOf(metric['type'])
  const key = METRICS[type]
  if (key === undefined) return '<unknown type>'
  const [source, now] = [objectOf(metric[key]), objectOf(objectOf(status[key])['current'])]
  const target = objectOf(source['target'])
  const average = target['averageValue']
  if (type === 'Resource' || type === 'ContainerResource') {
    const name = textOf(source['name'])
    if (!isAbsent(average)) return `${name}: ${orElse(now['averageValue'], UNKNOWN)}/${textOf(average)}`
    return `${name}: ${percent(now['averageUtilization'], UNKNOWN)}/${percent(target['averageUtilization'], '<auto>')}`
  }
  if (isAbsent(average)) return `${orElse(now['value'], UNKNOWN)}/${textOf(target['value'])}`
  return `${orElse(now['averageValue'], UNKNOWN)}/${textOf(average)}${type === 'Pods' ? '' : ' (avg)'}`
}

function percent(value: JsonValue | undefined, otherwise: string): string {
  return isAbsent(value) ? otherwise : `${numberOf(value)}%`
}

function cpuCell(object: JsonObject): string {
  const target = objectOf(object['spec'])['targetCPUUtilizationPercentage']
  const now = objectOf(object['status'])['currentCPUUtilizationPercentage']
  return isAbsent(target) ? '<none>' : `cpu: ${percent(now, UNKNOWN)}/${percent(target, '<auto>')}`
}

function bindingCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const role = objectOf(object['roleRef'])
  const subjects = objectsOf(object['subjects'])
  const join = (kind: string): string =>
    subjects.filter((subject) => subject['kind'] === kind).map((subject) => textOf(subject['name'])).join(', ') // prettier-ignore
  const accounts = subjects
    .filter((subject) => subject['kind'] === 'ServiceAccount')
    .map((subject) => `${textOf(subject['namespace'])}/${textOf(subject['name'])}`)
  const reference = `${textOf(role['kind'])}/${textOf(role['name'])}`
  return [nameOf(object), reference, ageCell(object, nowMs), join('User'), join('Group'), accounts.join(', ')]
}

function apiServiceCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const service = objectOf(object['spec'])['service']
  const where = isObject(service) ? `${textOf(service['namespace'])}/${textOf(service['name'])}` : 'Local'
  const available = objectsOf(objectOf(object['status'])['conditions']).find((c) => c['type'] === 'Available')
  const isUp = available?.['status'] === 'True'
  const text = isUp ? 'True' : `${orElse(available?.['status'], 'Unknown')}${reasonText(available)}`
  return [nameOf(object), where, text, ageCell(object, nowMs)]
}

function reasonText(condition: JsonObject | undefined): string {
  return condition === undefined ? '' : ` (${textOf(condition['reason'])})`
}
