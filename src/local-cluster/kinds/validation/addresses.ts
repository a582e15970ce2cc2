// Addresses of services and the ranges they come from (pkg/apis/networking/validation, ValidateIPAddress, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, textOf } from '../edit.ts'
import { sentValue } from '../emptied.ts'
import { invalidValue, requiredValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { immutable } from './metadata.ts'
import { nameIfSet, requiredName } from './named-faults.ts'
import { dnsSubdomain, isCidr, isIpv4, pathSegment } from './names.ts'

const IMMUTABLE = 'field is immutable'

export function validateIpAddress(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const parent = objectOf(object['spec'])['parentRef']
  const field = 'spec.parentRef'
  const faults = isAbsent(parent) ? [requiredValue(field)] : [...parentFaults(objectOf(parent), field)]
  if (old === undefined || deepEqual(parent, objectOf(old['spec'])['parentRef'])) return faults
  const printed = isAbsent(parent) ? null : internalValue('networking.ParentReference', objectOf(parent))
  return [...faults, invalidValue(field, printed, IMMUTABLE)]
}

function parentFaults(parent: JsonObject, field: string): readonly FieldFault[] {
  return [
    ...nameIfSet(parent['group'], `${field}.group`, dnsSubdomain),
    ...requiredName(parent['resource'], `${field}.resource`, pathSegment),
    ...requiredName(parent['name'], `${field}.name`, pathSegment),
    ...nameIfSet(parent['namespace'], `${field}.namespace`, pathSegment),
  ]
}

const CIDR_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

export function validateServiceCidr(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const field = 'spec.cidrs'
  if (old === undefined) return rangeFaults(spec, field)
  const [now, before] = [listOf(spec['cidrs']), listOf(objectOf(old['spec'])['cidrs'])]
  if (now.length === before.length)
    return before.flatMap((range, index) => immutable(`${field}[${index}]`, now[index], range))
  if (before.length !== 1 || now.length !== 2) return [invalidValue(field, sentValue(spec, 'cidrs'), IMMUTABLE)]
  return [...immutable(`${field}[0]`, now[0], before[0]), ...rangeFaults(spec, field)]
}

function rangeFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const ranges = listOf(spec['cidrs']).map(textOf)
  if (ranges.length === 0) return [requiredValue(field, 'at least one CIDR required')]
  if (ranges.length > 2)
    return [invalidValue(field, internalValue('networking.ServiceCIDRSpec', spec), 'may only hold up to 2 values')]
  const faults = ranges.flatMap((range, index) => (isCidr(range) ? [] : [invalidValue(`${field}[${index}]`, range, CIDR_TEXT)])) // prettier-ignore
  const [first, second] = ranges.map((range) => isCidr(range) && isIpv4(range.split('/')[0] ?? ''))
  const isRepeated = ranges.length === 2 && ranges.every(isCidr) && first === second
  const text = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
  return isRepeated ? [...faults, invalidValue(field, ranges, text)] : faults
}
