// Tables of kinds that platforms use: certificates, admission policies, flow control, addresses, storage drivers, devices (pkg/printers/internalversion, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { TableCell } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { humanDuration } from './human-duration.ts'
import { ageCell, columns, nameOf, orElse, selectorCell, type KindTable } from './table.ts'

const ADMISSION = 'admissionregistration.k8s.io/v1'
const STORAGE = 'storage.k8s.io/v1'
const DEVICES = 'resource.k8s.io/v1'
const FLOW = 'flowcontrol.apiserver.k8s.io/v1'
const NETWORK = 'networking.k8s.io/v1'

export const platformTables: Readonly<Record<string, KindTable>> = {
  'certificates.k8s.io/v1/CertificateSigningRequest': {
    columns: columns('Name Age SignerName Requestor RequestedDuration Condition'),
    cells: requestCells,
  },
  [`${ADMISSION}/ValidatingAdmissionPolicy`]: policyTable('Validations', 'validations'),
  [`${ADMISSION}/MutatingAdmissionPolicy`]: policyTable('Mutations', 'mutations'),
  [`${ADMISSION}/ValidatingAdmissionPolicyBinding`]: bindingTable(),
  [`${ADMISSION}/MutatingAdmissionPolicyBinding`]: bindingTable(),
  [`${FLOW}/FlowSchema`]: {
    columns: columns('Name PriorityLevel MatchingPrecedence DistinguisherMethod Age MissingPL'),
    cells: flowCells,
    compare: (a, b) => precedenceOf(a) - precedenceOf(b) || (nameOf(a) < nameOf(b) ? -1 : 1),
  },
  [`${FLOW}/PriorityLevelConfiguration`]: {
    columns: columns('Name Type NominalConcurrencyShares Queues HandSize QueueLengthLimit Age'),
    cells: levelCells,
  },
  [`${NETWORK}/ServiceCIDR`]: {
    columns: columns('Name CIDRs Age'),
    cells: (object, nowMs) => [nameOf(object), listOf(specOf(object)['cidrs']).map(textOf).join(','), ageCell(object, nowMs)], // prettier-ignore
  },
  [`${NETWORK}/IPAddress`]: {
    // Upstream prints an age that no column names.
    columns: columns('Name ParentRef'),
    cells: (object, nowMs) => [nameOf(object), parentOf(specOf(object)['parentRef']), ageCell(object, nowMs)],
  },
  [`${STORAGE}/CSINode`]: {
    columns: columns('Name Drivers:integer Age'),
    cells: (object, nowMs) => [nameOf(object), listOf(specOf(object)['drivers']).length, ageCell(object, nowMs)],
  },
  [`${STORAGE}/VolumeAttachment`]: {
    columns: columns('Name Attacher PV Node Attached:boolean Age'),
    cells: attachmentCells,
  },
  [`${STORAGE}/VolumeAttributesClass`]: {
    columns: columns('Name DriverName Age'),
    cells: (object, nowMs) => [nameOf(object), textOf(object['driverName']), ageCell(object, nowMs)],
  },
  [`${DEVICES}/DeviceClass`]: nameAndAge(),
  [`${DEVICES}/ResourceClaimTemplate`]: nameAndAge(),
  [`${DEVICES}/ResourceClaim`]: {
    columns: columns('Name State Age'),
    cells: (object, nowMs) => [nameOf(object), claimState(object), ageCell(object, nowMs)],
  },
  [`${DEVICES}/ResourceSlice`]: {
    columns: columns('Name Node Driver Pool Age'),
    cells: (object, nowMs) => {
      const { nodeName, driver, pool } = specOf(object)
      return [nameOf(object), textOf(nodeName), textOf(driver), textOf(objectOf(pool)['name']), ageCell(object, nowMs)]
    },
  },
  '/v1/ComponentStatus': { columns: columns('Name Status Message Error'), cells: componentCells },
}

function specOf(object: JsonObject): JsonObject {
  return objectOf(object['spec'])
}

function nameAndAge(): KindTable {
  return { columns: columns('Name Age'), cells: (object, nowMs) => [nameOf(object), ageCell(object, nowMs)] }
}

function requestCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const { signerName, username, expirationSeconds } = specOf(object)
  return [
    nameOf(object),
    ageCell(object, nowMs),
    orElse(signerName, '<none>'),
    textOf(username),
    isAbsent(expirationSeconds) ? '<none>' : humanDuration(numberOf(expirationSeconds) * 1000),
    requestState(objectOf(object['status'])),
  ]
}

function requestState(status: JsonObject): string {
  const types = new Set(objectsOf(status['conditions']).map((condition) => condition['type']))
  const answered = types.has('Approved') ? 'Approved' : 'Pending'
  return [
    types.has('Denied') ? 'Denied' : answered,
    ...(types.has('Failed') ? ['Failed'] : []),
    ...(textOf(status['certificate']) === '' ? [] : ['Issued']),
  ].join(',')
}

function policyTable(label: string, field: string): KindTable {
  return {
    columns: columns(`Name ${label}:integer ParamKind Age`),
    cells: (object, nowMs) => {
      const spec = specOf(object)
      const kind = objectOf(spec['paramKind'])
      const shown = isObject(spec['paramKind']) ? `${textOf(kind['apiVersion'])}/${textOf(kind['kind'])}` : '<unset>'
      return [nameOf(object), listOf(spec[field]).length, shown, ageCell(object, nowMs)]
    },
  }
}

function bindingTable(): KindTable {
  return {
    columns: columns('Name PolicyName ParamRef Age'),
    cells: (object, nowMs) => {
      const spec = specOf(object)
      return [nameOf(object), textOf(spec['policyName']), parameterOf(spec['paramRef']), ageCell(object, nowMs)]
    },
  }
}

function parameterOf(reference: JsonValue | undefined): string {
  if (!isObject(reference)) return '<unset>'
  const name = textOf(reference['name'])
  if (name !== '') return `${orElse(reference['namespace'], '*')}/${name}`
  return isObject(reference['selector']) ? selectorCell(reference['selector']) : '<unset>'
}

function precedenceOf(flow: JsonObject): number {
  return numberOf(specOf(flow)['matchingPrecedence'])
}

function flowCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const { priorityLevelConfiguration: level, distinguisherMethod: method } = specOf(object)
  const conditions = objectsOf(objectOf(object['status'])['conditions'])
  return [
    nameOf(object),
    textOf(objectOf(level)['name']),
    precedenceOf(object),
    orElse(objectOf(method)['type'], '<none>'),
    ageCell(object, nowMs),
    orElse(conditions.find((condition) => condition['type'] === 'Dangling')?.['status'], '?'),
  ]
}

function levelCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const spec = specOf(object)
  const limited = objectOf(spec['limited'])
  const queuing = objectOf(objectOf(limited['limitResponse'])['queuing'])
  const cell = (value: JsonValue | undefined): TableCell => (isAbsent(value) ? '<none>' : numberOf(value))
  return [
    nameOf(object),
    textOf(spec['type']),
    cell(limited['nominalConcurrencyShares']),
    cell(queuing['queues']),
    cell(queuing['handSize']),
    cell(queuing['queueLengthLimit']),
    ageCell(object, nowMs),
  ]
}

function parentOf(reference: JsonValue | undefined): string {
  if (!isObject(reference)) return '<none>'
  const group = textOf(reference['group'])
  const resource = textOf(reference['resource'])
  const parts = [group === '' ? resource : `${resource}.${group}`, textOf(reference['namespace'])]
  return [...parts.map((part) => part.toLowerCase()), textOf(reference['name'])].filter((part) => part !== '').join('/')
}

function attachmentCells(object: JsonObject, nowMs: number): readonly TableCell[] {
  const { attacher, source, nodeName } = specOf(object)
  return [
    nameOf(object),
    textOf(attacher),
    textOf(objectOf(source)['persistentVolumeName']),
    textOf(nodeName),
    objectOf(object['status'])['attached'] === true,
    ageCell(object, nowMs),
  ]
}

function claimState(object: JsonObject): string {
  const status = objectOf(object['status'])
  const isDeleted = !isAbsent(objectOf(object['metadata'])['deletionTimestamp'])
  const states = isDeleted ? ['deleted'] : []
  if (isObject(status['allocation'])) {
    states.push('allocated')
    if (listOf(status['reservedFor']).length > 0) states.push('reserved')
  } else if (!isDeleted) states.push('pending')
  return states.join(',')
}

function componentCells(object: JsonObject): readonly TableCell[] {
  const healthy = objectsOf(object['conditions']).find((condition) => condition['type'] === 'Healthy') ?? {}
  const state = healthy['status'] === 'True' ? 'Healthy' : 'Unhealthy'
  return [nameOf(object), state, textOf(healthy['message']), textOf(healthy['error'])]
}
