// Classes of storage, drivers and what they report (pkg/apis/storage/validation, 1.36.3).
import { Buffer } from 'node:buffer'
import { deepEqual } from '../../../kube/json-value.ts'
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf, without } from '../edit.ts'
import { sentValue } from '../emptied.ts'
import { duplicate, forbiddenValue, invalidValue, notSupported, requiredValue, tooLong } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { immutable } from './metadata.ts'
import { requiredTexts, ruleFaults } from './named-faults.ts'
import { dnsSubdomain } from './names.ts'
import { choiceIfSet, nonNegative, nonNegativeQuantity } from './numbers.ts'
import { printableSelector, selectorFaults, sortedMap } from './selectors.ts'
import { driverFaults } from './storage-sources.ts'

/** Longest parameters of a class, all together and by number. */
const MAX_PARAMETER_BYTES = 256 * 1024
const MAX_PARAMETERS = 512

export function validateStorageClass(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const faults = [
    ...provisionerFaults(object['provisioner'], 'provisioner'),
    ...parameterFaults(object['parameters'], 'parameters'),
    ...(textOf(object['reclaimPolicy']) === ''
      ? []
      : choiceIfSet(object['reclaimPolicy'], 'reclaimPolicy', ['Delete', 'Retain'])),
    ...choiceIfSet(object['volumeBindingMode'], 'volumeBindingMode', ['Immediate', 'WaitForFirstConsumer']),
    ...topologyFaults(objectsOf(object['allowedTopologies'])),
  ]
  if (old === undefined) return faults
  if (!deepEqual(object['parameters'], old['parameters']))
    faults.push(invalidValue('parameters', sortedMap(sentValue(object, 'parameters')), 'field is immutable'))
  for (const key of ['provisioner', 'reclaimPolicy', 'volumeBindingMode'])
    faults.push(...immutable(key, object[key], old[key]))
  return faults
}

function provisionerFaults(value: JsonValue | undefined, field: string): readonly FieldFault[] {
  const name = textOf(value).toLowerCase()
  return name === '' ? [requiredValue(field)] : ruleFaults(name, field, labelKeyFaults)
}

function parameterFaults(value: JsonValue | undefined, field: string): readonly FieldFault[] {
  const parameters = Object.entries(objectOf(value))
  if (parameters.length > MAX_PARAMETERS) return [tooLong(field, MAX_PARAMETERS)]
  const faults = parameters.filter(([key]) => key === '').map(() => invalidValue(field, '', 'field can not be empty.'))
  let size = 0
  for (const [key, text] of parameters) size += Buffer.byteLength(key) + Buffer.byteLength(textOf(text))
  return size > MAX_PARAMETER_BYTES ? [...faults, tooLong(field, MAX_PARAMETER_BYTES)] : faults
}

function topologyFaults(terms: readonly JsonObject[]): readonly FieldFault[] {
  // Upstream begins with as many terms that say nothing, so that one which says nothing is a duplicate of each.
  const seen: JsonValue[] = terms.map(() => ({}))
  return terms.flatMap((term, index) => {
    const field = `allowedTopologies[${index}].matchLabelExpressions`
    const expressions = objectsOf(term['matchLabelExpressions'])
    const faults = [...expressionFaults(expressions, field)]
    const meaning = Object.fromEntries(
      expressions.map(({ key, values }) => [textOf(key), [...new Set(listOf(values).map(textOf))].toSorted(byText)]),
    )
    faults.push(...seen.filter((one) => deepEqual(one, meaning)).map(() => duplicate(field, '')))
    seen.push(meaning)
    return faults
  })
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}

function expressionFaults(expressions: readonly JsonObject[], field: string): readonly FieldFault[] {
  const keys = new Set<string>()
  return expressions.flatMap((expression, index) => {
    const at = `${field}[${index}]`
    const [key, values] = [textOf(expression['key']), listOf(expression['values'])]
    const faults = values.length === 0 ? [requiredValue(`${at}.values`)] : []
    const known = new Set<string>()
    for (const [position, value] of values.map(textOf).entries()) {
      if (known.has(value)) faults.push(duplicate(`${at}.values[${position}]`, value))
      known.add(value)
    }
    faults.push(...ruleFaults(key, `${at}.key`, labelKeyFaults))
    if (keys.has(key)) faults.push(duplicate(`${at}.key`, key))
    keys.add(key)
    return faults
  })
}

const MIN_PERIOD = 10

export function validateCsiDriver(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const period = spec['nodeAllocatableUpdatePeriodSeconds']
  const faults = [
    ...choiceIfSet(spec['fsGroupPolicy'], 'spec.fsGroupPolicy', ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...tokenFaults(objectsOf(spec['tokenRequests'])),
    ...listOf(spec['volumeLifecycleModes'])
      .filter((mode) => mode !== 'Persistent' && mode !== 'Ephemeral')
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral'])),
  ]
  if (!isAbsent(period) && numberOf(period) < MIN_PERIOD)
    faults.push(invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')) // prettier-ignore
  const isPromised = !isAbsent(spec['serviceAccountTokenInSecrets']) && listOf(spec['tokenRequests']).length === 0
  if (isPromised) faults.push(invalidValue('spec.serviceAccountTokenInSecrets', spec['serviceAccountTokenInSecrets'], 'serviceAccountTokenInSecrets is set but no tokenRequests are specified')) // prettier-ignore
  if (old === undefined) return faults
  const before = objectOf(old['spec'])
  return [
    ...faults,
    ...immutable('spec.attachedRequired', spec['attachRequired'], before['attachRequired']),
    ...immutable('spec.volumeLifecycleModes', spec['volumeLifecycleModes'], before['volumeLifecycleModes']),
  ]
}

const TEN_MINUTES = 600
const MAX_SECONDS = 2 ** 32

function tokenFaults(requests: readonly JsonObject[]): readonly FieldFault[] {
  const audiences = new Set<string>()
  return requests.flatMap((request, index) => {
    const at = `spec.tokenRequests[${index}]`
    const audience = textOf(request['audience'])
    if (audiences.has(audience)) return [duplicate(`${at}.audience`, audience)]
    audiences.add(audience)
    const seconds = request['expirationSeconds']
    if (isAbsent(seconds)) return []
    const says = (text: string): FieldFault => invalidValue(`${at}.expirationSeconds`, seconds, text)
    if (numberOf(seconds) < TEN_MINUTES) return [says('may not specify a duration less than 10 minutes')]
    return numberOf(seconds) > MAX_SECONDS ? [says('may not specify a duration larger than 2^32 seconds')] : []
  })
}

/** Longest name of a node in the eyes of a driver. */
const MAX_NODE_ID = 256

export function validateCsiNode(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const drivers = objectsOf(objectOf(object['spec'])['drivers'])
  const names = new Set<string>()
  const faults = drivers.flatMap((driver, index) => nodeDriverFaults(driver, names, `spec.drivers[${index}]`))
  for (const before of objectsOf(objectOf(old?.['spec'])['drivers']))
    for (const driver of drivers) {
      if (driver['name'] !== before['name']) continue
      const [now, then] = [driver, before].map((one) => without(one, 'allocatable'))
      if (!deepEqual(now, then))
        faults.push(invalidValue('spec.drivers', internalValue('storage.CSINodeDriver', now ?? {}), 'field is immutable')) // prettier-ignore
    }
  return faults
}

function nodeDriverFaults(driver: JsonObject, names: Set<string>, at: string): readonly FieldFault[] {
  const [name, id] = [textOf(driver['name']), textOf(driver['nodeID'])]
  const faults = [...driverFaults(name, `${at}.name`), ...requiredTexts(driver, at, 'nodeID')]
  if (id.length > MAX_NODE_ID)
    faults.push(invalidValue(`${at}.nodeID`, id, `must be ${MAX_NODE_ID} characters or less`))
  faults.push(...nonNegative(objectOf(driver['allocatable']), `${at}.allocatable`, 'count'))
  if (names.has(name)) faults.push(duplicate(`${at}.name`, name))
  names.add(name)
  const keys = new Set<string>()
  for (const key of listOf(driver['topologyKeys']).map(textOf)) {
    if (key === '') faults.push(requiredValue(at))
    if (keys.has(key)) faults.push(duplicate(at, key))
    keys.add(key)
    faults.push(...ruleFaults(key, at, labelKeyFaults))
  }
  return faults
}

const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

export function validateVolumeAttachment(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const source = objectOf(spec['source'])
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = source
  const field = 'spec.source'
  const faults = [...driverFaults(textOf(spec['attacher']), 'spec.attacher')]
  if (isAbsent(name) && isAbsent(inline)) faults.push(requiredValue(field, ONE_SOURCE))
  else if (!isAbsent(name) && !isAbsent(inline)) faults.push(forbiddenValue(field, ONE_SOURCE))
  else if (name === '') faults.push(requiredValue(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName')) // prettier-ignore
  faults.push(...ruleFaults(spec['nodeName'], 'spec.nodeName', dnsSubdomain))
  if (!isAbsent(name)) faults.push(...ruleFaults(name, `${field}.persistentVolumeName`, dnsSubdomain))
  if (old === undefined || deepEqual(spec, old['spec'])) return faults
  return [...faults, invalidValue('spec', internalValue('storage.VolumeAttachmentSpec', spec), 'field is immutable')]
}

export function validateCapacity(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const topology = objectOf(object['nodeTopology'])
  const faults = [
    ...selectorFaults(topology, 'nodeTopology'),
    ...ruleFaults(object['storageClassName'], 'storageClassName', dnsSubdomain),
    ...nonNegativeQuantity(object['capacity'], 'capacity'),
  ]
  if (old === undefined) return faults
  const isSame = deepEqual(object['nodeTopology'], old['nodeTopology'])
  const printed = isAbsent(object['nodeTopology']) ? null : printableSelector(topology)
  const moved = isSame ? [] : [invalidValue('nodeTopology', printed, 'field is immutable')]
  return [...faults, ...moved, ...immutable('storageClassName', object['storageClassName'], old['storageClassName'])]
}

export function validateAttributesClass(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const faults: FieldFault[] = []
  if (old !== undefined) {
    if (object['driverName'] !== old['driverName'])
      faults.push(forbiddenValue('driverName', 'updates to driverName are forbidden.'))
    if (!deepEqual(object['parameters'], old['parameters']))
      faults.push(forbiddenValue('parameters', 'updates to parameters are forbidden.'))
  }
  faults.push(...provisionerFaults(object['driverName'], 'driverName'))
  faults.push(...parameterFaults(object['parameters'], 'parameters'))
  const isBare = Object.keys(objectOf(object['parameters'])).length === 0
  return isBare ? [...faults, requiredValue('parameters', 'must contain at least one key/value pair')] : faults
}
