// A filter by some of many values: a button that opens a list of them with their numbers.
import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { StatusIcon } from './badge.tsx'
import { Popup } from './popup.tsx'
import { useText } from './preferences-context.tsx'

interface FilterMenuProps {
  readonly label: string
  readonly counts: ReadonlyMap<string, number>
  readonly chosen: readonly string[]
  readonly onChosen: (chosen: readonly string[]) => void
  /** Values are states, which have icons. */
  readonly hasIcons?: boolean
  readonly hasCounts?: boolean
}

/** More values than this get a field to find one. */
const MANY = 10

export function FilterMenu({ label, counts, chosen, onChosen, hasIcons = false, hasCounts = true }: FilterMenuProps) {
  const text = useText()
  const [typed, setTyped] = useState('')
  const values = [...new Set([...counts.keys(), ...chosen])]
  const wanted = typed.toLowerCase()
  const shown = values.filter((value) => value.toLowerCase().includes(wanted))
  return (
    <Popup
      className={chosen.length > 0 ? 'button menu-button chosen' : 'button menu-button'}
      isDisabled={values.length === 0}
      name={label}
      label={
        <>
          {label}
          {chosen.length > 0 && <span className="pill">{chosen.length}</span>}
          <ChevronDown className="icon" aria-hidden />
        </>
      }
    >
      {values.length > MANY && (
        <input
          type="search"
          className="menu-search"
          aria-label={text('filter.find', { name: label })}
          placeholder={text('filter.find', { name: label })}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      {shown.map((value) => (
        <label key={value} className="menu-item">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() =>
              onChosen(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value])
            }
          />
          {hasIcons && <StatusIcon status={value} />}
          <span className="menu-words">{value}</span>
          {hasCounts && <span className="count">{counts.get(value) ?? 0}</span>}
        </label>
      ))}
    </Popup>
  )
}
