// Ranges that amounts of a namespace lie in (pkg/apis/core/validation, ValidateLimitRange, 1.36.3).
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue, requiredValue } from './faults.ts'
import { resourceNameFaults } from './resources.ts'

const AMOUNTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio']
const NOT_FOR_PODS = ['default', 'defaultRequest']
const TYPES = ['Container', 'PersistentVolumeClaim', 'Pod']

export function validateLimitRange(object: JsonObject): readonly FieldFault[] {
  const limits = objectsOf(objectOf(object['spec'])['limits'])
  const types = limits.map((limit) => textOf(limit['type']))
  return limits.flatMap((limit, index) => {
    const path = `spec.limits[${index}]`
    const type = types[index] ?? ''
    const repeated = types.indexOf(type) < index ? [duplicate(`${path}.type`, type)] : []
    return [...typeFaults(type, `${path}.type`), ...repeated, ...limitFaults(limit, type, path)]
  })
}

function typeFaults(type: string, field: string): readonly FieldFault[] {
  const faults = labelKeyFaults(type).map((text) => invalidValue(field, type, text))
  if (faults.length > 0 || type.includes('/') || TYPES.includes(type)) return faults
  return [invalidValue(field, type, 'must be a standard limit type or fully qualified')]
}

function limitFaults(limit: JsonObject, type: string, path: string): readonly FieldFault[] {
  const looked = type === 'Pod' ? AMOUNTS.filter((key) => !NOT_FOR_PODS.includes(key)) : AMOUNTS
  const names = new Set(looked.flatMap((key) => Object.keys(objectOf(limit[key]))))
  const faults = looked.flatMap((key) =>
    Object.keys(objectOf(limit[key])).flatMap((name) => nameFaults(type, name, `${path}.${key}[${name}]`)),
  )
  if (type === 'Pod')
    for (const key of NOT_FOR_PODS)
      if (Object.keys(objectOf(limit[key])).length > 0) faults.push(forbiddenValue(`${path}.${key}`, "may not be specified when `type` is 'Pod'")) // prettier-ignore
  if (type === 'PersistentVolumeClaim' && !['min', 'max'].some((key) => 'storage' in objectOf(limit[key])))
    faults.push(requiredValue(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided')) // prettier-ignore
  const part = type === 'Pod' ? { ...limit, default: {}, defaultRequest: {} } : limit
  return [
    ...faults,
    ...[...names].flatMap((name) => [...pairFaults(part, name, path), ...ratioFaults(part, name, path)]),
  ]
}

function nameFaults(type: string, name: string, field: string): readonly FieldFault[] {
  if (type === 'Pod' || type === 'Container') return resourceNameFaults(name, field)
  return labelKeyFaults(name).map((text) => invalidValue(field, name, text))
}

/** What must not exceed what: lower, upper, under which of them it is told, whose value is shown, the text. */
const PAIRS = [
  ['min', 'max', 'min', 'min', 'min value %a is greater than max value %b'],
  ['min', 'defaultRequest', 'defaultRequest', 'defaultRequest', 'min value %a is greater than default request value %b'],
  ['defaultRequest', 'max', 'defaultRequest', 'defaultRequest', 'default request value %a is greater than max value %b'],
  ['defaultRequest', 'default', 'defaultRequest', 'defaultRequest', 'default request value %a is greater than default limit value %b'],
  ['min', 'default', 'default', 'min', 'min value %a is greater than default value %b'],
  ['default', 'max', 'default', 'max', 'default value %a is greater than max value %b'],
] as const // prettier-ignore

function pairFaults(limit: JsonObject, name: string, path: string): readonly FieldFault[] {
  return PAIRS.flatMap(([low, high, told, shown, text]) => {
    const [a, b] = [objectOf(limit[low])[name], objectOf(limit[high])[name]]
    const [left, right] = [nanoOf(a), nanoOf(b)]
    if (left === undefined || right === undefined || left <= right) return []
    const said = text.replace('%a', textOf(a)).replace('%b', textOf(b))
    return [invalidValue(`${path}.${told}[${name}]`, objectOf(limit[shown])[name], said)]
  })
}

function nanoOf(value: JsonValue | undefined): bigint | undefined {
  return quantityOf(textOf(value))?.nano
}

const ONE = 1_000_000_000n

function ratioFaults(limit: JsonObject, name: string, path: string): readonly FieldFault[] {
  const value = objectOf(limit['maxLimitRequestRatio'])[name]
  const ratio = nanoOf(value)
  if (ratio === undefined) return []
  const says = (text: string): FieldFault => invalidValue(`${path}.maxLimitRequestRatio[${name}]`, value, `ratio ${textOf(value)} ${text}`) // prettier-ignore
  const faults = ratio < ONE ? [says('is less than 1')] : []
  const [least, most] = [nanoOf(objectOf(limit['min'])[name]), nanoOf(objectOf(limit['max'])[name])]
  if (least === undefined || most === undefined) return faults
  const span = Number(most) / Number(least)
  return Number(ratio) / 1e9 > span ? [...faults, says(`is greater than max/min = ${span.toFixed(6)}`)] : faults
}
