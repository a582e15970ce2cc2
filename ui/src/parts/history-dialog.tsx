// What was deployed when, and the way back to it.
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Application, RevisionHistory } from '../../../src/crds/application.ts'
import { rollBack } from '../api/calls.ts'
import { readManifests } from '../api/resource-calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { isAutomated } from '../applications/application-list.ts'
import { shortRevision } from '../applications/wording.ts'
import { planManifests } from '../manifest/sync-plan.ts'
import { CheckField } from './fields.tsx'
import { Modal } from './modal.tsx'
import { Failure, Notice } from './notice.tsx'
import { PlanView } from './plan-view.tsx'
import { useText } from './preferences-context.tsx'
import { RevisionWords } from './revision-words.tsx'
import { TimeAgo } from './time-ago.tsx'
import { useMay } from './use-may.ts'

interface HistoryDialogProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly onClose: () => void
}

export function HistoryDialog({ id, application, onClose }: HistoryDialogProps) {
  const text = useText()
  const entries = (application.status?.history ?? []).toReversed()
  const isAuto = isAutomated(application)
  const [chosen, setChosen] = useState<number>()
  const [compared, setCompared] = useState<number>()
  const maySync = useMay(application, 'sync')
  return (
    <Modal title={text('history.title', { name: id.name })} isWide onClose={onClose}>
      {isAuto && <Notice tone="warn">{text('history.auto')}</Notice>}
      {entries.length === 0 && <p>{text('history.empty')}</p>}
      <ol className="history">
        {entries.map((entry, index) => (
          <li key={entry.id}>
            <div className="history-words">
              <code>{shortRevision(revisionOf(entry))}</code> <TimeAgo time={entry.deployedAt} />
              <span className="muted">
                {' '}
                · {entry.initiatedBy?.automated === true ? text('page.automatically') : entry.initiatedBy?.username}
              </span>
              <RevisionWords id={id} revision={revisionOf(entry)} />
              {compared === entry.id && <Comparison id={id} entry={entry} now={entries[0]} />}
              {chosen === entry.id && <Confirmation id={id} entry={entry} onDone={onClose} />}
            </div>
            {index === 0 ? (
              <span className="muted">{text('history.current')}</span>
            ) : (
              <span className="history-buttons">
                <button
                  type="button"
                  className="button"
                  aria-expanded={compared === entry.id}
                  onClick={() => setCompared(compared === entry.id ? undefined : entry.id)}
                >
                  {text('history.compare')}
                </button>
                <button
                  type="button"
                  className="button"
                  aria-expanded={chosen === entry.id}
                  disabled={isAuto || !maySync}
                  title={maySync ? undefined : text('may.not')}
                  onClick={() => setChosen(chosen === entry.id ? undefined : entry.id)}
                >
                  {text('history.rollBack')}
                </button>
              </span>
            )}
          </li>
        ))}
      </ol>
    </Modal>
  )
}

interface ComparisonProps {
  readonly id: ApplicationId
  readonly entry: RevisionHistory
  readonly now: RevisionHistory | undefined
}

/** What is deployed now against what was then: the way there in full. */
function Comparison({ id, entry, now }: ComparisonProps) {
  const text = useText()
  const [then, current] = [revisionOf(entry), now === undefined ? '' : revisionOf(now)]
  const { data, error } = useQuery({
    queryKey: ['comparison', id.namespace, id.name, current, then],
    queryFn: async ({ signal }) =>
      planManifests(await readManifests(id, current, signal), await readManifests(id, then, signal)),
    // Commits do not change.
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <section className="confirmation">
      <h3>{text('history.comparison', { revision: shortRevision(then) })}</h3>
      <Failure error={error} />
      {data === undefined && error === null && <p className="muted">{text('app.loading')}</p>}
      {data !== undefined && <PlanView plan={data} nothing={text('history.noChange')} />}
    </section>
  )
}

interface ConfirmationProps {
  readonly id: ApplicationId
  readonly entry: RevisionHistory
  readonly onDone: () => void
}

function Confirmation({ id, entry, onDone }: ConfirmationProps) {
  const text = useText()
  const [isPruning, setPruning] = useState(false)
  const back = useMutation({ mutationFn: () => rollBack(id, entry.id, isPruning), onSuccess: onDone })
  return (
    <div className="confirmation">
      <Failure error={back.error} />
      <p>{text('history.confirm', { revision: shortRevision(revisionOf(entry)) })}</p>
      <CheckField label={text('sync.prune')} hint={text('sync.pruneHint')} isOn={isPruning} onChange={setPruning} />
      <button type="button" className="button primary" disabled={back.isPending} onClick={() => back.mutate()}>
        {text('history.rollBack')}
      </button>
    </div>
  )
}

function revisionOf({ revision, revisions }: RevisionHistory): string {
  return revision ?? revisions?.[0] ?? ''
}
