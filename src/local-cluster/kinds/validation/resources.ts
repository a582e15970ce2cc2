// Limits and requests of containers (pkg/apis/core/validation, validateResourceRequirements, 1.36.3).
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { objectOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, requiredValue } from './faults.ts'
import { nonNegativeQuantity } from './numbers.ts'

const STANDARD = new Set(['cpu', 'memory', 'ephemeral-storage'])
const HUGE_PAGES = 'hugepages-'

/** Faults of `resources` of a container. */
export function resourceFaults(resources: JsonObject, field: string): readonly FieldFault[] {
  const [limits, requests] = [objectOf(resources['limits']), objectOf(resources['requests'])]
  const faults: FieldFault[] = []
  for (const [name, value] of Object.entries(limits))
    faults.push(...resourceNameFaults(name, `${field}.limits[${name}]`), ...nonNegativeQuantity(value, `${field}.limits[${name}]`)) // prettier-ignore
  for (const [name, value] of Object.entries(requests)) {
    const path = `${field}.requests[${name}]`
    faults.push(
      ...resourceNameFaults(name, path),
      ...nonNegativeQuantity(value, path),
      ...againstLimit(name, resources, field),
    )
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  const needsCompute = names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory')
  return needsCompute ? [...faults, forbiddenValue(field, 'HugePages require cpu or memory')] : faults
}

/** Faults of the name of a resource that containers may ask for. */
export function resourceNameFaults(name: string, field: string): readonly FieldFault[] {
  const faults = labelKeyFaults(name).map((text) => invalidValue(field, name, text))
  if (faults.length > 0 || name.includes('/') || STANDARD.has(name) || isHugePages(name)) return faults
  const standard = invalidValue(field, name, 'must be a standard resource for containers')
  const isKnownElsewhere = name === 'storage' || name === 'pods'
  return isKnownElsewhere ? [standard] : [invalidValue(field, name, 'must be a standard resource type or fully qualified'), standard] // prettier-ignore
}

function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES)
}

/** Only native resources that are no huge pages may be promised twice. */
function mayOvercommit(name: string): boolean {
  return (!name.includes('/') || name.includes('kubernetes.io/')) && !isHugePages(name)
}

function againstLimit(name: string, resources: JsonObject, field: string): readonly FieldFault[] {
  const [limitText, requestText] = ['limits', 'requests'].map((key) => textOf(objectOf(resources[key])[name]))
  const limit = quantityOf(limitText ?? '')
  const request = quantityOf(requestText ?? '')
  if (limit === undefined)
    return mayOvercommit(name)
      ? []
      : [requiredValue(`${field}.limits`, 'Limit must be set for non overcommitable resources')]
  if (request === undefined) return []
  if (request.nano !== limit.nano && !mayOvercommit(name))
    return [invalidValue(`${field}.requests`, requestText, `must be equal to ${name} limit of ${limitText}`)]
  if (request.nano > limit.nano)
    return [
      invalidValue(`${field}.requests`, requestText, `must be less than or equal to ${name} limit of ${limitText}`),
    ]
  return []
}
