// Capstan's own calls, which the page makes besides those of the public API; over REST alone.
import type { Route } from './routes.ts'

const SERVICE = 'capstan.PageService'

export const pageRoutes: readonly Route[] = [
  {
    service: SERVICE,
    method: 'FindApplications',
    verb: 'GET',
    path: '/api/v1/capstan/applications',
    body: undefined,
    stream: undefined,
    input: 'FindApplicationsQuery',
    output: 'FoundApplications',
  },
  {
    service: SERVICE,
    method: 'Follow',
    verb: 'GET',
    path: '/api/v1/stream/capstan',
    body: undefined,
    stream: 'server',
    input: 'FollowQuery',
    output: 'FollowedEvent',
  },
]
