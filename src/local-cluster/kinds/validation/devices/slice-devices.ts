// One device of a slice: where it is, what it has, what keeps pods away (pkg/apis/resource/validation, validateDevice, 1.36.3).
import { Buffer } from 'node:buffer'
import { deepEqual } from '../../../../kube/json-value.ts'
import { labelKeyFaults } from '../../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { FieldFault } from '../../contract.ts'
import { isAbsent, listOf, objectOf, objectsOf, textOf } from '../../edit.ts'
import { sentValue } from '../../emptied.ts'
import { duplicate, forbiddenValue, invalidValue, requiredValue, tooLong, tooMany } from '../faults.ts'
import { requiredName, ruleFaults } from '../named-faults.ts'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import { nodeSelectorFaults } from '../pod-placement.ts'
import { itemFaults, qualifiedNameFaults, repeatedFaults, taintFaults, textsOf } from './device-names.ts'
import { requestPolicyFaults } from './request-policies.ts'

const MAX_ATTRIBUTES = 32
const MAX_VALUES = 48
const MAX_VALUE_BYTES = 64
const MAX_TAINTS = 16
const MAX_CONSUMPTIONS = 2
const MAX_COUNTERS = 32
const MAX_CONDITIONS = 4
/** Longer keys are shown without their middle. */
const MAX_SHOWN_KEY = 96

interface Around {
  /** The device of this name before the update. */
  readonly old: JsonObject | undefined
  readonly isPerDevice: boolean
}

/** Faults of one of a slice's `devices`. */
export function deviceFaults(device: JsonObject, field: string, { old, isPerDevice }: Around): readonly FieldFault[] {
  const taints = device['taints']
  const isTaintKnown = old !== undefined && deepEqual(old['taints'] ?? null, taints ?? null)
  return [
    ...ruleFaults(device['name'], `${field}.name`, dnsLabel),
    ...amountFaults(device, field),
    ...mapFaults(device['attributes'], `${field}.attributes`, attributeFaults),
    ...mapFaults(device['capacity'], `${field}.capacity`, (capacity, path) => capacityFaults(device, capacity, path)),
    ...(isTaintKnown ? [] : itemFaults(objectsOf(taints), `${field}.taints`, MAX_TAINTS, taintFaults)),
    ...consumptionFaults(objectsOf(device['consumesCounters']), `${field}.consumesCounters`),
    ...(isPerDevice ? nodeFaults(device, field) : noNodeFaults(device, field)),
    ...bindingFaults(device, field),
  ]
}

function amountFaults(device: JsonObject, field: string): readonly FieldFault[] {
  const attributes = Object.values(objectOf(device['attributes']))
  const parts = attributes.length + Object.keys(objectOf(device['capacity'])).length
  const values = attributes.reduce<number>((total, attribute) => total + Math.max(1, valuesIn(objectOf(attribute))), 0)
  const said = (what: string, most: number): string => `the total number of ${what} must not exceed ${most}`
  return [
    ...(parts > MAX_ATTRIBUTES ? [invalidValue(field, parts, said('attributes and capacities', MAX_ATTRIBUTES))] : []),
    ...(values > MAX_VALUES ? [invalidValue(field, values, said('attribute values', MAX_VALUES))] : []),
  ]
}

const LISTS = ['bools', 'ints', 'strings', 'versions']

function valuesIn(attribute: JsonObject): number {
  return LISTS.reduce((total, key) => total + listOf(attribute[key]).length, 0)
}

type EntryRule = (value: JsonObject, field: string) => readonly FieldFault[]

function mapFaults(map: JsonValue | undefined, field: string, rule: EntryRule): readonly FieldFault[] {
  return Object.entries(objectOf(map)).flatMap(([key, value]) => [
    ...qualifiedNameFaults(key, field),
    ...rule(objectOf(value), `${field}[${shownKey(key)}]`),
  ])
}

function shownKey(key: string): string {
  if (key.length <= MAX_SHOWN_KEY) return key
  const remaining = MAX_SHOWN_KEY - 3
  return `${key.slice(0, Math.floor((remaining + 1) / 2))}...${key.slice(key.length - Math.floor(remaining / 2))}`
}

/** The kinds of values, by their internal names in the order of the type. */
const VALUES = [
  ['int', 'IntValue'],
  ['bool', 'BoolValue'],
  ['string', 'StringValue'],
  ['version', 'VersionValue'],
  ['ints', 'IntValues'],
  ['bools', 'BoolValues'],
  ['strings', 'StringValues'],
  ['versions', 'VersionValues'],
] as const
const NUMBER = '(?:0|[1-9]\\d*)'
const PRE = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const IS_VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRE}(?:\\.${PRE})*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
)

function attributeFaults(attribute: JsonObject, field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const set = VALUES.filter(([key]) => sentValue(attribute, key) !== null)
  if (!isAbsent(attribute['string'])) faults.push(...valueFaults(textOf(attribute['string']), `${field}.string`))
  if (!isAbsent(attribute['version'])) faults.push(...versionFaults(textOf(attribute['version']), `${field}.version`))
  for (const key of LISTS) {
    const items = sentValue(attribute, key)
    if (Array.isArray(items) && items.length === 0)
      faults.push(invalidValue(`${field}.${key}`, items, 'must not be empty if specified'))
  }
  textsOf(attribute['strings']).forEach((text, at) => faults.push(...valueFaults(text, `${field}.strings[${at}]`)))
  textsOf(attribute['versions']).forEach((text, at) => faults.push(...versionFaults(text, `${field}.versions[${at}]`)))
  if (set.length === 1) return faults
  const shown = Object.fromEntries(VALUES.map(([key, name]) => [name, sentValue(attribute, key)]))
  return [...faults, invalidValue(field, set.length === 0 ? '' : shown, 'exactly one value must be specified')]
}

function valueFaults(text: string, field: string): readonly FieldFault[] {
  return Buffer.byteLength(text) > MAX_VALUE_BYTES ? [tooLong(field, MAX_VALUE_BYTES)] : []
}

function versionFaults(text: string, field: string): readonly FieldFault[] {
  const said = 'must be a string compatible with semver.org spec 2.0.0'
  return [...(IS_VERSION.test(text) ? [] : [invalidValue(field, text, said)]), ...valueFaults(text, field)]
}

function capacityFaults(device: JsonObject, capacity: JsonObject, field: string): readonly FieldFault[] {
  const { value, requestPolicy } = capacity
  if (isAbsent(requestPolicy)) return []
  const path = `${field}.requestPolicy`
  if (device['allowMultipleAllocations'] !== true)
    return [forbiddenValue(path, 'allowMultipleAllocations must be true')]
  return requestPolicyFaults(objectOf(requestPolicy), value, path)
}

function consumptionFaults(consumptions: readonly JsonObject[], field: string): readonly FieldFault[] {
  const faults = itemFaults(consumptions, field, MAX_CONSUMPTIONS, (consumption, path) => [
    ...requiredName(consumption['counterSet'], `${path}.counterSet`, dnsLabel),
    ...counterFaults(objectOf(consumption['counters']), `${path}.counters`),
  ])
  if (consumptions.length > MAX_CONSUMPTIONS) return faults
  const sets = consumptions.map(({ counterSet }) => textOf(counterSet))
  return [...faults, ...repeatedFaults(sets, field)]
}

/** Faults of counters by their names. */
export function counterFaults(counters: JsonObject, field: string): readonly FieldFault[] {
  const names = Object.keys(counters)
  if (names.length === 0) return [requiredValue(field)]
  if (names.length > MAX_COUNTERS) return [tooMany(field, names.length, MAX_COUNTERS)]
  return names.flatMap((name) => ruleFaults(name, field, dnsLabel))
}

const WHERE = ['nodeName', 'nodeSelector', 'allNodes']
const IN_SLICE = '`perDeviceNodeSelection` is set to true in the ResourceSlice spec'
const ONE_PLACE = `exactly one of \`nodeName\`, \`nodeSelector\`, or \`allNodes\` is required when ${IN_SLICE}`

function noNodeFaults(device: JsonObject, field: string): readonly FieldFault[] {
  if (WHERE.every((key) => isAbsent(device[key]))) return []
  return [invalidValue(field, null, `\`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if ${IN_SLICE}`)]
}

function nodeFaults(device: JsonObject, field: string): readonly FieldFault[] {
  const { nodeName, nodeSelector, allNodes } = device
  const isSet = (key: string): boolean => !isAbsent(device[key]) && device[key] !== '' && device[key] !== false
  const set = WHERE.filter(isSet).map((key) => `\`${key}\``)
  const faults: FieldFault[] = []
  if (nodeName === '') faults.push(invalidValue(`${field}.nodeName`, '', 'must not be empty'))
  else if (!isAbsent(nodeName)) faults.push(...ruleFaults(nodeName, `${field}.nodeName`, dnsSubdomain))
  if (!isAbsent(nodeSelector)) faults.push(...nodeSelectorFaults(objectOf(nodeSelector), `${field}.nodeSelector`))
  if (allNodes === false) faults.push(invalidValue(`${field}.allNodes`, false, 'must be either unset or set to true'))
  if (set.length === 0) faults.push(requiredValue(field, ONE_PLACE))
  if (set.length > 1) faults.push(invalidValue(field, `{${set.join(', ')}}`, ONE_PLACE))
  return faults
}

/** Conditions that must come true, or must not, before a pod is bound. */
function bindingFaults(device: JsonObject, field: string): readonly FieldFault[] {
  const [hoped, feared] = [textsOf(device['bindingConditions']), textsOf(device['bindingFailureConditions'])]
  const paths = [`${field}.bindingConditions`, `${field}.bindingFailureConditions`] as const
  const names = (one: string, path: string): readonly FieldFault[] => ruleFaults(one, path, labelKeyFaults)
  const faults = [
    ...itemFaults(hoped, paths[0], MAX_CONDITIONS, names),
    ...itemFaults(feared, paths[1], MAX_CONDITIONS, names),
    ...repeatedFaults(hoped, paths[0]),
  ]
  const overlap = 'bindingFailureConditions must not overlap with bindingConditions'
  for (const [index, one] of feared.entries()) {
    const at = `${paths[1]}[${index}]`
    if (feared.indexOf(one) < index) faults.push(duplicate(at, one))
    if (hoped.includes(one)) faults.push(invalidValue(at, one, overlap))
  }
  if (hoped.length === 0 && feared.length > 0)
    faults.push(invalidValue(paths[0], sentValue(device, 'bindingConditions'), 'bindingConditions are required to use bindingFailureConditions')) // prettier-ignore
  if (feared.length === 0 && hoped.length > 0)
    faults.push(invalidValue(paths[1], sentValue(device, 'bindingFailureConditions'), 'bindingFailureConditions are required to use bindingConditions')) // prettier-ignore
  return faults
}
