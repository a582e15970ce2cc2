// The cards at the top of an application: health, sync, last operation, where from and where to.
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { healthOf, syncOf } from '../applications/application-list.ts'
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
  const { spec, status } = application
  const { repository, place, revision } = sourceWords(application)
  const { automated } = spec.syncPolicy ?? {}
  const isAutomated = automated !== undefined && automated.enabled !== false
  const deployed = status?.sync?.revision ?? status?.sync?.revisions?.[0] ?? ''
  return (
    <dl className="cards">
      <div className="card">
        <dt>{text('page.health')}</dt>
        <dd>
          <Badge status={healthOf(application)} />
        </dd>
      </div>
      <div className="card wide">
        <dt>{text('page.syncStatus')}</dt>
        <dd>
          <Badge status={syncOf(application)} />{' '}
          {text('page.to', { revision: deployed === '' ? revision : `${revision} (${shortRevision(deployed)})` })}
        </dd>
        <dd>
          <RevisionWords id={id} revision={deployed} />
        </dd>
        <dd className="muted">{text(isAutomated ? 'page.autoSync' : 'page.manualSync')}</dd>
      </div>
      <div className="card wide">
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
        <dd className="break">{spec.destination.name ?? spec.destination.server}</dd>
        <dd className="muted break">{spec.destination.namespace}</dd>
      </div>
    </dl>
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
      <dd className="message" role="status">
        {state.message}
      </dd>
      <dd className="muted">
        <TimeAgo time={state.finishedAt ?? state.startedAt} />
        {author !== undefined && ` · ${author}`}
      </dd>
    </>
  )
}
