// Namespaces, Events, LimitRanges and ResourceQuotas (pkg/apis/core/validation, 1.36.3).
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { invalidValue } from './faults.ts'
import { STANDARD_FINALIZERS } from './metadata.ts'
import { nonNegativeQuantity } from './numbers.ts'
import { quotaScopeFaults } from './quota-scopes.ts'

const INTEGER_TEXT = 'must be an integer'

/** Events of the cluster itself stand in `default`. */
export function validateEvent(event: JsonObject): readonly FieldFault[] {
  const namespace = textOf(objectOf(event['metadata'])['namespace'])
  const involved = textOf(objectOf(event['involvedObject'])['namespace'])
  if (involved === namespace || (involved === '' && (namespace === 'default' || namespace === 'kube-system'))) return []
  return [invalidValue('involvedObject.namespace', involved, 'does not match event.namespace')]
}

export function validateResourceQuota(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const ofAmounts = Object.entries(objectOf(spec['hard'])).flatMap(([name, value]) => {
    const field = `spec.hard[${name}]`
    const faults = [...labelKeyFaults(name).map((text) => invalidValue(field, name, text)), ...nonNegativeQuantity(value, field)] // prettier-ignore
    const quantity = quantityOf(textOf(value))
    const isFraction = isCounted(name) && quantity !== undefined && quantity.nano % 1_000_000_000n !== 0n
    return isFraction ? [...faults, invalidValue(field, value, INTEGER_TEXT)] : faults
  })
  return [...ofAmounts, ...quotaScopeFaults(spec)]
}

const COUNTED = new Set(['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers']) // prettier-ignore

function isCounted(name: string): boolean {
  return COUNTED.has(name) || name.startsWith('count/')
}

export function validateLimitRange(object: JsonObject): readonly FieldFault[] {
  return objectsOf(objectOf(object['spec'])['limits']).flatMap((limit, index) =>
    limitFaults(limit, `spec.limits[${index}]`),
  )
}

/** What must not exceed what: lower, upper, under which of them it is told, whose value is shown, the text. */
const PAIRS = [
  ['min', 'max', 'min', 'min', 'min value %a is greater than max value %b'],
  ['min', 'defaultRequest', 'defaultRequest', 'defaultRequest', 'min value %a is greater than default request value %b'],
  ['defaultRequest', 'max', 'defaultRequest', 'defaultRequest', 'default request value %a is greater than max value %b'],
  ['defaultRequest', 'default', 'defaultRequest', 'defaultRequest', 'default request value %a is greater than default limit value %b'],
  ['min', 'default', 'default', 'min', 'min value %a is greater than default value %b'],
  ['default', 'max', 'default', 'default', 'default value %a is greater than max value %b'],
] as const // prettier-ignore

const LIMIT_TYPES = ['Container', 'PersistentVolumeClaim', 'Pod']

function limitTypeFaults(type: string, field: string): readonly FieldFault[] {
  const faults = labelKeyFaults(type).map((text) => invalidValue(field, type, text))
  if (faults.length > 0 || type.includes('/') || LIMIT_TYPES.includes(type)) return faults
  return [invalidValue(field, type, 'must be a standard limit type or fully qualified')]
}

function limitFaults(limit: JsonObject, path: string): readonly FieldFault[] {
  const ofType = limitTypeFaults(textOf(limit['type']), `${path}.type`)
  return [...ofType, ...amountFaults(limit, path)]
}

/** Finalizers of a namespace's spec: standard ones, or with a domain. */
export function validateNamespace(object: JsonObject): readonly FieldFault[] {
  const field = 'spec.finalizers'
  return listOf(objectOf(object['spec'])['finalizers']).flatMap((value) => {
    const name = textOf(value)
    const faults = labelKeyFaults(name).map((text) => invalidValue(field, name, text))
    if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return faults
    return [...faults, invalidValue(field, name, 'name is neither a standard finalizer name nor is it fully qualified')]
  })
}

function amountFaults(limit: JsonObject, path: string): readonly FieldFault[] {
  const names = new Set(['max', 'min', 'default', 'defaultRequest'].flatMap((key) => Object.keys(objectOf(limit[key]))))
  return [...names].flatMap((name) =>
    PAIRS.flatMap(([low, high, told, shown, text]) => {
      const [a, b] = [objectOf(limit[low])[name], objectOf(limit[high])[name]]
      const [left, right] = [quantityOf(textOf(a)), quantityOf(textOf(b))]
      if (left === undefined || right === undefined || left.nano <= right.nano) return []
      const said = text.replace('%a', textOf(a)).replace('%b', textOf(b))
      return [invalidValue(`${path}.${told}[${name}]`, objectOf(limit[shown])[name], said)]
    }),
  )
}
