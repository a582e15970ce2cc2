// How healthy everything is, at a glance: a bar with a part for each health, which filters by it.
import type { FacetCount } from '../../../src/api/found-applications.ts'
import { toneOf } from '../applications/status.ts'
import { useText } from './preferences-context.tsx'

interface BarProps {
  readonly counts: readonly FacetCount[]
}

const ORDER = ['Degraded', 'Missing', 'Unknown', 'Progressing', 'Suspended', 'Healthy']

export function HealthBar({ counts }: BarProps) {
  const text = useText()
  const shown = counts
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => ORDER.indexOf(a.value) - ORDER.indexOf(b.value))
  const words = shown.map(({ value, count }) => `${value} ${count}`).join(', ')
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing made of boxes is no file
    <div className="health-bar" role="img" aria-label={`${text('list.health')}: ${words}`} title={words}>
      {shown.map(({ value, count }) => (
        <span key={value} className={`bar-${toneOf(value)}`} style={{ flexGrow: count }} />
      ))}
    </div>
  )
}
