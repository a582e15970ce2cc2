// One application of the list: a row of the table or a tile.
import { Link } from '@tanstack/react-router'
import { FolderGit2, Server, Star, TriangleAlert } from 'lucide-react'
import type { Application } from '../../../src/crds/application.ts'
import { healthOf, isAutomated, syncOf } from '../applications/application-list.ts'
import { toneOf } from '../applications/status.ts'
import { sourceWords } from '../applications/wording.ts'
import type { ListView } from '../search.ts'
import { Badge } from './badge.tsx'
import { useText } from './preferences-context.tsx'
import { TimeAgo } from './time-ago.tsx'

interface ItemProps {
  readonly application: Application
  readonly view: ListView
  readonly isActive: boolean
  readonly onFocus: () => void
  readonly isFavourite: boolean
  readonly onFavourite: () => void
  readonly isSelected: boolean
  readonly onSelect: (isOn: boolean) => void
}

export function ApplicationItem(props: ItemProps) {
  const { application, view, isActive, onFocus, isFavourite, onFavourite, isSelected, onSelect } = props
  const text = useText()
  const { metadata } = application
  const name = metadata.name ?? ''
  return (
    <div className={`item ${view} edge-${toneOf(healthOf(application))}${isSelected ? ' selected' : ''}`}>
      <span className="item-tools">
        <input
          type="checkbox"
          checked={isSelected}
          aria-label={text('list.select', { name })}
          onChange={(event) => onSelect(event.target.checked)}
        />
        <button
          type="button"
          className={isFavourite ? 'star on' : 'star'}
          aria-pressed={isFavourite}
          aria-label={text('list.favourite', { name })}
          title={text('list.favourite', { name })}
          onClick={onFavourite}
        >
          <Star className="icon" aria-hidden />
        </button>
      </span>
      <Link
        to="/applications/$namespace/$name"
        params={{ namespace: metadata.namespace ?? '', name }}
        className={view === 'table' ? 'row' : 'tile'}
        tabIndex={isActive ? 0 : -1}
        onFocus={onFocus}
      >
        <Words application={application} />
      </Link>
    </div>
  )
}

function Words({ application }: { readonly application: Application }) {
  const text = useText()
  const { metadata, spec, status } = application
  const { repository, place, revision } = sourceWords(application)
  const warnings = status?.conditions?.length ?? 0
  return (
    <>
      <span className="row-name">
        <strong>{metadata.name}</strong>
        <span className="muted">
          {spec.project}
          {isAutomated(application) && <span className="note">{text('list.auto')}</span>}
        </span>
      </span>
      <span className="row-states">
        <Badge status={syncOf(application)} />
        <Badge status={healthOf(application)} />
        {warnings > 0 && (
          <span className="badge tone-warn" title={(status?.conditions ?? []).map(({ type }) => type).join(', ')}>
            <TriangleAlert className="icon" aria-hidden />
            {warnings}
            <span className="visually-hidden">{text('page.conditions')}</span>
          </span>
        )}
      </span>
      <span className="row-cell row-source">
        <FolderGit2 className="icon" aria-hidden />
        <span className="clip-lines">
          {repository} <span className="muted">{revision}</span>
          <span className="muted second">{place}</span>
        </span>
      </span>
      <span className="row-cell row-destination">
        <Server className="icon" aria-hidden />
        <span className="clip-lines">
          {spec.destination.name ?? clusterName(spec.destination.server)}
          <span className="muted second">{spec.destination.namespace}</span>
        </span>
      </span>
      <span className="row-time muted">
        <LastOperation application={application} />
      </span>
    </>
  )
}

function LastOperation({ application: { operation, status } }: { readonly application: Application }) {
  const text = useText()
  const { phase, finishedAt, startedAt } = status?.operationState ?? {}
  if (operation !== undefined || phase === 'Running') return <Badge status="Running" />
  const time = finishedAt ?? startedAt
  if (time === undefined || phase === undefined) return text('list.never')
  return (
    <>
      {phase !== 'Succeeded' && <Badge status={phase} />} <TimeAgo time={time} />
    </>
  )
}

function clusterName(server = ''): string {
  return server === 'https://kubernetes.default.svc' ? 'in-cluster' : server.replace(/^https?:\/\//, '')
}
