// What an ApplicationSet tells of itself: conditions, and the applications it has generated.
import { Link } from '@tanstack/react-router'
import { Layers } from 'lucide-react'
import type { ApplicationSet } from '../../../../src/crds/application-set.ts'
import type { ResourceStatus } from '../../../../src/crds/application.ts'
import { Badge } from '../../parts/badge.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Notice } from '../../parts/notice.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { useSetsText } from './use-sets-text.ts'

export function SetConditions({ set }: { readonly set: ApplicationSet }) {
  const text = useSetsText()
  const conditions = set.status?.conditions ?? []
  const errors = conditions.filter(({ type, status }) => type === 'ErrorOccurred' && status === 'True')
  return (
    <>
      {errors.map(({ reason, message }) => (
        <Notice key={reason} tone="bad">
          <strong>{reason}</strong>
          <p className="message">{message}</p>
        </Notice>
      ))}
      <details className="more">
        <summary>{text('sets.conditions')}</summary>
        <dl className="facts-grid">
          {conditions.map(({ type, status, reason, message, lastTransitionTime }) => (
            <div key={type} className="facts-row">
              <dt>
                {type}: {status}
              </dt>
              <dd>
                {reason} – {message} {lastTransitionTime !== undefined && <TimeAgo time={lastTransitionTime} />}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  )
}

export function GeneratedApplications({ set }: { readonly set: ApplicationSet }) {
  const text = useSetsText()
  const rows = set.status?.resources ?? []
  const rollout = new Map((set.status?.applicationStatus ?? []).map((one) => [one.application, one]))
  const columns: readonly Column<ResourceStatus>[] = [
    {
      id: 'name',
      title: text('sets.name'),
      cell: ({ name = '', namespace }) => (
        <Link
          to="/applications/$namespace/$name"
          params={{ namespace: namespace || (set.metadata.namespace ?? ''), name }}
          className="strong break"
        >
          {name}
        </Link>
      ),
    },
    { id: 'sync', title: text('sets.sync'), cell: ({ status = 'Unknown' }) => <Badge status={status} /> },
    { id: 'health', title: text('sets.health'), cell: ({ health }) => <Badge status={health?.status ?? 'Unknown'} /> },
    ...(rollout.size === 0
      ? []
      : [
          {
            id: 'step',
            title: text('sets.step'),
            cell: ({ name = '' }: ResourceStatus) => {
              const one = rollout.get(name)
              return one === undefined ? null : (
                <>
                  {one.step}: {one.status}
                  <span className="muted cell-note break">{one.message}</span>
                </>
              )
            },
          },
        ]),
  ]
  if (rows.length === 0) return <Empty icon={Layers} title={text('sets.noApplications')} />
  return (
    <DataTable
      label={text('sets.applications')}
      columns={columns}
      rows={rows}
      keyOf={({ namespace, name }) => `${namespace}/${name}`}
      wordsOf={({ name, status, health }) => [name, status, health?.status].join(' ')}
    />
  )
}
