// Which cluster a request means, and whether the caller may see it: one that is not there is refused like one that is hidden.
import { CapstanError } from '../../../base/errors.ts'
import type { Call, Cluster } from '../../context.ts'
import { objectField, textField, type RequestFields } from '../fields.ts'
import { isAllowed, wrapErrors } from '../permissions.ts'

export interface Query {
  readonly by: 'server' | 'name'
  readonly value: string
}

/** By `id` (`server`, `name` or `name_escaped`), else by server, else by name. */
export function readQuery(request: RequestFields): Query {
  const id = objectField(request, 'id')
  if (id === undefined) {
    const server = textField(request, 'server')
    return server === '' ? { by: 'name', value: textField(request, 'name') } : { by: 'server', value: server }
  }
  const value = textField(id, 'value')
  if (id['type'] === 'name') return { by: 'name', value }
  return id['type'] === 'name_escaped' ? { by: 'name', value: unescape(value) } : { by: 'server', value }
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (error) {
    throw new CapstanError('unknown', `failed to unescape cluster name: ${JSON.stringify(text)}`, { cause: error })
  }
}

/** Every cluster that the request means; several may share a name. Throws `forbidden` where there is none. */
export async function findClusters(call: Call, request: RequestFields): Promise<readonly Cluster[]> {
  const { by, value } = readQuery(request)
  const found = (await call.context.clusters()).filter((cluster) => value !== '' && cluster[by] === value)
  if (found.length > 0) return found
  return wrapErrors('failed to get cluster with permissions check', () => denied())
}

export interface Purpose {
  readonly action: string
  /** What upstream says it was doing. */
  readonly words: string
}

/** The cluster of a request, where the caller may do this to it. */
export async function requireCluster(call: Call, request: RequestFields, { action, words }: Purpose): Promise<Cluster> {
  const { by, value } = readQuery(request)
  const found = (await call.context.clusters()).find((cluster) => value !== '' && cluster[by] === value)
  return wrapErrors(words, () => {
    if (found !== undefined && isAllowed(call, 'clusters', action, objectOf(found))) return found
    // One text for both: upstream's differ, and tell which names there are (CVE-2024-36106).
    return wrapErrors('failed to get cluster with permissions check', () => denied())
  })
}

/** What upstream answers to all that a person may not see (`common.PermissionDeniedAPIError`). */
export function denied(): never {
  throw new CapstanError('forbidden', 'permission denied')
}

/** `project/server`, as RBAC names a cluster. */
export function objectOf({ project = '', server = '' }: Cluster): string {
  return project === '' ? server : `${project}/${server}`
}
