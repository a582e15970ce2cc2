// Syncs, refreshes or deletes many applications, after saying which, and shows how far it is.
import { CircleCheck, CircleX } from 'lucide-react'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { deleteApplication, readApplication, syncApplication } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { runMany, type Outcome } from '../applications/run-many.ts'
import type { BulkDeed } from './bulk-bar.tsx'
import { CheckField, TextField } from './fields.tsx'
import { Modal } from './modal.tsx'
import { Notice } from './notice.tsx'
import { useText } from './preferences-context.tsx'

interface BulkDialogProps {
  readonly deed: BulkDeed
  readonly keys: readonly string[]
  readonly onClose: () => void
  readonly onDone: () => void
}

const SWITCHES = ['prune', 'dryRun', 'force', 'applyOnly'] as const

interface BulkChoice {
  readonly prune: boolean
  readonly dryRun: boolean
  readonly force: boolean
  readonly applyOnly: boolean
  readonly cascade: boolean
}

const FIRST: BulkChoice = { prune: false, dryRun: false, force: false, applyOnly: false, cascade: true }

function idOf(key: string): ApplicationId {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

function act(deed: BulkDeed, key: string, choice: BulkChoice): Promise<unknown> {
  const id = idOf(key)
  switch (deed) {
    case 'sync': {
      const { prune, dryRun, force, applyOnly } = choice
      const strategy = force ? { force: true } : {}
      const chosen = applyOnly || force ? { strategy: applyOnly ? { apply: strategy } : { hook: strategy } } : {}
      return syncApplication(id, { prune, dryRun, ...chosen })
    }
    case 'refresh':
      return readApplication(id, { refresh: 'normal' })
    case 'delete':
      return deleteApplication(id, choice.cascade)
  }
}

export function BulkDialog({ deed, keys, onClose, onDone }: BulkDialogProps) {
  const text = useText()
  const [choice, setChoice] = useState(FIRST)
  const [typed, setTyped] = useState('')
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>()
  const stop = useRef(new AbortController())
  useEffect(() => {
    const control = stop.current
    return () => control.abort()
  }, [])
  const isBegun = outcomes !== undefined
  const isOver = outcomes?.size === keys.length
  const failed = [...(outcomes?.values() ?? [])].filter(({ failure }) => failure !== undefined)
  const isSure = deed !== 'delete' || typed === String(keys.length)
  function run(some: readonly string[], before: ReadonlyMap<string, Outcome>): void {
    setOutcomes(before)
    const tell = (outcome: Outcome): void => setOutcomes((old) => new Map(old).set(outcome.key, outcome))
    void runMany(some, (key) => act(deed, key, choice), tell, stop.current.signal)
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (isOver) onDone()
    else if (!isBegun && isSure) run(keys, new Map())
  }
  function retry(): void {
    const again = failed.map(({ key }) => key)
    run(again, new Map([...(outcomes ?? [])].filter(([key]) => !again.includes(key))))
  }
  return (
    <Modal title={text(`bulk.${deed}`, { count: keys.length })} onClose={isOver ? onDone : onClose}>
      <form onSubmit={submit}>
        {!isBegun && (
          <Choices
            deed={deed}
            count={keys.length}
            choice={choice}
            onChoice={setChoice}
            typed={typed}
            onTyped={setTyped}
          />
        )}
        {isBegun && (
          <progress className="progress" aria-label={text('bulk.title')} max={keys.length} value={outcomes.size} />
        )}
        {failed.length > 0 && <Notice tone="bad">{text('bulk.failed', { count: failed.length })}</Notice>}
        <Names keys={keys} outcomes={outcomes} />
        <Foot
          deed={deed}
          isOver={isOver}
          isOff={(isBegun && !isOver) || !isSure}
          onRetry={failed.length > 0 ? retry : undefined}
          onClose={onClose}
        />
      </form>
    </Modal>
  )
}

interface ChoicesProps {
  readonly deed: BulkDeed
  readonly count: number
  readonly choice: BulkChoice
  readonly onChoice: (choice: BulkChoice) => void
  readonly typed: string
  readonly onTyped: (typed: string) => void
}

function Choices({ deed, count, choice, onChoice, typed, onTyped }: ChoicesProps) {
  const text = useText()
  if (deed === 'refresh') return null
  if (deed === 'sync') {
    return (
      <div className="switches">
        {SWITCHES.map((name) => (
          <CheckField
            key={name}
            label={text(`sync.${name}`)}
            hint={text(`sync.${name}Hint`)}
            isOn={choice[name]}
            onChange={(isOn) => onChoice({ ...choice, [name]: isOn })}
          />
        ))}
      </div>
    )
  }
  return (
    <>
      <CheckField
        label={text('delete.cascade')}
        hint={text('delete.cascadeHint')}
        isOn={choice.cascade}
        onChange={(cascade) => onChoice({ ...choice, cascade })}
      />
      <TextField label={text('bulk.confirm', { count })} value={typed} inputMode="numeric" onValue={onTyped} />
    </>
  )
}

interface FootProps {
  readonly deed: BulkDeed
  readonly isOver: boolean
  readonly isOff: boolean
  /** Absent where nothing has failed. */
  readonly onRetry: (() => void) | undefined
  readonly onClose: () => void
}

function Foot({ deed, isOver, isOff, onRetry, onClose }: FootProps) {
  const text = useText()
  return (
    <div className="modal-foot">
      <button
        type="submit"
        className={deed === 'delete' && !isOver ? 'button danger' : 'button primary'}
        disabled={isOff}
      >
        {text(isOver ? 'app.close' : `bulk.do.${deed}`)}
      </button>
      {isOver && onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {text('app.retry')}
        </button>
      )}
      {!isOver && (
        <button type="button" className="button" onClick={onClose}>
          {text('app.cancel')}
        </button>
      )}
    </div>
  )
}

interface NamesProps {
  readonly keys: readonly string[]
  readonly outcomes: ReadonlyMap<string, Outcome> | undefined
}

function Names({ keys, outcomes }: NamesProps) {
  return (
    <ul className="bulk-names">
      {keys.map((key) => {
        const outcome = outcomes?.get(key)
        return (
          <li key={key}>
            {outcome !== undefined &&
              (outcome.failure === undefined ? (
                <CircleCheck className="icon tone-good" aria-hidden />
              ) : (
                <CircleX className="icon tone-bad" aria-hidden />
              ))}
            <span className="break">
              {idOf(key).name}
              {outcome?.failure !== undefined && <span className="tone-bad"> {outcome.failure}</span>}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
