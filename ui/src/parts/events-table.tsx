// The events of an application or of one of its resources.
import { useQuery } from '@tanstack/react-query'
import { listEvents, timeOf } from '../api/resource-calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { TimeAgo } from './time-ago.tsx'

interface EventsProps {
  readonly id: ApplicationId
  /** Absent: the application's own. */
  readonly resource?: { readonly uid: string; readonly namespace: string; readonly name: string }
}

const REFRESH_MS = 5000

export function EventsTable({ id, resource }: EventsProps) {
  const text = useText()
  const events = useQuery({
    queryKey: ['events', id.namespace, id.name, resource?.uid ?? ''],
    queryFn: ({ signal }) => listEvents(id, resource, signal),
    refetchInterval: REFRESH_MS,
  })
  const items = events.data ?? []
  if (events.isPending) return <p className="muted">{text('app.loading')}</p>
  return (
    <>
      <Failure error={events.error} onRetry={() => void events.refetch()} />
      {events.isSuccess && items.length === 0 && <p className="muted">{text('events.none')}</p>}
      <ol className="events">
        {items.map((event) => (
          <li
            key={event.metadata.uid ?? event.metadata.name}
            className={event.type === 'Warning' ? 'event warning' : 'event'}
          >
            <div className="event-head">
              <strong>{event.reason}</strong>
              {(event.count ?? 1) > 1 && (
                <span className="note">{text('events.count', { count: event.count ?? 1 })}</span>
              )}
              <span className="muted push">
                <TimeAgo time={timeOf(event)} />
              </span>
            </div>
            <p className="message">{event.message}</p>
            <p className="muted small">{event.source?.component}</p>
          </li>
        ))}
      </ol>
    </>
  )
}
