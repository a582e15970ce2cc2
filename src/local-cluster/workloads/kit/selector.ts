// Label selectors as the API has them in objects: matchLabels and matchExpressions.
import type { LabelSelector, LabelSelectorRequirement } from './model.ts'

type Labels = Readonly<Record<string, string>>

/** Whether labels meet a selector; an empty selector selects all, an absent one none (metav1.LabelSelectorAsSelector). */
export function selects(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (selector === undefined) return false
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (labels[key] !== value) return false
  }
  return (selector.matchExpressions ?? []).every((requirement) => meets(requirement, labels))
}

/** Whether a selector selects everything. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

function meets(requirement: LabelSelectorRequirement, labels: Labels): boolean {
  // A label may be called `constructor`, and be absent.
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined
  const values = requirement.values ?? []
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}
