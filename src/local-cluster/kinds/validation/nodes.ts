// Nodes (pkg/apis/core/validation, ValidateNode, 1.36.3).
import { labelKeyFaults, labelValueFaults } from '../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { isCidr, isIpv4 } from './names.ts'
import { nonNegativeQuantity, oneOf } from './numbers.ts'

const CIDR_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const WHOLE: ReadonlySet<string> = new Set(['pods'])

export function validateNode(node: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(node['spec'])
  const [taints, amounts] = [taintFaults(spec), amountFaults(objectOf(node['status']))]
  const whole = [...taints, ...amounts, ...rangeFaults(listOf(spec['podCIDRs']).map(textOf))]
  if (old === undefined) return whole
  // The registry looks at the whole node, and what looks at updates does again at most of it.
  return [...whole, ...amounts, ...changeFaults(spec, objectOf(old['spec'])), ...taints]
}

/** Upstream looks for taints under metadata, and says so. */
function taintFaults(spec: JsonObject): readonly FieldFault[] {
  const seen = new Set<string>()
  return objectsOf(spec['taints']).flatMap((taint, index) => {
    const path = `metadata.taints[${index}]`
    const [key, value] = [textOf(taint['key']), textOf(taint['value'])]
    const identity = `${textOf(taint['effect'])}\n${key}`
    const texts = labelValueFaults(value)
    const faults = labelKeyFaults(key).map((text) => invalidValue(`${path}.key`, key, text))
    if (texts.length > 0) faults.push(invalidValue(`${path}.value`, value, texts.join(';')))
    faults.push(...oneOf(taint['effect'], `${path}.effect`, EFFECTS))
    if (seen.has(identity)) faults.push(repeatedTaint(taint, path))
    seen.add(identity)
    return faults
  })
}

function repeatedTaint(taint: JsonObject, path: string): FieldFault {
  const fault = duplicate(path, internalValue('Taint', taint))
  return { ...fault, message: `${fault.message}: taints must be unique by key and effect pair` }
}

function amountFaults(status: JsonObject): readonly FieldFault[] {
  return ['capacity', 'allocatable'].flatMap((key) =>
    Object.entries(objectOf(status[key])).flatMap(([name, value]) =>
      quantityFaults(name, value, `status.${key}.${name}`),
    ),
  )
}

function quantityFaults(name: string, value: JsonValue, field: string): readonly FieldFault[] {
  const faults = nonNegativeQuantity(value, field)
  const quantity = WHOLE.has(name) ? quantityOf(textOf(value)) : undefined
  const isFraction = quantity !== undefined && quantity.nano % 1_000_000_000n !== 0n
  return isFraction ? [...faults, invalidValue(field, value, 'must be an integer')] : faults
}

function rangeFaults(ranges: readonly string[]): readonly FieldFault[] {
  const field = 'spec.podCIDRs'
  const faults = ranges.flatMap((range, index) => (isCidr(range) ? [] : [invalidValue(`${field}[${index}]`, range, CIDR_TEXT)])) // prettier-ignore
  if (ranges.length < 2) return faults
  const families = new Set(ranges.map((range) => isIpv4(range.split('/')[0] ?? '')))
  const isPair = ranges.length === 2 && families.size === 2
  return isPair ? faults : [...faults, invalidValue(field, ranges, 'may specify no more than one CIDR for each IP family')] // prettier-ignore
}

function changeFaults(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const [now, then] = [listOf(spec['podCIDRs']), listOf(before['podCIDRs'])]
  const moved = forbiddenValue('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')
  const faults: FieldFault[] = []
  if (then.length > 0 && now.length !== then.length) faults.push(moved)
  else faults.push(...then.filter((range, index) => range !== now[index]).map(() => moved))
  const provider = textOf(before['providerID'])
  if (provider === '' || provider === spec['providerID']) return faults
  const text = 'node updates may not change providerID except from "" to valid'
  return [...faults, forbiddenValue('spec.providerID', text)]
}
