// The filters beside the list: each sort of value with how many there are of each.
import { SlidersHorizontal, Star } from 'lucide-react'
import { useState } from 'react'
import { FACETS, type Facet, type FacetCount, type FoundApplications } from '../../../src/api/found-applications.ts'
import { repositoryLabel } from '../applications/wording.ts'
import type { ListSearch } from '../search.ts'
import { StatusIcon } from './badge.tsx'
import { Popup } from './popup.tsx'
import { useText } from './preferences-context.tsx'

interface FacetsProps {
  readonly facets: FoundApplications['facets'] | undefined
  readonly search: ListSearch
  readonly onSearch: (changed: ListSearch) => void
}

/** These say how things are; the others where they are. */
const WITH_ICONS: ReadonlySet<Facet> = new Set(['sync', 'health', 'operation'])
/** So many values are shown before the rest is asked for. */
const SHOWN = 6

export function countChosen(search: ListSearch): number {
  return FACETS.reduce((sum, facet) => sum + (search[facet]?.length ?? 0), search.starred === true ? 1 : 0)
}

/** Beside the list where there is room. */
export function FacetPanel(props: FacetsProps) {
  const text = useText()
  return (
    <aside className="facet-panel" aria-label={text('list.filters')}>
      <FacetGroups {...props} />
    </aside>
  )
}

/** Behind a button where there is none. */
export function FacetPopup(props: FacetsProps) {
  const text = useText()
  const count = countChosen(props.search)
  return (
    <span className="facet-popup">
      <Popup
        className={count > 0 ? 'button menu-button chosen' : 'button menu-button'}
        name={text('list.filters')}
        label={
          <>
            <SlidersHorizontal className="icon" aria-hidden />
            {text('list.filters')}
            {count > 0 && <span className="pill">{count}</span>}
          </>
        }
      >
        <FacetGroups {...props} />
      </Popup>
    </span>
  )
}

function FacetGroups({ facets, search, onSearch }: FacetsProps) {
  const text = useText()
  return (
    <>
      <label className="facet-value starred">
        <input
          type="checkbox"
          checked={search.starred === true}
          onChange={(event) => onSearch({ starred: event.target.checked })}
        />
        <Star className="icon" aria-hidden />
        {text('list.starred')}
      </label>
      {FACETS.map((facet) => (
        <FacetGroup
          key={facet}
          facet={facet}
          values={facets?.[facet] ?? []}
          chosen={search[facet] ?? []}
          onChosen={(values) => onSearch({ [facet]: values })}
        />
      ))}
    </>
  )
}

interface GroupProps {
  readonly facet: Facet
  readonly values: readonly FacetCount[]
  readonly chosen: readonly string[]
  readonly onChosen: (values: readonly string[]) => void
}

function FacetGroup({ facet, values, chosen, onChosen }: GroupProps) {
  const text = useText()
  const [isOpen, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  if (values.length === 0) return null
  const wanted = typed.toLowerCase()
  const matching = values.filter(({ value }) => value.toLowerCase().includes(wanted))
  // What is chosen stays in sight.
  const shown = isOpen ? matching : values.filter(({ value }, index) => index < SHOWN || chosen.includes(value))
  const label = text(`facet.${facet}`)
  return (
    <fieldset className="facet-group">
      <legend>{label}</legend>
      {isOpen && values.length > SHOWN && (
        <input
          type="search"
          className="menu-search"
          aria-label={text('filter.find', { name: label })}
          placeholder={text('filter.find', { name: label })}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      {shown.map(({ value, count }) => (
        <label key={value} className={count === 0 ? 'facet-value none' : 'facet-value'} title={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() =>
              onChosen(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value])
            }
          />
          {WITH_ICONS.has(facet) && <StatusIcon status={value} />}
          <span className="clip">{facet === 'repo' ? repositoryLabel(value) : value}</span>
          <span className="count">{count}</span>
        </label>
      ))}
      {values.length > SHOWN && (
        <button type="button" className="link-button" onClick={() => setOpen(!isOpen)}>
          {isOpen ? text('page.fewer') : text('list.moreValues', { count: values.length - SHOWN })}
        </button>
      )}
    </fieldset>
  )
}
