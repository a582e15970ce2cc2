// Namespaces and ResourceQuotas (pkg/apis/core/validation, 1.36.3).
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { listOf, objectOf, textOf } from '../edit.ts'
import { invalidValue } from './faults.ts'
import { STANDARD_FINALIZERS } from './metadata.ts'
import { nonNegativeQuantity } from './numbers.ts'
import { quotaScopeFaults } from './quota-scopes.ts'

const INTEGER_TEXT = 'must be an integer'

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
