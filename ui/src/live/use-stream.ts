// Event streams as React hooks: the list, one application, its tree.
import { useQuery, useQueryClient, type QueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { FollowedEvent } from '../../../src/api/found-applications.ts'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationTree } from '../../../src/crds/tree.ts'
import { listApplications, readApplication, readTree, type ApplicationList } from '../api/calls.ts'
import { apiPath, withQuery } from '../api/request.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { applyEvents, mergeRead, type ApplicationEvent } from '../applications/application-list.ts'
import { keepStream, type StreamState, type Visibility } from './stream.ts'

/** The one stream of the tab: what it tells depends on what the page shows. */
const PAGE_STREAM = apiPath`/stream/capstan`
/** What the stream tells need not be read again so soon. */
const FOLLOWED_MS = 60_000

/** Events that come together are shown together. */
const BATCH_MS = 50

export const queryKeys = {
  session: ['session'],
  applications: ['applications'],
  found: ['found'],
  application: ({ namespace, name }: ApplicationId) => ['application', namespace, name],
  tree: ({ namespace, name }: ApplicationId) => ['tree', namespace, name],
} as const

export interface Live<T> {
  readonly query: UseQueryResult<T>
  readonly state: StreamState
}

/** All permitted applications, followed live. */
export function useApplications(): Live<ApplicationList> {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: queryKeys.applications,
    queryFn: async ({ signal }) => {
      const read = await listApplications(signal)
      const known = client.getQueryData<ApplicationList>(queryKeys.applications)
      return { ...read, items: mergeRead(read.items, known?.items ?? []) }
    },
  })
  // With a version the stream leaves out what is there already: each opening reads the list.
  const state = useStream<ApplicationEvent>(withQuery(apiPath`/stream/applications`, { resourceVersion: '1' }), {
    onResults: (events) => addToList(client, events),
    onOpen: () => void client.invalidateQueries({ queryKey: queryKeys.applications }),
  })
  return { query, state }
}

function addToList(client: QueryClient, events: readonly ApplicationEvent[]): void {
  client.setQueryData<ApplicationList>(queryKeys.applications, (list) =>
    list === undefined ? undefined : { ...list, items: applyEvents(list.items, events) },
  )
}

/** One application and its tree, followed live by one stream; `onDeleted` once it is gone. */
export function useApplication(id: ApplicationId, onDeleted: () => void): Live<Application> {
  const client = useQueryClient()
  const queryKey = queryKeys.application(id)
  const query = useQuery({ queryKey, queryFn: ({ signal }) => readApplication(id, { signal }) })
  const path = withQuery(PAGE_STREAM, { name: id.name, appNamespace: id.namespace, tree: true })
  const state = useStream<FollowedEvent>(path, {
    onResults: (events) => {
      for (const { type, application, tree } of events) {
        if (tree !== undefined) client.setQueryData(queryKeys.tree(id), tree)
        if (type === 'DELETED') onDeleted()
        else if (application !== undefined) client.setQueryData(queryKey, application)
      }
    },
    onOpen: () => void client.invalidateQueries({ queryKey }),
  })
  return { query, state }
}

/** The live resources of an application, which `useApplication` follows. */
export function useTree(id: ApplicationId): UseQueryResult<ApplicationTree> {
  return useQuery({
    queryKey: queryKeys.tree(id),
    queryFn: ({ signal }) => readTree(id, signal),
    staleTime: FOLLOWED_MS,
  })
}

/** Calls back when something in the list of applications has changed, and whenever the stream begins anew. */
export function useListChanges(onChange: () => void): StreamState {
  return useStream<FollowedEvent>(withQuery(PAGE_STREAM, { list: true }), { onResults: onChange, onOpen: onChange })
}

interface StreamHandlers<T> {
  readonly onResults: (results: readonly T[]) => void
  readonly onOpen: () => void
}

function useStream<T>(url: string, handlers: StreamHandlers<T>): StreamState {
  const [state, setState] = useState<StreamState>('live')
  const onResults = useEffectEvent(handlers.onResults)
  const onOpen = useEffectEvent(handlers.onOpen)
  useEffect(() => {
    let batch: T[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = keepStream<T>({
      url,
      open: (address) => new EventSource(address),
      visibility: documentVisibility,
      later: (callback, delayMs) => {
        const retry = setTimeout(callback, delayMs)
        return () => clearTimeout(retry)
      },
      onResult: (result) => {
        batch.push(result)
        timer ??= setTimeout(() => {
          timer = undefined
          const results = batch
          batch = []
          onResults(results)
        }, BATCH_MS)
      },
      onOpen: () => onOpen(),
      onState: setState,
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [url])
  return state
}

const documentVisibility: Visibility = {
  isVisible: () => document.visibilityState === 'visible',
  onChange: (listener) => {
    document.addEventListener('visibilitychange', listener)
    return () => document.removeEventListener('visibilitychange', listener)
  },
}
