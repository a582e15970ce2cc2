// The pages of the list that are in view, asked of the server as they come into view, kept true by the stream.
import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { FoundApplications } from '../../../src/api/found-applications.ts'
import type { Application } from '../../../src/crds/application.ts'
import { findApplications } from '../api/calls.ts'
import { queryKeys, useListChanges } from '../live/use-stream.ts'
import type { StreamState } from '../live/stream.ts'
import type { ListSearch } from '../search.ts'

export const PAGE_SIZE = 100
/** The list is asked for no more often than this, however much changes. */
const REFRESH_MS = 1000

export interface Found {
  readonly head: FoundApplications | undefined
  readonly error: unknown
  readonly retry: () => void
  readonly state: StreamState
}

/** The first page, which has the numbers as well. */
export function useFound(search: ListSearch, favourites: readonly string[]): Found {
  const client = useQueryClient()
  const first = useQuery({
    queryKey: pageKey(search, favourites, 0),
    queryFn: ({ signal }) => findApplications({ search, favourites, offset: 0, limit: PAGE_SIZE }, signal),
    placeholderData: keepPreviousData,
  })
  const changed = useThrottled(() => void client.invalidateQueries({ queryKey: queryKeys.found }))
  const state = useListChanges(changed)
  return { head: first.data, error: first.error, retry: () => void first.refetch(), state }
}

/** Gives what stands at a place of the list, if it is there already. */
export function useFoundPages(
  search: ListSearch,
  favourites: readonly string[],
  pages: readonly number[],
): (index: number) => Application | undefined {
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: pageKey(search, favourites, page),
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        findApplications({ search, favourites, offset: page * PAGE_SIZE, limit: PAGE_SIZE }, signal),
      placeholderData: keepPreviousData,
    })),
  })
  const items = new Map(
    results.flatMap(({ data }) =>
      (data?.items ?? []).map((item, place) => [(data?.offset ?? 0) + place, item] as const),
    ),
  )
  return (index) => items.get(index)
}

function pageKey({ view: _view, ...search }: ListSearch, favourites: readonly string[], page: number) {
  return [...queryKeys.found, search, favourites, page] as const
}

/** At once, then no more often than every `REFRESH_MS`. */
function useThrottled(act: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const isWaiting = useRef(false)
  useEffect(() => () => clearTimeout(timer.current), [])
  function run(): void {
    isWaiting.current = false
    act()
    timer.current = setTimeout(() => {
      timer.current = undefined
      if (isWaiting.current) run()
    }, REFRESH_MS)
  }
  return () => {
    if (timer.current === undefined) run()
    else isWaiting.current = true
  }
}
