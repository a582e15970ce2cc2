// Label selectors: from a text or a LabelSelector object, matched against labels, printed.
import { CapstanError } from '../base/errors.ts'
import { parseRequirements } from './selector-parser.ts'
import { makeRequirement, meets, type Labels, type Requirement, type SelectorOperator } from './selector-requirement.ts'

/** All requirements must be met; an empty selector matches everything. */
export type LabelSelector = readonly Requirement[]

/** The `LabelSelector` of Kubernetes objects (`matchLabels`, `matchExpressions`). */
export interface LabelSelectorObject {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

/** Parses `a=b,c in (d,e),!f,g>1`. Throws `bad-input` with the text the API server gives (400 BadRequest). */
export function parseLabelSelector(text: string): LabelSelector {
  return parseRequirements(text)
}

/** The selector of an object; undefined where the object is absent, which selects nothing (`LabelSelectorAsSelector`). */
export function labelSelectorOf(object: LabelSelectorObject | null | undefined): LabelSelector | undefined {
  if (object === undefined || object === null) return undefined
  const exact = Object.entries(object.matchLabels ?? {}).map(([key, value]) => makeRequirement(key, '=', [value]))
  const expressions = (object.matchExpressions ?? []).map(({ key, operator, values = [] }) =>
    makeRequirement(key, expressionOperator(operator), values),
  )
  return [...exact, ...expressions].sort((a, b) => Number(a.key > b.key) - Number(a.key < b.key))
}

function expressionOperator(operator: string): SelectorOperator {
  switch (operator) {
    case 'In':
      return 'in'
    case 'NotIn':
      return 'notin'
    case 'Exists':
      return 'exists'
    case 'DoesNotExist':
      return '!'
    default:
      throw new CapstanError('bad-input', `${JSON.stringify(operator)} is not a valid label selector operator`)
  }
}

/** Whether labels meet every requirement; an absent selector meets nothing. */
export function matchesLabels(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false
  const present = labels ?? {}
  return selector.every((requirement) => meets(requirement, present))
}

/** The selector as a text that parses to the same. */
export function formatLabelSelector(selector: LabelSelector): string {
  return selector.map(formatRequirement).join(',')
}

function formatRequirement({ key, operator, values }: Requirement): string {
  const list = [...values].sort().join(',')
  switch (operator) {
    case '!':
      return `!${key}`
    case 'exists':
      return key
    case 'in':
    case 'notin':
      return `${key} ${operator} (${list})`
    case 'gt':
      return `${key}>${list}`
    case 'lt':
      return `${key}<${list}`
    default:
      return `${key}${operator}${list}`
  }
}
