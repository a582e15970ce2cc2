// Author and first line of a commit.
import { useQuery } from '@tanstack/react-query'
import { readRevision } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { useText } from './preferences-context.tsx'

interface RevisionProps {
  readonly id: ApplicationId
  readonly revision: string
}

/** Nothing for what is no commit, as the versions of charts. */
export function RevisionWords({ id, revision }: RevisionProps) {
  const text = useText()
  const isCommit = /^[0-9a-f]{40,64}$/.test(revision)
  const { data, error } = useQuery({
    queryKey: ['revision', id.namespace, id.name, revision],
    queryFn: ({ signal }) => readRevision(id, revision, signal),
    enabled: isCommit,
    // A commit does not change.
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (error !== null) {
    return (
      <span className="muted revision-fault" title={error.message}>
        {error.message}
      </span>
    )
  }
  if (data === undefined) return null
  const author = (data.author ?? '').replace(/\s*<.*$/, '')
  return (
    <span className="revision">
      <span className="revision-message">{(data.message ?? '').split('\n')[0]}</span>{' '}
      <span className="muted">{text('page.by', { author })}</span>
    </span>
  )
}
