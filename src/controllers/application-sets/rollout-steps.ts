// Which step of a progressive sync an Application belongs to, by its labels (argo-cd v3.5.1 `progressivesync`).
import type { ApplicationSet } from '../../crds/application-set.ts'
import type { Application } from '../../crds/application.ts'
import type { Message } from '../../crds/message-type.ts'

export type RolloutStep = Message<'ApplicationSetRolloutStep'>

/** Whether the strategy is a progressive sync at all. */
export function isRollingSync({ spec }: ApplicationSet): boolean {
  return spec.strategy?.type === 'RollingSync' && spec.strategy.rollingSync !== undefined
}

/** The steps; none without a progressive sync. */
export function stepsOf(set: ApplicationSet): readonly RolloutStep[] {
  return isRollingSync(set) ? (set.spec.strategy?.rollingSync?.steps ?? []) : []
}

/** Whether applications are deleted step by step, the last first. */
export function isDeletedInReverse(set: ApplicationSet): boolean {
  return stepsOf(set).length > 0 && set.spec.strategy?.deletionOrder?.toLowerCase() === 'reverse'
}

export interface StepMap {
  /** Names by step, in the order of the applications. */
  readonly steps: readonly (readonly string[])[]
  /** The first step, from 0, that selects an application; absent for those no step selects. */
  readonly stepOf: ReadonlyMap<string, number>
}

/** Sorts applications into steps; one that two steps select stands in both and counts for the first. */
export function mapSteps(set: ApplicationSet, applications: readonly Application[]): StepMap {
  const stepOf = new Map<string, number>()
  const steps = stepsOf(set).map((step, index) =>
    applications
      .filter((application) => isSelected(step, application))
      .map(({ metadata }) => {
        const name = metadata.name ?? ''
        if (!stepOf.has(name)) stepOf.set(name, index)
        return name
      }),
  )
  return { steps, stepOf }
}

function isSelected({ matchExpressions = [] }: RolloutStep, { metadata }: Application): boolean {
  return matchExpressions.every(({ key = '', operator = '', values = [] }) => {
    const labels = metadata.labels ?? {}
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    if (value === undefined) return operator !== 'In'
    if (operator === 'In') return values.includes(value)
    return operator === 'NotIn' && !values.includes(value)
  })
}

/** The step as the status tells it: from 1, `-1` where none selects the application. */
export function stepText(name: string, { stepOf }: StepMap): string {
  const step = stepOf.get(name)
  return step === undefined ? '-1' : String(step + 1)
}
