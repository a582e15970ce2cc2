// A field that takes several texts, each added by Enter or a comma.
import { X } from 'lucide-react'
import { useId, type KeyboardEvent } from 'react'
import { addToList } from '../form/new-application.ts'
import { useText } from './preferences-context.tsx'

interface ListFieldProps {
  readonly label: string
  readonly hint: string
  readonly list: readonly string[]
  readonly onList: (list: readonly string[]) => void
  readonly typed: string
  readonly onTyped: (typed: string) => void
  readonly choices: readonly string[]
}

export function ListField({ label, hint, list, onList, typed, onTyped, choices }: ListFieldProps) {
  const text = useText()
  const id = useId()
  function take(value: string): void {
    onList(addToList(list, value))
    onTyped('')
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing || (event.key !== 'Enter' && event.key !== ',')) return
    event.preventDefault()
    take(typed)
  }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {list.length > 0 && (
        <ul className="chips">
          {list.map((item) => (
            <li key={item} className="chip">
              {item}
              <button
                type="button"
                aria-label={text('form.remove', { name: item })}
                onClick={() => onList(list.filter((other) => other !== item))}
              >
                <X className="icon" aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        id={id}
        value={typed}
        list={`${id}-choices`}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={`${id}-hint`}
        onChange={(event) =>
          choices.includes(event.target.value) ? take(event.target.value) : onTyped(event.target.value)
        }
        onKeyDown={onKeyDown}
      />
      <datalist id={`${id}-choices`}>
        {choices
          .filter((choice) => !list.includes(choice))
          .map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
      </datalist>
      <p id={`${id}-hint`} className="hint">
        {hint}
      </p>
    </div>
  )
}
