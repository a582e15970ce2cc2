// The containers of a pod, by its live manifest.
import { useQuery } from '@tanstack/react-query'
import { readLive } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { containersOf } from '../logs/containers.ts'
import type { TreeNode } from '../tree/nodes.ts'

export interface Containers {
  readonly names: readonly string[]
  /** The one a person means who names none. */
  readonly first: string | undefined
}

export function useContainers(id: ApplicationId, pod: TreeNode | undefined): Containers {
  const resource = pod?.resource
  const { data } = useQuery({
    queryKey: ['containers', id.namespace, id.name, pod?.key ?? ''],
    queryFn: async ({ signal }) => (resource === undefined ? [] : containersOf(await readLive(id, resource, signal))),
    staleTime: 60_000,
  })
  return { names: data ?? [], first: data?.[0] }
}
