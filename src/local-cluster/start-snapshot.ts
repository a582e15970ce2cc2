// A snapshot over the port of a cluster that runs, for its administrators.
import type { ApiServer } from './apiserver/server.ts'
import { ApiError } from './apiserver/status.ts'

/** No path of Kubernetes begins so. */
export const SNAPSHOT_PATH = '/capstan/snapshot'

/** The server with one path more, which members of `system:masters` may read: it holds every Secret in clear. */
export function withSnapshots(server: ApiServer, snapshot: () => AsyncIterable<string>): ApiServer {
  return {
    ...server,
    async handle(request, user) {
      if (request.path !== SNAPSHOT_PATH || request.method !== 'GET') return server.handle(request, user)
      if (user.groups.includes('system:masters')) {
        return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: snapshot() }
      }
      const error = new ApiError(403, 'Forbidden', `forbidden: User "${user.name}" cannot get path "${SNAPSHOT_PATH}"`)
      return { status: 403, headers: { 'content-type': 'application/json' }, body: JSON.stringify(error.toStatus()) }
    },
  }
}
