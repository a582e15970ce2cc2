// A list edited row by row, each with one or more fields.
import { Plus, X } from 'lucide-react'
import { useId } from 'react'
import type { Row } from '../../form/project.ts'
import { useSettingsText } from './use-settings-text.ts'

export interface RowField {
  readonly name: string
  readonly label: string
  readonly choices?: readonly string[]
}

interface RowsEditorProps {
  readonly title: string
  readonly hint: string
  readonly fields: readonly RowField[]
  readonly rows: readonly Row[]
  readonly onRows: (rows: readonly Row[]) => void
}

export function RowsEditor({ title, hint, fields, rows, onRows }: RowsEditorProps) {
  const text = useSettingsText()
  const id = useId()
  const blank = Object.fromEntries(fields.map(({ name }) => [name, '']))
  return (
    <section className="rows-editor" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="hint">{hint}</p>
      {rows.map((row, index) => (
        // Rows have no names of their own, and only the fields inside keep state.
        <div key={index} className="rows-line">
          {fields.map(({ name, label, choices }) => (
            <input
              key={name}
              aria-label={text('project.field', { field: label, row: index + 1 })}
              placeholder={label}
              value={row[name] ?? ''}
              autoComplete="off"
              spellCheck={false}
              {...(choices === undefined ? {} : { list: `${id}-${name}` })}
              onChange={(event) =>
                onRows(rows.map((other, at) => (at === index ? { ...other, [name]: event.target.value } : other)))
              }
            />
          ))}
          <button
            type="button"
            className="button plain icon-only"
            aria-label={text('project.removeRow', { row: index + 1 })}
            onClick={() => onRows(rows.filter((_, at) => at !== index))}
          >
            <X className="icon" aria-hidden />
          </button>
        </div>
      ))}
      {fields.map(({ name, choices }) =>
        choices === undefined ? null : (
          <datalist key={name} id={`${id}-${name}`}>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </datalist>
        ),
      )}
      <button type="button" className="button" onClick={() => onRows([...rows, blank])}>
        <Plus className="icon" aria-hidden />
        {text('project.addRow')}
      </button>
    </section>
  )
}
