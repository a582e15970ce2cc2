// A table that becomes a list of cards on a phone, with a filter where it is long.
import { useState, type ReactNode } from 'react'
import { useText } from './preferences-context.tsx'

export interface Column<T> {
  readonly id: string
  readonly title: string
  readonly cell: (row: T) => ReactNode
  /** Buttons: without a heading on cards, at the end of the row. */
  readonly isActions?: boolean
}

interface DataTableProps<T> {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  /** The text a row is found by. */
  readonly wordsOf: (row: T) => string
}

/** Fewer rows are seen at a glance. */
const FILTER_FROM = 8

export function DataTable<T>({ label, columns, rows, keyOf, wordsOf }: DataTableProps<T>) {
  const text = useText()
  const [typed, setTyped] = useState('')
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = rows.filter((row) => {
    const own = wordsOf(row).toLowerCase()
    return words.every((word) => own.includes(word))
  })
  return (
    <>
      {rows.length >= FILTER_FROM && (
        <input
          type="search"
          className="table-search"
          aria-label={text('app.filter')}
          placeholder={text('app.filter')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <div className="table-frame data-frame">
        <table className="data-table" aria-label={label}>
          <thead>
            <tr>
              {columns.map(({ id, title, isActions = false }) => (
                <th key={id} scope="col" className={isActions ? 'cell-actions' : undefined}>
                  {isActions ? <span className="unseen">{title}</span> : title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ id, title, cell, isActions = false }) => (
                  <td key={id} data-label={title} className={isActions ? 'cell-actions' : undefined}>
                    <div className="cell">{cell(row)}</div>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p className="muted">{text('app.noMatch')}</p>}
    </>
  )
}
