// The same requests to a real kube-apiserver and to ours, and answers made comparable: what no two servers share is named by what it stands for.
import { Agent, request as httpsRequest } from 'node:https'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { ApiResponse } from '../../src/kube/client/transport.ts'
import { createApiServer } from '../../src/local-cluster/apiserver/server.ts'
import { CLUSTER_ADMIN } from '../../src/local-cluster/apiserver/user.ts'
import { bootstrapCluster } from '../../src/local-cluster/start-bootstrap.ts'
import { builtinCatalogue } from '../../src/local-cluster/start-catalogue.ts'
import { openMemoryStore } from '../../src/local-cluster/storage/open-store.ts'
import { startRealCluster } from './real-cluster.ts'

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `${rv:step}` and `${continue:step}` stand for what the answer to an earlier step had. */
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface RawAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly warning?: string
  /** The stream had not ended after `LONGEST_MS`. */
  readonly isOpen: boolean
}

/** Longer than any time-out that is asked for. */
const LONGEST_MS = 5_000

/** A server that answers to an administrator. */
export interface AskedServer {
  ask(
    ask: Required<Pick<Ask, 'method' | 'path' | 'headers'>> & { readonly body: string | undefined },
  ): Promise<RawAnswer>
  stop(): Promise<void>
}

/** Our API server in this process, without controllers. */
export async function embeddedServer(): Promise<AskedServer> {
  const store = openMemoryStore()
  const server = createApiServer({ store, catalogue: builtinCatalogue(), clock: systemClock, log: silentLog })
  await bootstrapCluster(server, 6443)
  return {
    async ask({ method, path, headers, body }) {
      const closing = new AbortController()
      const timer = setTimeout(() => closing.abort(), LONGEST_MS)
      const request = { method, path, headers, signal: closing.signal, ...(body === undefined ? {} : { body }) }
      const answer = await server.handle(request, CLUSTER_ADMIN)
      const text = await textOf(answer.body)
      clearTimeout(timer)
      const type = answer.headers['content-type'] ?? ''
      return {
        status: answer.status,
        type,
        text,
        ...warningOf(answer.headers['warning']),
        isOpen: closing.signal.aborted,
      }
    },
    async stop() {
      await server.close()
      await store.close()
    },
  }
}

function warningOf(warning: string | undefined): Pick<RawAnswer, 'warning'> {
  return warning === undefined ? {} : { warning }
}

async function textOf(body: ApiResponse['body']): Promise<string> {
  if (typeof body === 'string') return body
  const chunks: Buffer[] = []
  for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** kube-apiserver with etcd. */
export async function realServer(): Promise<AskedServer> {
  const cluster = await startRealCluster()
  const asked = serverAt(cluster.server, cluster.token)
  return {
    ask: (question) => asked.ask(question),
    async stop() {
      await asked.stop()
      await cluster.stop()
    },
  }
}

/** A server that runs already. */
export function serverAt(server: string, token: string): AskedServer {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  return {
    ask: ({ method, path, headers, body }) =>
      send({ url: `${server}${path}`, method, headers: { ...headers, authorization: `Bearer ${token}` }, body, agent }),
    async stop() {
      agent.destroy()
    },
  }
}

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly agent: Agent
}

function send({ url, method, headers, body, agent }: Sent): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
  // Without it Node sends the body of a DELETE unannounced.
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const options = { method, headers: { ...headers, ...length }, agent }
  const ask = httpsRequest(url, options, (response) => {
    let text = ''
    const done = (isOpen: boolean): void => {
      clearTimeout(timer)
      const type = response.headers['content-type'] ?? ''
      resolve({ status: response.statusCode ?? 0, type, text, ...warningOf(response.headers['warning']), isOpen })
      if (isOpen) ask.destroy()
    }
    const timer = setTimeout(() => done(true), LONGEST_MS)
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    response.on('end', () => done(false))
    response.on('error', reject)
  })
  ask.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET') return reject(error)
    // The server may end a connection just as it is used again. On a new one it has nothing to say: its handler panicked.
    if (ask.reusedSocket) return void send({ url, method, headers, body, agent }).then(resolve, reject)
    return resolve({ status: 0, type: '', text: '', isOpen: false })
  })
  ask.end(body)
  return promise
}

/** What other suites compare, and texts of the schema. */
const UNTOLD: ReadonlySet<string> = new Set(['managedFields', 'columnDefinitions'])

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Asks one server step by step, and tells what it answered in words that another server's answer can be compared with. */
export class Interview {
  readonly #server: AskedServer
  readonly #answers = new Map<string, Json>()
  readonly #versions: { readonly version: number; readonly step: string }[] = []

  constructor(server: AskedServer) {
    this.#server = server
  }

  /** The comparable answer to a step; its version is known to later steps by the step's name. */
  async tell(step: string, ask: Ask): Promise<Json> {
    const { method = 'GET', path, headers = {}, body } = ask
    const answer = await this.#server.ask({
      method,
      path: this.#fill(path),
      headers: {
        accept: 'application/json',
        'user-agent': 'interview/1',
        'content-type': 'application/json',
        ...headers,
      },
      body: body === undefined ? undefined : this.#fill(JSON.stringify(body)),
    })
    const parsed = parse(answer.text, path.includes('watch'))
    this.#answers.set(step, parsed)
    if (method !== 'GET' && !kindOf(parsed).endsWith('List')) this.#remember(step, Number(versionOf(parsed)))
    const { status, type, isOpen } = answer
    return { status, type, isOpen, body: this.#comparable(withoutRepeated(parsed)) }
  }

  #remember(step: string, version: number): void {
    if (version > (this.#versions.at(-1)?.version ?? 0)) this.#versions.push({ version, step })
  }

  /** A version by the last write it comes after: other writers' versions lie between. */
  #nameOf(version: string): string {
    const last = this.#versions.findLast((one) => one.version <= Number(version))
    return last === undefined ? 'before all' : `since ${last.step}`
  }

  #fill(text: string): string {
    return text.replaceAll(/\$\{(?<field>rv|continue):(?<step>[^}]+)\}/g, (_all, field: string, step: string) => {
      const metadata = fieldOf(this.#answers.get(step), 'metadata')
      const found = fieldOf(metadata, field === 'rv' ? 'resourceVersion' : 'continue')
      return typeof found === 'string' ? found : ''
    })
  }

  #comparable(value: Json, key = ''): Json {
    if (typeof value === 'string') return this.#word(key, value)
    if (isList(value)) return value.map((item) => this.#comparable(item))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).filter(([name]) => !UNTOLD.has(name))
    return Object.fromEntries(
      entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, this.#comparable(one, name)]),
    )
  }

  #word(key: string, value: string): string {
    switch (key) {
      case 'resourceVersion':
        return value === '' ? '' : this.#nameOf(value)
      case 'continue':
        return value === '' ? '' : 'a token'
      case 'uid':
        return 'a uid'
      case 'message':
        return value.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID').replaceAll(/\d+/g, 'N')
      default:
        if (/^\d{4}-\d\d-\d\dT/.test(value)) return 'a time'
        return /^\d+s$/.test(value) ? 'an age' : value
    }
  }
}

/** One value, or a list of the lines of a stream. */
function parse(text: string, isStream: boolean): Json {
  try {
    const value = JSON.parse(text) as Json
    return isStream && fieldOf(value, 'type') !== undefined ? [value] : value
  } catch {
    const lines = text.split('\n').filter((line) => line !== '')
    return lines.every((line) => line.startsWith('{')) ? lines.map((line) => JSON.parse(line) as Json) : text
  }
}

/** How often a bookmark comes is a matter of timers. */
function withoutRepeated(answer: Json): Json {
  if (!isList(answer)) return answer
  return answer.filter((event, index) => {
    const isAgain = [event, answer[index - 1]].every((one) => fieldOf(one, 'type') === 'BOOKMARK')
    return !isAgain
  })
}

function kindOf(answer: Json): string {
  const kind = fieldOf(answer, 'kind')
  return typeof kind === 'string' ? kind : ''
}

function versionOf(answer: Json): string {
  const version = fieldOf(fieldOf(answer, 'metadata'), 'resourceVersion')
  return typeof version === 'string' ? version : ''
}

function fieldOf(value: Json | undefined, field: string): Json | undefined {
  if (typeof value !== 'object' || value === null || isList(value)) return undefined
  return value[field]
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
