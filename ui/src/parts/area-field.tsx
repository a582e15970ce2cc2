// A field for several lines: keys, certificates, lists.
import { useId, type ReactNode } from 'react'

interface AreaFieldProps {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly hint?: ReactNode
  readonly fault?: string | undefined
  readonly rows?: number
  readonly placeholder?: string
}

export function AreaField({ label, value, onValue, hint, fault, rows = 5, placeholder }: AreaFieldProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="code-area"
        rows={rows}
        value={value}
        onChange={(event) => onValue(event.target.value)}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint`}
        autoComplete="off"
        spellCheck={false}
        {...(placeholder === undefined ? {} : { placeholder })}
      />
      <p id={`${id}-hint`} className={fault === undefined ? 'hint' : 'hint fault'}>
        {fault ?? hint}
      </p>
    </div>
  )
}
