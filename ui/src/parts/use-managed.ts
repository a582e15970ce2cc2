// The managed resources of an application, desired and live.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Application } from '../../../src/crds/application.ts'
import { readManaged } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'

/** Read anew when the application has been compared again. */
export function useManaged(id: ApplicationId, application: Application) {
  const { metadata, status } = application
  return useQuery({
    queryKey: ['managed', id.namespace, id.name, metadata.resourceVersion, status?.reconciledAt],
    queryFn: ({ signal }) => readManaged(id, signal),
    placeholderData: keepPreviousData,
  })
}
