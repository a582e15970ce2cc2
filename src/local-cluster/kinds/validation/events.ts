// Events of both groups (pkg/apis/core/validation/events.go, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, textOf } from '../edit.ts'
import { invalidValue, requiredValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { nameIfSet, ruleFaults } from './named-faults.ts'
import { dnsSubdomain } from './names.ts'

const NO_MATCH = 'does not match event.namespace'

/** What the fields of the two groups are called; faults have the old names. */
interface Read {
  readonly namespace: string
  readonly involved: JsonObject
  readonly controllerField: string
  readonly controller: string
  readonly message: string
}

function readEvent(event: JsonObject, isNew: boolean): Read {
  return {
    namespace: textOf(objectOf(event['metadata'])['namespace']),
    involved: objectOf(event[isNew ? 'regarding' : 'involvedObject']),
    controllerField: isNew ? 'reportingController' : 'reportingComponent',
    controller: textOf(event[isNew ? 'reportingController' : 'reportingComponent']),
    message: textOf(event[isNew ? 'note' : 'message']),
  }
}

export function validateEvent(event: JsonObject): readonly FieldFault[] {
  return baseFaults(event, readEvent(event, false))
}

function baseFaults(event: JsonObject, read: Read): readonly FieldFault[] {
  const { namespace, involved } = read
  const told = invalidValue('involvedObject.namespace', textOf(involved['namespace']), NO_MATCH)
  const belongs = textOf(involved['namespace'])
  const isTimed = !isAbsent(event['eventTime'])
  const isOfCluster = belongs === '' && (namespace === 'default' || (isTimed && namespace === 'kube-system'))
  const isFine = isOfCluster || (belongs !== '' && (isTimed || belongs === namespace))
  const faults = isFine ? [] : [told]
  if (isTimed) faults.push(...reportFaults(event, read))
  return [...faults, ...ruleFaults(namespace, 'namespace', dnsSubdomain)]
}

/** Longest parts of an event that is reported by its controller. */
const LIMITS = { reportingInstance: 128, action: 128, reason: 128, message: 1024 } as const

function reportFaults(event: JsonObject, { controllerField, controller, message }: Read): readonly FieldFault[] {
  const faults = controller === '' ? [requiredValue(controllerField)] : []
  faults.push(...ruleFaults(controller, controllerField, labelKeyFaults))
  for (const key of ['reportingInstance', 'action', 'reason', 'message'] as const) {
    const text = key === 'message' ? message : textOf(event[key])
    if (text === '' && key !== 'message') faults.push(requiredValue(key))
    if (text.length > LIMITS[key]) faults.push(invalidValue(key, '', `can have at most ${LIMITS[key]} characters`))
  }
  return faults
}

/** Events of events.k8s.io are held to more, and hardly change. */
export function validateReportedEvent(event: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const read = readEvent(event, true)
  const faults = [...baseFaults(event, read)]
  if (old !== undefined) return [...faults, ...changeFaults(event, old, read)]
  const type = textOf(event['type'])
  faults.push(...nameIfSet(objectOf(event['metadata'])['name'], 'metadata.name', dnsSubdomain), ...seriesFaults(event))
  if (isAbsent(event['eventTime'])) faults.push(requiredValue('eventTime'))
  if (type !== 'Normal' && type !== 'Warning') faults.push(invalidValue('type', '', `has invalid value: ${type}`))
  const source = objectOf(event['deprecatedSource'])
  const unset: readonly (readonly [field: string, isSet: boolean])[] = [
    ['firstTimestamp', !isAbsent(event['deprecatedFirstTimestamp'])],
    ['lastTimestamp', !isAbsent(event['deprecatedLastTimestamp'])],
    ['count', numberOf(event['deprecatedCount']) !== 0],
    ['source', textOf(source['component']) !== '' || textOf(source['host']) !== ''],
  ]
  return [
    ...faults,
    ...unset.filter(([, isSet]) => isSet).map(([field]) => invalidValue(field, '', 'needs to be unset')),
  ]
}

function seriesFaults(event: JsonObject): readonly FieldFault[] {
  if (isAbsent(event['series'])) return []
  const { count, lastObservedTime } = objectOf(event['series'])
  const faults = numberOf(count) < 2 ? [invalidValue('series.count', '', 'should be at least 2')] : []
  return isAbsent(lastObservedTime) ? [...faults, requiredValue('series.lastObservedTime')] : faults
}

/** Upstream looks at the reason twice. */
const TEXTS = [
  ['reason', 'reason'],
  ['note', 'message'],
  ['reason', 'reason'],
  ['type', 'type'],
  ['action', 'action'],
  ['reportingController', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
] as const

function changeFaults(event: JsonObject, old: JsonObject, { involved }: Read): readonly FieldFault[] {
  const faults = deepEqual(event['series'], old['series']) ? [] : [...seriesFaults(event)]
  const text = 'field is immutable'
  if (!deepEqual(involved, objectOf(old['regarding'])))
    faults.push(invalidValue('involvedObject', internalValue('ObjectReference', involved), text))
  for (const [key, told] of TEXTS)
    if (textOf(event[key]) !== textOf(old[key])) faults.push(invalidValue(told, textOf(event[key]), text))
  const [time, then] = [event['eventTime'] ?? null, old['eventTime'] ?? null]
  return time === then ? faults : [...faults, invalidValue('eventTime', time, text)]
}
