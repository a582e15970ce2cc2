// The sync windows that bear on an application, and whether it may be synced now.
import { useQuery } from '@tanstack/react-query'
import { readWindows } from '../api/resource-calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { Failure, Notice } from './notice.tsx'
import { useText } from './preferences-context.tsx'

const REFRESH_MS = 30_000

export function WindowsTab({ id }: { readonly id: ApplicationId }) {
  const text = useText()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['windows', id.namespace, id.name],
    queryFn: ({ signal }) => readWindows(id, signal),
    refetchInterval: REFRESH_MS,
  })
  if (isPending) return <p className="muted">{text('app.loading')}</p>
  const assigned = data?.assignedWindows ?? []
  const active = new Set((data?.activeWindows ?? []).map((window) => JSON.stringify(window)))
  return (
    <>
      <Failure error={error} onRetry={() => void refetch()} />
      {data?.canSync === false && <Notice tone="warn">{text('windows.closed')}</Notice>}
      {assigned.length === 0 && error === null && <p className="muted">{text('windows.none')}</p>}
      <ul className="events">
        {assigned.map((window) => {
          const key = JSON.stringify(window)
          const { kind = '', schedule = '', duration = '', manualSync = false } = window
          return (
            <li key={key} className={active.has(key) ? 'event active' : 'event'}>
              <div className="event-head">
                <strong>{kind}</strong>
                {active.has(key) && <span className="note">{text('windows.active')}</span>}
              </div>
              <p>
                <code>{schedule}</code> · {duration}
              </p>
              <p className="muted small">{text(manualSync ? 'windows.manual' : 'windows.noManual')}</p>
            </li>
          )
        })}
      </ul>
    </>
  )
}
