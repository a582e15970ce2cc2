// What would change: numbers of each sort, and each resource with its difference to unfold.
import { CHANGES, countChanges, type PlannedItem } from '../manifest/sync-plan.ts'
import { DiffView } from './diff-view.tsx'
import { KindMark } from './kind-mark.tsx'
import { useText } from './preferences-context.tsx'

interface PlanProps {
  readonly plan: readonly PlannedItem[]
  /** What is said where nothing would change. */
  readonly nothing: string
}

export function PlanView({ plan, nothing }: PlanProps) {
  const text = useText()
  const counts = countChanges(plan)
  if (plan.length === 0) return <p className="plan-nothing">{nothing}</p>
  return (
    <div className="plan">
      <ul className="plan-counts">
        {CHANGES.filter((change) => counts.has(change)).map((change) => (
          <li key={change} className={`plan-count change-${change}`}>
            <strong>{counts.get(change)}</strong> {text(`plan.${change}`)}
          </li>
        ))}
      </ul>
      {plan.map(({ key, kind, name, namespace, change, diff }) => (
        <details key={key} className="plan-item" open={plan.length === 1}>
          <summary>
            <KindMark kind={kind} />
            <span className="break">
              <span className="muted">{kind}</span> {namespace === '' ? name : `${namespace}/${name}`}
            </span>
            <span className={`plan-mark change-${change}`}>{text(`plan.${change}`)}</span>
            <span className="muted small push">
              +{diff.added} −{diff.removed}
            </span>
          </summary>
          <DiffView diff={diff} />
        </details>
      ))}
    </div>
  )
}
