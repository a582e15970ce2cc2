// What the person may do, asked of the server before a button is offered.
import { useQuery, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { mayDo } from '../api/accounts.ts'

/** A right as RBAC names it; one of the objects is enough. */
export interface Right {
  readonly resource: string
  readonly action: string
  readonly objects: readonly string[]
}

/** Rights change seldom; a refused call tells of it all the same. */
const STALE_MS = 60_000

export type Permission = 'asking' | 'yes' | 'no'

/** Whoever may do it to everything is not asked about again for each object. */
export function useCan(right: Right | undefined): Permission {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: ['can', right?.resource, right?.action, right?.objects],
    queryFn: () => (right === undefined ? true : askAny(client, right)),
    enabled: right !== undefined,
    staleTime: STALE_MS,
  })
  if (right === undefined) return 'yes'
  // Where the question itself fails, the server still decides about the call.
  if (query.isError) return 'yes'
  if (query.data === undefined) return 'asking'
  return query.data ? 'yes' : 'no'
}

async function askAny(client: QueryClient, { resource, action, objects }: Right): Promise<boolean> {
  for (const object of new Set(['*', ...objects])) {
    const isAllowed = await client.fetchQuery({
      queryKey: ['can-one', resource, action, object],
      queryFn: ({ signal }) => mayDo({ resource, action, object }, signal),
      staleTime: STALE_MS,
    })
    if (isAllowed) return true
  }
  return false
}
