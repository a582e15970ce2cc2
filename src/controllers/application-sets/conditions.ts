// Conditions and health of an ApplicationSet, as upstream keeps them (argo-cd v3.5.1 `applicationset_types.go`, `setApplicationSetStatusCondition`).
import type { ApplicationSet, ApplicationSetCondition, ApplicationSetStatus } from '../../crds/application-set.ts'
import { isRollingSync } from './rollout-steps.ts'

export type SetConditionType = 'ErrorOccurred' | 'ParametersGenerated' | 'ResourcesUpToDate' | 'RolloutProgressing'

export interface SetCondition {
  readonly type: SetConditionType
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

export const UP_TO_DATE: SetCondition = {
  type: 'ResourcesUpToDate',
  status: 'True',
  reason: 'ApplicationSetUpToDate',
  message: 'All applications have been generated successfully',
}

/** What went wrong, with upstream's reason. */
export function errorCondition(reason: string, message: string): SetCondition {
  return { type: 'ErrorOccurred', status: 'True', reason, message }
}

/** The status after one outcome; the same object where nothing changes. `at` is RFC 3339. */
export function withCondition(
  set: ApplicationSet,
  condition: SetCondition,
  { areGenerated, at }: { readonly areGenerated: boolean; readonly at: string },
): ApplicationSetStatus {
  const evaluated = new Set<string>(['ParametersGenerated', condition.type])
  const next: SetCondition[] = [condition, parametersCondition(areGenerated, condition.message)]
  const isRolling = isRollingSync(set)
  if (!isRolling) evaluated.add('RolloutProgressing')
  if (condition.type === 'ResourcesUpToDate' && condition.status === 'True') {
    evaluated.add('ErrorOccurred')
    next.push({ ...condition, type: 'ErrorOccurred', status: 'False' })
  }
  if (condition.type === 'ErrorOccurred' && condition.status === 'True') {
    evaluated.add('ResourcesUpToDate')
    next.push({ ...condition, type: 'ResourcesUpToDate', status: 'False', reason: 'ErrorOccurred' })
  }
  const wanted = isRolling ? next : next.filter(({ type }) => type !== 'RolloutProgressing')
  return replaced(set.status ?? {}, wanted, { evaluated, at })
}

function parametersCondition(areGenerated: boolean, message: string): SetCondition {
  return areGenerated
    ? {
        type: 'ParametersGenerated',
        status: 'True',
        reason: 'ParametersGenerated',
        message: 'Successfully generated parameters for all Applications',
      }
    : { type: 'ParametersGenerated', status: 'False', reason: 'ErrorOccurred', message }
}

function replaced(
  status: ApplicationSetStatus,
  next: readonly SetCondition[],
  { evaluated, at }: { readonly evaluated: ReadonlySet<string>; readonly at: string },
): ApplicationSetStatus {
  const current = status.conditions ?? []
  const kept = current.filter(({ type }) => !evaluated.has(type))
  const written = next.map((condition) => {
    const before = current.find(({ type }) => type === condition.type)
    return before !== undefined && isSame(before, condition) ? before : { ...condition, lastTransitionTime: at }
  })
  const conditions = [...kept, ...written].toSorted((a, b) => (a.type < b.type ? -1 : Number(a.type > b.type)))
  const isUnchanged = conditions.length === current.length && conditions.every((one, index) => one === current[index])
  return isUnchanged ? status : { ...status, conditions, health: healthOf(conditions) }
}

function isSame(a: ApplicationSetCondition, b: SetCondition): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message
}

function healthOf(conditions: readonly ApplicationSetCondition[]): NonNullable<ApplicationSetStatus['health']> {
  const current = (type: SetConditionType): ApplicationSetCondition | undefined =>
    conditions.find((condition) => condition.type === type && condition.status === 'True')
  const failed = current('ErrorOccurred')
  if (failed !== undefined) return { status: 'Degraded', message: failed.message }
  const progressing = current('RolloutProgressing')
  if (progressing !== undefined) return { status: 'Progressing', message: progressing.message }
  const healthy = current('ResourcesUpToDate')
  if (healthy !== undefined) return { status: 'Healthy', message: healthy.message }
  return { status: 'Unknown', message: 'Waiting for health status to be determined' }
}
