// Conditions of an application: which exist, which are errors, and how a new set replaces an old one.
import type { ApplicationCondition } from '../../crds/application.ts'

export type ConditionType =
  | 'DeletionError'
  | 'InvalidSpecError'
  | 'ComparisonError'
  | 'SyncError'
  | 'UnknownError'
  | 'SharedResourceWarning'
  | 'RepeatedResourceWarning'
  | 'ExcludedResourceWarning'
  | 'OrphanedResourceWarning'
  /** Ours: rendered otherwise than asked for, or differently each time. */
  | 'RenderWarning'
  /** Ours: images whose registry's credential is not at hand where they are used. */
  | 'ImagePullSecretWarning'
  /** Ours: self-heal and another controller undo each other. */
  | 'SelfHealLoopWarning'

export interface Condition {
  readonly type: ConditionType
  readonly message: string
  /** Reported, but a sync is not stopped by it: it fails, if at all, where it meets the object. */
  readonly isHarmless?: true
}

export function isErrorCondition(condition: { readonly type: string }): boolean {
  return condition.type.endsWith('Error')
}

/** `<type>: <message>` joined by `;`, as an operation's message. */
export function formatConditions(conditions: readonly Condition[]): string {
  return conditions.map(({ type, message }) => `${type}: ${message}`).join(';')
}

/**
 * Replaces the conditions of the `evaluated` types. One that was there with the same type and message keeps its time.
 */
export function replaceConditions(
  current: readonly ApplicationCondition[],
  next: readonly Condition[],
  evaluated: ReadonlySet<ConditionType>,
  now: string,
): readonly ApplicationCondition[] {
  const kept = current.filter(({ type }) => !(evaluated as ReadonlySet<string>).has(type))
  const added = next.map(({ type, message }): ApplicationCondition => {
    const same = current.find((condition) => condition.type === type && condition.message === message)
    return same ?? { type, message, lastTransitionTime: now }
  })
  return [...kept, ...added]
}
