// The API with 5,000 applications: lists, gets and watches over gRPC and REST, clients and server in one process.
import { once } from 'node:events'
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { encodeNamed } from '../../src/api/wire/encode.ts'
import { silentLog } from '../../src/base/log.ts'
import { API_VERSION, type Application } from '../../src/crds/application.ts'
import type { ServerContext } from '../../src/server/context.ts'
import { startFront } from '../../src/server/front.ts'
import { frameHead } from '../../src/server/grpc/frames.ts'
import type { BenchOptions, Figure } from './measurement.ts'

const APPLICATIONS = 5_000
const GETS = 500
const ROUNDS = 5
/** Issue 9 names them. */
const LIST_BUDGET_MS = 100
const GET_BUDGET_MS = 1
const FIRST_EVENT_BUDGET_MS = 50
const WATCH_BUDGET_MS = 500

/** With twenty resources and a history, as most have. */
function application(index: number): Application {
  const name = `application-${String(index).padStart(5, '0')}`
  const source = { repoURL: 'https://git.example/fleet.git', path: `apps/${name}`, targetRevision: 'main' }
  const destination = { server: 'https://kubernetes.default.svc', namespace: name }
  const resources = Array.from({ length: 20 }, (_, one) => ({
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    namespace: name,
    name: `part-${one}`,
    status: 'Synced' as const,
  }))
  const at = '2026-01-02T03:04:05Z'
  return {
    apiVersion: API_VERSION,
    kind: 'Application',
    metadata: {
      name,
      namespace: 'argocd',
      uid: `uid-${index}`,
      resourceVersion: String(index + 1),
      creationTimestamp: at,
    },
    spec: { project: 'default', source, destination },
    status: {
      resources,
      sync: { status: 'Synced', revision: 'a'.repeat(40), comparedTo: { source, destination } },
      health: { status: 'Healthy', lastTransitionTime: at },
      history: [{ id: 0, revision: 'b'.repeat(40), deployedAt: at, source }],
      reconciledAt: at,
    },
  }
}

function contextOf(applications: readonly Application[]): ServerContext {
  const byName = new Map(applications.map((one) => [one.metadata.name, one]))
  const identity = { subject: 'admin', username: 'admin', issuer: 'argocd', groups: [], issuedAt: 0 }
  // What the calls below ask for; the bench is no place for the rest of a control plane.
  return {
    log: silentLog,
    namespace: 'argocd',
    settings: () => ({ anonymousEnabled: false }),
    isAllowed: () => true,
    authenticator: { identify: async () => identity, renew: async () => undefined },
    applications: {
      list: () => applications,
      get: (_namespace: string, name: string) => byName.get(name),
      size: applications.length,
      resourceVersion: '1',
      onChange(listener: (event: unknown) => void) {
        for (const object of applications) listener({ type: 'ADDED', object, old: undefined })
        return () => undefined
      },
    },
  } as unknown as ServerContext
}

function ask(
  session: ClientHttp2Session,
  method: string,
  query: Readonly<Record<string, unknown>> = {},
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': `/application.ApplicationService/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    token: 'any',
  })
  const message = encodeNamed('application', 'ApplicationQuery', query)
  stream.end(Buffer.concat([frameHead(message.length), message]))
  return stream
}

async function read(stream: ClientHttp2Stream): Promise<void> {
  stream.resume()
  await once(stream, 'end')
}

/** Milliseconds of CPU, of client and server together. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function follow(session: ClientHttp2Session): Promise<number> {
  const startMs = performance.now()
  const stream = ask(session, 'Watch')
  stream.on('error', () => undefined)
  let firstMs: number | undefined
  let held = Buffer.alloc(0)
  let count = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    firstMs ??= performance.now() - startMs
    held = Buffer.concat([held, chunk])
    for (; held.length >= 5 && held.length >= 5 + held.readUInt32BE(1); count++) held = held.subarray(5 + held.readUInt32BE(1)) // prettier-ignore
    if (count >= APPLICATIONS) break
  }
  return firstMs ?? Number.NaN
}

/** The best of some rounds: what the work costs, without what else the machine does. */
async function best(work: () => Promise<number>): Promise<number> {
  const values: number[] = []
  for (let round = 0; round < ROUNDS; round++) values.push(await work())
  return Math.min(...values)
}

export async function measureApi(_options: BenchOptions): Promise<readonly Figure[]> {
  const applications = Array.from({ length: APPLICATIONS }, (_, index) => application(index))
  const page = { answer: () => undefined }
  const front = await startFront({ page, port: 0, address: '127.0.0.1', log: silentLog })
  front.serve(contextOf(applications))
  const session = connect(front.url)
  try {
    const first = await cpuOf(() => read(ask(session, 'List')))
    const list = await best(() => cpuOf(() => read(ask(session, 'List'))))
    const fields = 'items.metadata.name,items.spec,items.status.sync.status,items.status.health'
    const headers = { authorization: 'Bearer any' }
    const rest = await best(() =>
      cpuOf(async () => (await fetch(`${front.url}/api/v1/applications?fields=${fields}`, { headers })).text()),
    )
    const gets = await cpuOf(async () => {
      for (let index = 0; index < GETS; index++) await read(ask(session, 'Get', { name: `application-${String(index).padStart(5, '0')}` })) // prettier-ignore
    })
    const firstEvent = await best(() => follow(session))
    const watch = await best(() => cpuOf(() => follow(session)))
    const note = `${APPLICATIONS} applications of 20 resources; client and server together`
    return [
      { name: 'first list over gRPC', value: first, unit: 'ms', note: 'CPU; every application is encoded' },
      { name: 'list over gRPC', value: list, unit: 'ms', budget: LIST_BUDGET_MS, note: `CPU; ${note}` },
      {
        name: 'list over REST',
        value: rest,
        unit: 'ms',
        budget: LIST_BUDGET_MS,
        note: 'CPU; the fields a page asks for',
      },
      { name: 'get over gRPC', value: gets / GETS, unit: 'ms', budget: GET_BUDGET_MS, note: 'CPU' },
      { name: 'first event of a watch', value: firstEvent, unit: 'ms', budget: FIRST_EVENT_BUDGET_MS },
      { name: 'all events of a watch', value: watch, unit: 'ms', budget: WATCH_BUDGET_MS, note: 'CPU' },
    ]
  } finally {
    session.destroy()
    await front.close()
  }
}
