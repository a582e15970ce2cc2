// Writes docs/reference/api.md out of the tables of src/api and src/crds: `node test/support/api-reference.ts`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageFields } from '../../src/api/messages.ts'
import { routes, type Route } from '../../src/api/routes.ts'
import { messages, type MessageField } from '../../src/crds/message-table.ts'
import { isOpenCall } from '../../src/server/services/all.ts'

export const API_REFERENCE: string = join(import.meta.dirname, '../../docs/reference/api.md')

const HEAD = `# The API

<!-- Made of the tables in src/api and src/crds by \`node test/support/api-reference.ts\`; a test holds it against them. -->

Every call can be made by gRPC, by gRPC-web and by REST, on the one port of \`capstan up\` and \`capstan server\`. Calls, messages, field numbers and paths are those of Argo CD 3.5: the \`argocd\` command (3.0 and later), its Go client and scripts against its REST API work unchanged.

## Ways in
| way | how it is asked for |
|---|---|
| gRPC over TLS | \`argocd login <host> --insecure\` with the self-signed certificate, without the flag with a certificate that the machine trusts |
| gRPC without TLS | the server is told \`--insecure\`, \`ARGOCD_SERVER_INSECURE=true\`, or \`server.insecure: "true"\` in \`argocd-cmd-params-cm\`, for a proxy that ends TLS: \`argocd login <host> --plaintext\` |
| gRPC-web | \`--grpc-web\`: the same paths by POST over HTTP/1.1 or HTTP/2, \`application/grpc-web+proto\` or \`application/grpc-web-text\` |
| REST | JSON under the paths below; times are RFC 3339, bytes base64 |
| streams over REST | JSON lines \`{"result": …}\`, or server-sent events with \`Accept: text/event-stream\` |

\`--rootpath /argo\`, \`ARGOCD_SERVER_ROOTPATH\`, or \`server.rootpath\` in the same ConfigMap puts REST, gRPC-web and the page below a path: \`argocd login <host> --grpc-web --grpc-web-root-path /argo\`. Plain gRPC and \`/healthz\` stay at the top. Behind a proxy that takes the path away, \`--basehref /argo\` (\`ARGOCD_SERVER_BASEHREF\`, \`server.basehref\`) says where browsers see the page, and the cookie counts there. These settings are read when the server starts.

The certificate is the one of Secret \`argocd-server-tls\` (\`tls.crt\`, \`tls.key\`), else of \`argocd-secret\`, else a self-signed one, made when the first client asks for TLS and kept in \`argocd-secret\`. A changed Secret acts on the next connection.

## Who calls
A token comes as gRPC metadata \`token\`, as \`Authorization: Bearer <token>\`, or in the cookie \`argocd.token\`. Sessions come from \`SessionService/Create\`; keys of accounts from \`AccountService/CreateToken\`, those of project roles from \`ProjectService/CreateToken\`. A session with less than five minutes left is renewed by every gRPC call: the header \`renew-token\` brings the fresh one.

| refused with | gRPC | HTTP |
|---|---|---|
| what is wrong with the request | 3 InvalidArgument, 9 FailedPrecondition | 400 |
| nobody is logged in, or the session has ended | 16 Unauthenticated | 401 |
| RBAC does not allow it | 7 PermissionDenied | 403 |
| there is no such thing | 5 NotFound | 404 |
| it is there already; another writer was quicker | 6 AlreadyExists, 10 Aborted | 409 |
| too large, too many | 8 ResourceExhausted | 429 |
| it takes too long | 4 DeadlineExceeded | 504 |
| a cluster or repository does not answer | 14 Unavailable | 503 |

Over REST the body is \`{"error": "<text>", "code": <gRPC code>, "message": "<text>"}\`.

## Limits
| what | how much |
|---|---|
| a gRPC message | 200 MB, \`ARGOCD_GRPC_MAX_SIZE_MB\` says otherwise; 64 KiB where nobody is logged in; the same after decompression (gzip) |
| gRPC requests of all callers in memory at once | 512 MiB, beyond 64 KiB that each call may hold; a compressed message may grow to 200 times its size |
| a REST body | 32 MiB; 64 KiB where nobody is logged in |
| local files of \`argocd app diff --local --server-side-generate\` | 100 MiB packed, 100 MiB unpacked |
| nesting of messages | 100 |
| a call that does not stream | 120 s, or the client's own deadline (\`grpc-timeout\`) |
| calls of one HTTP/2 connection at once | 1,000 |
| pods in one log | 10, \`server.maxPodLogsToRender\` in \`argocd-cm\` says otherwise |
| a watcher that reads slowly | states of one application come as one; it is cut off after 10,000 waiting applications more than there were |

gRPC's health protocol (\`/grpc.health.v1.Health/Check\`) is answered, server reflection is not. Figures of calls are told as \`grpc_server_started_total\` and \`grpc_server_handled_total\`.

\`GET /swagger.json\` describes the REST paths as a Swagger 2.0 document, to anybody, for programs that make clients of it.

## The page's own calls
Over REST alone, and not among Argo CD's.

| path | question | answer |
|---|---|---|
| GET /api/v1/capstan/applications | \`q\`: words as in [the list's search](../guides/page.md#the-list); \`sync\`, \`health\`, \`operation\`, \`autoSync\`, \`project\`, \`cluster\`, \`namespace\`, \`label\` (\`name=value\`), \`repo\`: a value each, several times; \`favourite\` (\`namespace/name\`, several times) stands first, with \`onlyFavourites=true\` alone; \`order\`: \`name\`, \`attention\`, \`recent\`; \`offset\`; \`limit\`: 100 where nothing is said, 500 at most | \`total\` that the caller may see, \`matching\`, \`offset\`, \`facets\`: up to 200 values of each with their \`count\`, \`items\`: Applications without history, resources, values of charts and words of conditions |
| GET /api/v1/stream/capstan | \`list=true\`; \`name\`, \`appNamespace\`, \`project\` of one application, \`tree=true\` | a stream: \`list\`: something in the list has changed, told twice a second at most; \`type\` and \`application\` as in /api/v1/stream/applications; \`tree\` of the one application |
| GET /api/capstan/status | | \`version\`, \`runtime\`, \`startedAt\`, \`cpuSeconds\`, \`residentBytes\`, \`heapBytes\`, \`applications\` (\`total\`, \`running\`), \`figures\` in Prometheus' text where metrics are counted; needs \`clusters, update, *\` |
| GET /api/capstan/page | | without a login: \`theme\` and \`language\`, where \`argocd-cm\` sets them |

## Calls
\`~\` stands for \`/api/v1\`. *open*: needs no login. *stream*: many answers; *client stream*: many requests. The request's fields stand in the path where it names them, in the body where the table names one (\`*\`: the whole request), and in the query otherwise.
`

/** The whole page. */
export function apiReference(): string {
  const services = Map.groupBy(routes, ({ service }) => service)
  const parts = [HEAD]
  for (const [service, calls] of services) parts.push(describeService(service, calls))
  parts.push(describeResources())
  return `${parts.join('\n').trimEnd()}\n`
}

function describeService(service: string, calls: readonly Route[]): string {
  const [packageName = ''] = service.split('.')
  const rows = calls.map(({ method, verb, path, body, input, output, stream }) => {
    const marks = [isOpenCall(service, method) ? '*open*' : '', stream === 'server' ? '*stream*' : '', stream === 'client' ? '*client stream*' : ''] // prettier-ignore
    const name = [method, ...marks].filter((mark) => mark !== '').join(' ')
    return `| ${name} | ${verb} ${path.replace('/api/v1', '~')} | ${body ?? ''} | ${input} | ${output} |`
  })
  const named = new Set(calls.flatMap(({ input, output }) => [input, output]))
  const lines = [...localMessages(packageName, named)].map(([name, fields]) => describeMessage(name, fields))
  return [
    `### ${service}`,
    '| call | REST | body | request | answer |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...lines,
    '',
  ].join('\n')
}

type Fields = Readonly<Record<string, MessageField>>

/** The messages of a package that its calls name, and those within them; resources stand at the end of the page. */
function localMessages(packageName: string, named: Iterable<string>): ReadonlyMap<string, Fields> {
  const found = new Map<string, Fields>()
  const visit = (name: string): void => {
    const fields = messageFields(packageName, name)
    if (fields === undefined || name.startsWith('v1alpha1.') || name === 'Empty' || found.has(name)) return
    found.set(name, fields)
    for (const { type } of Object.values(fields)) visit(type)
  }
  for (const name of named) visit(name)
  return found
}

function describeMessage(name: string, fields: Fields): string {
  const all = Object.entries(fields)
    .toSorted(([, a], [, b]) => a.number - b.number)
    .map(([field, row]) => `\`${field}\` ${typeOf(row)}`)
  return `- **${name}**: ${all.length === 0 ? 'no fields' : all.join(', ')}`
}

function typeOf({ type, list, map, number }: MessageField): string {
  const held = map === true ? `map of ${type}` : type
  return `${number}:${list === true ? `${held}[]` : held}`
}

function describeResources(): string {
  const all = Object.entries(messages).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [
    '## Resources',
    'Messages of `argoproj.io/v1alpha1` and what of Kubernetes they hold: name, field number and type of each field. In JSON, fields that stand inline are those of their parent.',
    '',
    ...all.map(([name, fields]) => describeMessage(name, fields)),
  ].join('\n')
}

if (process.argv[1] === import.meta.filename) writeFileSync(API_REFERENCE, apiReference())
