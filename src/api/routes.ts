// Every call of the public API: its gRPC name, REST route, and the messages that go in and out.
import { routeTable, type RouteRow } from './route-table.ts'

export type HttpVerb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One call, one way in over REST; a call with two REST routes has two. */
export interface Route {
  /** `package.Service` */
  readonly service: string
  readonly method: string
  readonly verb: HttpVerb
  /** With `{field}` for one percent-encoded segment, `{field=**}` for the rest of the path. */
  readonly path: string
  /** `*`: the body is the whole request; a name: the body is that field; undefined: no body. */
  readonly body: string | undefined
  /** `server`: answers are a stream; `client`: requests are. */
  readonly stream: 'server' | 'client' | undefined
  /** Message names, local to the service's package unless qualified by another. */
  readonly input: string
  readonly output: string
}

const STREAM = 'stream '

/** All routes, in the order of the table. */
export const routes: readonly Route[] = Object.entries(routeTable).flatMap(([service, rows]) =>
  rows.map((row) => readRow(service, row)),
)

function readRow(service: string, [method, route, input, output]: RouteRow): Route {
  const [verb = '', path = '', body] = route.split(' ')
  return {
    service,
    method,
    // The table holds no other verb; routes.test.ts checks it.
    verb: verb as HttpVerb,
    path: path.replace('~', '/api/v1'),
    body,
    stream: streamOf(input, output),
    input: input.replace(STREAM, ''),
    output: output.replace(STREAM, ''),
  }
}

function streamOf(input: string, output: string): Route['stream'] {
  if (output.startsWith(STREAM)) return 'server'
  return input.startsWith(STREAM) ? 'client' : undefined
}
