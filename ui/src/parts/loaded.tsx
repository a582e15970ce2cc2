// What a query has brought: the content, a place of its size while it comes, or why it did not with a way to ask again.
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'

interface LoadedProps<T> {
  readonly query: UseQueryResult<T>
  /** Lines to keep free meanwhile. */
  readonly lines?: number
  readonly children: (data: T) => ReactNode
}

const LINES = 4

export function Loaded<T>({ query, lines = LINES, children }: LoadedProps<T>) {
  const text = useText()
  return (
    <>
      {query.error !== null && (
        <div className="failed">
          <Failure error={query.error} />
          <button type="button" className="button" onClick={() => void query.refetch()} disabled={query.isFetching}>
            {text('app.retry')}
          </button>
        </div>
      )}
      {query.isPending && (
        <output className="skeleton" aria-label={text('app.loading')}>
          {Array.from({ length: lines }, (_, index) => (
            <span key={index} className="skeleton-line" />
          ))}
        </output>
      )}
      {query.data !== undefined && children(query.data)}
    </>
  )
}
