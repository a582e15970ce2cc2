// The selector of a generator: a label selector over the parameters, whose values may be any text (argo-cd v3.5.1 `applicationset/utils/selector.go`).
import { CapstanError } from '../base/errors.ts'
import type { LabelSelectorObject } from '../kube/selector.ts'
import { labelKeyFaults } from '../kube/label-names.ts'
import { meets, type Requirement, type SelectorOperator } from '../kube/selector-requirement.ts'
import type { Parameters } from './contract.ts'
import { failed } from './failure.ts'
import { flatten } from './parameters.ts'

/** Whether parameters are wanted. Throws with upstream's text where the selector is none. */
export function parameterFilter(selector: LabelSelectorObject | undefined): (parameters: Parameters) => boolean {
  if (selector === undefined) return () => true
  const requirements = requirementsOf(selector)
  return (parameters) => {
    const labels = Object.fromEntries(flatten(parameters, true))
    return requirements.every((requirement) => meets(requirement, labels))
  }
}

function requirementsOf(selector: LabelSelectorObject): readonly Requirement[] {
  try {
    return [
      ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => requirement(key, '=', [value])),
      ...(selector.matchExpressions ?? []).map((one) =>
        requirement(one.key, operatorOf(one.operator), one.values ?? []),
      ),
    ]
  } catch (error) {
    throw failed('error parsing label selector', error)
  }
}

const OPERATORS: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

function operatorOf(operator: string): SelectorOperator {
  const known = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined
  if (known !== undefined) return known
  throw new CapstanError('bad-input', `${JSON.stringify(operator)} is not a valid pod selector operator`)
}

function requirement(key: string, operator: SelectorOperator, values: readonly string[]): Requirement {
  const faults = labelKeyFaults(key).map((fault) => invalid('key', key, fault))
  if ((operator === 'in' || operator === 'notin') && values.length === 0) {
    faults.push(invalid('values', values, "for 'in', 'notin' operators, values set can't be empty"))
  }
  if ((operator === 'exists' || operator === '!') && values.length > 0) {
    faults.push(invalid('values', values, 'values set must be empty for exists and does not exist'))
  }
  if (faults.length === 0) return { key, operator, values }
  throw new CapstanError('bad-input', faults.length === 1 ? String(faults[0]) : `[${faults.join(', ')}]`)
}

function invalid(field: string, value: string | readonly string[], detail: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${detail}`
}
