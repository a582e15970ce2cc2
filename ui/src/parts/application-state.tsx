// The cards at the top of an application: health, sync, last operation, where from and where to.
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { healthOf, isAutomated, syncOf } from '../applications/application-list.ts'
import { shortRevision, sourceWords } from '../applications/wording.ts'
import { Badge } from './badge.tsx'
import { useText } from './preferences-context.tsx'
import { RevisionWords } from './revision-words.tsx'
import { TimeAgo } from './time-ago.tsx'

interface StateProps {
  readonly id: ApplicationId
  readonly application: Application
}

export function ApplicationState({ id, application }: StateProps) {
  const text = useText()
  const { repository, place } = sourceWords(application)
  const { destination } = application.spec
  return (
    <dl className="cards">
      <div className="card">
        <dt>{text('page.health')}</dt>
        <dd>
          <Badge status={healthOf(application)} />
        </dd>
      </div>
      <div className="card">
        <dt>{text('page.syncStatus')}</dt>
        <SyncStatus id={id} application={application} />
      </div>
      <div className="card">
        <dt>{text('page.lastSync')}</dt>
        <LastSync application={application} />
      </div>
      <div className="card">
        <dt>{text('page.source')}</dt>
        <dd className="break">{repository}</dd>
        <dd className="muted break">{place}</dd>
      </div>
      <div className="card">
        <dt>{text('page.destination')}</dt>
        <dd className="break">{destination.name ?? destination.server}</dd>
        <dd className="muted break">{destination.namespace}</dd>
      </div>
    </dl>
  )
}

function SyncStatus({ id, application }: StateProps) {
  const text = useText()
  const { revision: wanted } = sourceWords(application)
  const { revision, revisions } = application.status?.sync ?? {}
  const compared = revision ?? revisions?.[0] ?? ''
  return (
    <>
      <dd>
        <Badge status={syncOf(application)} />{' '}
        {text('page.to', { revision: compared === '' ? wanted : `${wanted} (${shortRevision(compared)})` })}
      </dd>
      <dd>
        <RevisionWords id={id} revision={compared} />
      </dd>
      <dd className="muted">{text(isAutomated(application) ? 'page.autoSync' : 'page.manualSync')}</dd>
    </>
  )
}

function LastSync({ application: { operation, status } }: { readonly application: Application }) {
  const text = useText()
  const state = status?.operationState
  if (state === undefined) {
    return <dd>{operation === undefined ? text('page.noOperation') : <Badge status="Running" />}</dd>
  }
  const { username, automated } = state.operation.initiatedBy ?? {}
  const author = automated === true ? text('page.automatically') : username
  const revision = state.syncResult?.revision ?? ''
  return (
    <>
      <dd>
        <Badge status={state.phase} /> {revision !== '' && text('page.from', { revision: shortRevision(revision) })}
      </dd>
      <dd>
        <output className="message">{state.message}</output>
      </dd>
      <dd className="muted">
        <TimeAgo time={state.finishedAt ?? state.startedAt} />
        {author !== undefined && ` · ${author}`}
      </dd>
    </>
  )
}
