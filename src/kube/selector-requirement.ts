// One requirement of a label selector: key, operator, values; its rules and what it matches (apimachinery v0.36.3 pkg/labels).
import { CapstanError } from '../base/errors.ts'
import { labelKeyFaults, labelValueFaults } from './label-names.ts'

export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

/** Values are sorted where the selector was a text. */
export interface Requirement {
  readonly key: string
  readonly operator: SelectorOperator
  readonly values: readonly string[]
}

export type Labels = Readonly<Record<string, string>>

/** A requirement whose key and values are valid. Throws `bad-input` with upstream's text. */
export function makeRequirement(key: string, operator: SelectorOperator, values: readonly string[]): Requirement {
  const faults = [...keyFault(key, 'key'), ...countFaults(operator, values)]
  values.forEach((value, index) => {
    const found = labelValueFaults(value)
    if (found.length > 0) faults.push(invalid(`values[${index}][${key}]`, value, found.join('; ')))
  })
  if (faults.length > 0)
    throw new CapstanError('bad-input', faults.length === 1 ? String(faults[0]) : `[${faults.join(', ')}]`)
  return { key, operator, values }
}

/** Throws `bad-input` where a text of a selector names no label key; upstream gives no path there. */
export function assertLabelKey(key: string): void {
  const [fault] = keyFault(key, '<nil>')
  if (fault !== undefined) throw new CapstanError('bad-input', fault)
}

function keyFault(key: string, field: string): string[] {
  const faults = labelKeyFaults(key)
  return faults.length === 0 ? [] : [invalid(field, key, faults.join('; '))]
}

const INTEGER = /^[+-]?\d{1,19}$/

function countFaults(operator: SelectorOperator, values: readonly string[]): string[] {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length === 0
        ? [invalid('values', values, "for 'in', 'notin' operators, values set can't be empty")]
        : []
    case 'exists':
    case '!':
      return values.length === 0
        ? []
        : [invalid('values', values, 'values set must be empty for exists and does not exist')]
    case 'gt':
    case 'lt':
      return values.flatMap((value, index) =>
        INTEGER.test(value)
          ? []
          : [invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")],
      )
    default:
      return values.length === 1
        ? []
        : [invalid('values', values, 'exact-match compatibility requires one single value')]
  }
}

function invalid(field: string, value: string | readonly string[], detail: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${detail}`
}

/** Whether labels meet one requirement. */
export function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'gt':
      return compareIntegers(value, values[0], (a, b) => a > b)
    case 'lt':
      return compareIntegers(value, values[0], (a, b) => a < b)
  }
}

function compareIntegers(
  a: string | undefined,
  b: string | undefined,
  compare: (a: bigint, b: bigint) => boolean,
): boolean {
  if (a === undefined || b === undefined || !INTEGER.test(a) || !INTEGER.test(b)) return false
  return compare(BigInt(a.replace('+', '')), BigInt(b.replace('+', '')))
}
