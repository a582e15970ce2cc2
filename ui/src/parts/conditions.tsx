// What is wrong with an application, in the controller's words, and what to do about it.
import { useState } from 'react'
import type { ApplicationCondition } from '../../../src/crds/application.ts'
import { adviceOf, isErrorCondition, suggestionIn } from '../applications/status.ts'
import { CopyButton } from './copy-button.tsx'
import { Notice } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { TimeAgo } from './time-ago.tsx'

/** More are folded away: forty warnings would hide the application. */
const SHOWN = 3

export function Conditions({ conditions }: { readonly conditions: readonly ApplicationCondition[] }) {
  const text = useText()
  const [isOpen, setOpen] = useState(false)
  const sorted = conditions.toSorted((a, b) => Number(isErrorCondition(b.type)) - Number(isErrorCondition(a.type)))
  const shown = isOpen ? sorted : sorted.slice(0, SHOWN)
  return (
    <>
      {shown.map((condition) => (
        <Condition key={condition.type + condition.message} condition={condition} />
      ))}
      {sorted.length > SHOWN && (
        <button type="button" className="link-button more-conditions" onClick={() => setOpen(!isOpen)}>
          {isOpen ? text('page.fewer') : text('page.showAll', { count: sorted.length })}
        </button>
      )}
    </>
  )
}

function Condition({ condition }: { readonly condition: ApplicationCondition }) {
  const text = useText()
  const { type, message, lastTransitionTime } = condition
  const [words, lines] = suggestionIn(message)
  return (
    <Notice tone={isErrorCondition(type) ? 'bad' : 'warn'}>
      <p className="condition-head">
        <strong>{type}</strong>
        {lastTransitionTime !== undefined && (
          <span className="muted small">
            <TimeAgo time={lastTransitionTime} />
          </span>
        )}
      </p>
      <p className="message condition-message">{words}</p>
      {lines !== '' && (
        <div className="copied">
          <pre className="code">{lines}</pre>
          <CopyButton value={lines} />
        </div>
      )}
      <p className="advice">{text(adviceOf(type))}</p>
    </Notice>
  )
}
