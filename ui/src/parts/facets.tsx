// Filters by a state, with how many there are of each.
import { StatusIcon } from './badge.tsx'

interface FacetsProps {
  readonly label: string
  readonly counts: ReadonlyMap<string, number>
  readonly chosen: readonly string[]
  readonly onChosen: (chosen: readonly string[]) => void
}

export function Facets({ label, counts, chosen, onChosen }: FacetsProps) {
  const values = [...new Set([...counts.keys(), ...chosen])].toSorted()
  if (values.length === 0) return null
  function toggle(value: string): void {
    onChosen(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value])
  }
  return (
    <fieldset className="facets" aria-label={label}>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          className="facet"
          aria-pressed={chosen.includes(value)}
          onClick={() => toggle(value)}
        >
          <StatusIcon status={value} />
          {value}
          <span className="count">{counts.get(value) ?? 0}</span>
        </button>
      ))}
    </fieldset>
  )
}
