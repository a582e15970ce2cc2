// Names of attributes, pools and requests, and settings of drivers (pkg/apis/resource/validation, 1.36.3).
import { Buffer } from 'node:buffer'
import { isObject } from '../../../../kube/json-value.ts'
import { labelKeyFaults, labelValueFaults } from '../../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { FieldFault } from '../../contract.ts'
import { isAbsent, listOf, objectOf, textOf } from '../../edit.ts'
import { duplicate, invalidValue, notSupported, requiredValue, tooLong, tooMany } from '../faults.ts'
import { ruleFaults } from '../named-faults.ts'
import { dnsSubdomain } from '../names.ts'
import { driverFaults } from '../storage-sources.ts'

const MAX_POOL_NAME = 253
const MAX_IDENTIFIER = 32
/** `OpaqueParametersMaxLength` */
const MAX_PARAMETER_BYTES = 10 * 1024
/** The three effects, in the order upstream tells them. */
const EFFECTS = ['NoExecute', 'NoSchedule', 'None']
const IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*'
const IS_IDENTIFIER = new RegExp(`^${IDENTIFIER}$`)
const IDENTIFIER_TEXT = `a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '${IDENTIFIER}')`

type ItemRule<T extends JsonValue> = (item: T, field: string) => readonly FieldFault[]

/** Faults of each item; of a list with too many, only that. */
export function itemFaults<T extends JsonValue>(
  items: readonly T[],
  field: string,
  maximum: number,
  rule: ItemRule<T>,
): readonly FieldFault[] {
  if (items.length > maximum) return [tooMany(field, items.length, maximum)]
  return items.flatMap((item, index) => rule(item, `${field}[${index}]`))
}

/** Items whose key another one before them has. */
export function repeatedFaults(keys: readonly string[], field: string): readonly FieldFault[] {
  const seen = new Set<string>()
  return keys.flatMap((key, index) => {
    if (seen.has(key)) return [duplicate(`${field}[${index}]`, key)]
    seen.add(key)
    return []
  })
}

/** `gpu.example.com/slot` or `slot`. What has more slashes is not looked at, as upstream. */
export function qualifiedNameFaults(name: string, field: string): readonly FieldFault[] {
  const parts = name.split('/')
  const [first = '', second = ''] = parts
  if (parts.length === 1) return identifierFaults(first, field)
  if (parts.length > 2) return []
  return [
    ...(first === '' ? [invalidValue(field, '', 'the domain must not be empty')] : driverFaults(first, field)),
    ...(second === '' ? [invalidValue(field, '', 'the name must not be empty')] : identifierFaults(second, field)),
  ]
}

function identifierFaults(name: string, field: string): readonly FieldFault[] {
  const faults = name.length > MAX_IDENTIFIER ? [tooLong(field, MAX_IDENTIFIER)] : []
  return IS_IDENTIFIER.test(name) ? faults : [...faults, invalidValue(field, name, IDENTIFIER_TEXT)]
}

/** A qualified name that must have a domain. */
export function fullNameFaults(name: string, field: string): readonly FieldFault[] {
  const faults = qualifiedNameFaults(name, field)
  if (name.includes('/')) return faults
  const text = 'a fully qualified name must be a domain and a name separated by a slash'
  return [...faults, invalidValue(field, name, text)]
}

/** Subdomains with slashes between them. */
export function poolNameFaults(name: string, field: string): readonly FieldFault[] {
  if (name === '') return [requiredValue(field)]
  const faults = name.length > MAX_POOL_NAME ? [tooLong(field, MAX_POOL_NAME)] : []
  return [...faults, ...name.split('/').flatMap((part) => ruleFaults(part, field, dnsSubdomain))]
}

/** What a driver is told: `opaque`, an object of at most 10 KiB. */
export function configurationFaults(config: JsonObject, field: string): readonly FieldFault[] {
  const { opaque } = config
  if (isAbsent(opaque)) return [requiredValue(`${field}.opaque`)]
  const { driver, parameters } = objectOf(opaque)
  return [
    ...driverFaults(textOf(driver), `${field}.opaque.driver`),
    ...rawFaults(parameters, `${field}.opaque.parameters`),
  ]
}

function rawFaults(value: JsonValue | undefined, field: string): readonly FieldFault[] {
  if (isAbsent(value)) return [requiredValue(field)]
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_PARAMETER_BYTES) return [tooLong(field, MAX_PARAMETER_BYTES)]
  return isObject(value) ? [] : [invalidValue(field, '<value omitted>', 'must be a valid JSON object')]
}

/** A taint of a device; its effect must be one of three. */
export function taintFaults(taint: JsonObject, field: string): readonly FieldFault[] {
  const [key, value, effect] = [textOf(taint['key']), textOf(taint['value']), textOf(taint['effect'])]
  return [
    ...ruleFaults(key, `${field}.key`, labelKeyFaults),
    ...(value === '' ? [] : ruleFaults(value, `${field}.value`, labelValueFaults)),
    ...(effect === '' ? [requiredValue(`${field}.effect`)] : effectFaults(effect, `${field}.effect`)),
  ]
}

/** Taints of devices that a request bears. */
export function deviceTolerationFaults(toleration: JsonObject, field: string): readonly FieldFault[] {
  const [key, effect] = [textOf(toleration['key']), textOf(toleration['effect'])]
  return [
    ...(key === '' ? [] : ruleFaults(key, `${field}.key`, labelKeyFaults)),
    ...operatorFaults(textOf(toleration['operator']), textOf(toleration['value']), field),
    ...(effect === '' ? [] : effectFaults(effect, `${field}.effect`)),
  ]
}

function operatorFaults(operator: string, value: string, field: string): readonly FieldFault[] {
  switch (operator) {
    case 'Exists':
      return value === '' ? [] : [invalidValue(`${field}.value`, value, 'must be empty for operator `Exists`')]
    case 'Equal':
      return ruleFaults(value, `${field}.value`, labelValueFaults)
    default:
      return [notSupported(`${field}.operator`, operator, ['Equal', 'Exists'])]
  }
}

function effectFaults(effect: string, field: string): readonly FieldFault[] {
  return EFFECTS.includes(effect) ? [] : [notSupported(field, effect, EFFECTS)]
}

/** A list's items as texts. */
export function textsOf(value: JsonValue | undefined): readonly string[] {
  return listOf(value).map(textOf)
}
