// Devices that a driver offers (pkg/apis/resource/validation, ValidateResourceSlice, 1.36.3).
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { FieldFault } from '../../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../../edit.ts'
import { sentValue } from '../../emptied.ts'
import { invalidValue, requiredValue } from '../faults.ts'
import { immutable } from '../metadata.ts'
import { requiredName, ruleFaults } from '../named-faults.ts'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import { nodeSelectorFaults } from '../pod-placement.ts'
import { driverFaults } from '../storage-sources.ts'
import { itemFaults, poolNameFaults, repeatedFaults } from './device-names.ts'
import { counterFaults, deviceFaults } from './slice-devices.ts'

const MAX_DEVICES = 128
/** Where a device has taints, counters or lists. */
const MAX_ADVANCED_DEVICES = 64
const MAX_COUNTER_SETS = 8
const ONE_OF = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

/** A ResourceSlice, which stays with its driver, pool and node. */
export function validateResourceSlice(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const before = objectOf(old?.['spec'])
  return [
    ...driverFaults(textOf(spec['driver']), 'spec.driver'),
    ...poolFaults(objectOf(spec['pool'])),
    ...(old === undefined ? [] : changeFaults(spec, before)),
    ...nodeFaults(spec),
    ...contentFaults(spec, before),
  ]
}

function poolFaults(pool: JsonObject): readonly FieldFault[] {
  const [count, generation] = [numberOf(pool['resourceSliceCount']), numberOf(pool['generation'])]
  const faults = [...poolNameFaults(textOf(pool['name']), 'spec.pool.name')]
  if (count <= 0) faults.push(invalidValue('spec.pool.resourceSliceCount', count, 'must be greater than zero'))
  if (generation < 0)
    faults.push(invalidValue('spec.pool.generation', generation, 'must be greater than or equal to zero'))
  return faults
}

function changeFaults(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  return [
    ...immutable('spec.pool.name', textOf(objectOf(spec['pool'])['name']), textOf(objectOf(before['pool'])['name'])),
    ...immutable('spec.driver', textOf(spec['driver']), textOf(before['driver'])),
    ...immutable('spec.nodeName', spec['nodeName'], before['nodeName']),
  ]
}

function nodeFaults(spec: JsonObject): readonly FieldFault[] {
  const set: string[] = []
  const faults: FieldFault[] = []
  const { nodeName, nodeSelector } = spec
  if (nodeName === '')
    faults.push(invalidValue('spec.nodeName', '', 'must be either unset or set to a non-empty string'))
  else if (!isAbsent(nodeName)) {
    set.push('`nodeName`')
    faults.push(...ruleFaults(nodeName, 'spec.nodeName', dnsSubdomain))
  }
  if (!isAbsent(nodeSelector)) {
    set.push('`nodeSelector`')
    faults.push(...oneTermFaults(objectOf(nodeSelector)))
  }
  for (const key of ['allNodes', 'perDeviceNodeSelection']) {
    if (spec[key] === true) set.push(`\`${key}\``)
    else if (!isAbsent(spec[key]))
      faults.push(invalidValue(`spec.${key}`, false, 'must be either unset or set to true'))
  }
  if (set.length === 0) faults.push(requiredValue('spec', ONE_OF))
  if (set.length > 1) faults.push(invalidValue('spec', `{${set.join(', ')}}`, `${ONE_OF}, but multiple fields are set`))
  return faults
}

function oneTermFaults(selector: JsonObject): readonly FieldFault[] {
  const faults = nodeSelectorFaults(selector, 'spec.nodeSelector')
  const terms = listOf(selector['nodeSelectorTerms'])
  if (terms.length === 1) return faults
  const shown = objectsOf(selector['nodeSelectorTerms']).map(printableTerm)
  const value = terms.length === 0 ? sentValue(selector, 'nodeSelectorTerms') : shown
  return [...faults, invalidValue('spec.nodeSelector.nodeSelectorTerms', value, 'must have exactly one node selector term')] // prettier-ignore
}

function printableTerm(term: JsonObject): JsonObject {
  const requirements = (key: string): JsonValue =>
    isAbsent(term[key])
      ? null
      : objectsOf(term[key]).map((one) => ({ Key: one['key'] ?? '', Operator: one['operator'] ?? '', Values: one['values'] ?? null })) // prettier-ignore
  return { MatchExpressions: requirements('matchExpressions'), MatchFields: requirements('matchFields') }
}

function contentFaults(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const faults: FieldFault[] = []
  if (sentValue(spec, 'sharedCounters') !== null && sentValue(spec, 'devices') !== null)
    faults.push(invalidValue('spec', '', 'only one of `sharedCounters` or `devices` is allowed'))
  const devices = objectsOf(spec['devices'])
  const maximum = devices.some(isAdvanced) ? MAX_ADVANCED_DEVICES : MAX_DEVICES
  const known = new Map(
    objectsOf(before['devices'])
      .toReversed()
      .map((device) => [textOf(device['name']), device]),
  )
  const isPerDevice = spec['perDeviceNodeSelection'] === true
  faults.push(
    ...itemFaults(devices, 'spec.devices', maximum, (device, field) =>
      deviceFaults(device, field, { old: known.get(textOf(device['name'])), isPerDevice }),
    ),
  )
  if (devices.length <= maximum) faults.push(...repeatedFaults(namesOf(devices), 'spec.devices'))
  const sets = objectsOf(spec['sharedCounters'])
  faults.push(...itemFaults(sets, 'spec.sharedCounters', MAX_COUNTER_SETS, counterSetFaults))
  if (sets.length <= MAX_COUNTER_SETS) faults.push(...repeatedFaults(namesOf(sets), 'spec.sharedCounters'))
  return faults
}

function namesOf(items: readonly JsonObject[]): readonly string[] {
  return items.map(({ name }) => textOf(name))
}

function isAdvanced(device: JsonObject): boolean {
  if (listOf(device['taints']).length > 0 || listOf(device['consumesCounters']).length > 0) return true
  const lists = ['bools', 'ints', 'strings', 'versions']
  return Object.values(objectOf(device['attributes'])).some((one) => lists.some((key) => !isAbsent(objectOf(one)[key])))
}

function counterSetFaults(set: JsonObject, field: string): readonly FieldFault[] {
  return [
    ...requiredName(set['name'], `${field}.name`, dnsLabel),
    ...counterFaults(objectOf(set['counters']), `${field}.counters`),
  ]
}
