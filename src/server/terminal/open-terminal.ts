// The path /terminal: a web socket to a shell in a container of an application's pod, where argocd-cm says exec.enabled.
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { acceptOf, WebSocketEnd, type Wire } from '../../base/web-socket.ts'
import type { ServerContext } from '../context.ts'
import { guestOf, placeOf, requireRights, standingOf, type Guest, type Place } from './terminal-access.ts'
import { readTerminalQuery, TerminalRefusal, type TerminalQuery } from './terminal-query.ts'
import { runTerminal } from './terminal-session.ts'

/** What is pasted at once. */
export const MAX_MESSAGE_BYTES: number = 1 << 20
/** Open at once, of all people and of one. */
export const MAX_TERMINALS = 200
export const MAX_TERMINALS_OF_ONE = 20
/** Until a terminal stands, cluster included. */
const OPEN_TIMEOUT_MS = 30_000
const KEY = /^[A-Za-z0-9+/]{22}==$/

export interface Terminals {
  /** A request that asks for a web socket; never rejects. */
  upgrade(request: IncomingMessage, wire: Wire): Promise<void>
  /** A request that does not. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export function createTerminals(context: ServerContext): Terminals {
  const open = new Map<string, number>()
  return {
    async upgrade(request, wire) {
      try {
        await enter({ context, open, request, wire })
      } catch (error) {
        if (!(error instanceof TerminalRefusal)) context.log.error('a terminal could not be opened', { error })
        const refusal = error instanceof TerminalRefusal ? error : new TerminalRefusal(500, 'internal server error')
        refuse(wire, refusal)
      }
    },
    async answer(request, response) {
      const refusal = await refusalOf(context, request)
      response.writeHead(refusal.status, { ...TEXT_HEADERS, connection: 'close' }).end(`${refusal.message}\n`)
    },
  }
}

const TEXT_HEADERS = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' } as const

/** As upstream answers what is no web socket: the checks come first. */
async function refusalOf(context: ServerContext, request: IncomingMessage): Promise<TerminalRefusal> {
  try {
    await admit(context, request)
  } catch (error) {
    if (error instanceof TerminalRefusal) return error
    context.log.error('a terminal could not be opened', { error })
    return new TerminalRefusal(500, 'internal server error')
  }
  return new TerminalRefusal(400, 'Failed to start terminal session')
}

interface Entry {
  readonly context: ServerContext
  /** How many terminals each person has open. */
  readonly open: Map<string, number>
  readonly request: IncomingMessage
  readonly wire: Wire
}

interface Admitted {
  readonly guest: Guest
  readonly query: TerminalQuery
}

async function admit(context: ServerContext, request: IncomingMessage): Promise<Admitted> {
  requireOwnOrigin(context, request)
  const guest = await guestOf(context, request)
  if (!context.settings().execEnabled) throw new TerminalRefusal(404, '')
  const query = readTerminalQuery(new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? ''))
  requireRights(context, guest.identity, query)
  return { guest, query }
}

async function enter(entry: Entry): Promise<void> {
  const { context, open, request } = entry
  const { guest, query } = await admit(context, request)
  const place = await placeOf(context, query, AbortSignal.timeout(OPEN_TIMEOUT_MS))
  const key = request.headers['sec-websocket-key'] ?? ''
  if (request.method !== 'GET' || request.headers['sec-websocket-version'] !== '13' || !KEY.test(key)) {
    throw new TerminalRefusal(400, 'Failed to start terminal session')
  }
  const who = `${guest.identity.issuer} ${guest.identity.subject}`
  const count = open.get(who) ?? 0
  const all = open.values().reduce((sum, one) => sum + one, 0)
  if (count >= MAX_TERMINALS_OF_ONE || all >= MAX_TERMINALS)
    throw new TerminalRefusal(429, 'Too many terminals are open')
  open.set(who, count + 1)
  try {
    await run({ ...entry, guest, query, place, key })
  } finally {
    const left = (open.get(who) ?? 1) - 1
    if (left === 0) open.delete(who)
    else open.set(who, left)
  }
}

async function run({
  context,
  wire,
  guest,
  query,
  place,
  key,
}: Entry & Admitted & { readonly place: Place; readonly key: string }): Promise<void> {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptOf(key)}`] // prettier-ignore
  wire.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), () => undefined)
  const { pod, container, application, project, namespace } = query
  const about = { user: guest.identity.username, application, project, namespace, pod, container }
  const startMs = context.clock.now()
  context.log.info('terminal session starting', about)
  const allowed = context.settings().execShells
  try {
    const { clock } = context
    await runTerminal(new WebSocketEnd(wire, { isClient: false, maxBytes: MAX_MESSAGE_BYTES, clock }), {
      clock,
      shells: allowed.includes(query.shell) ? [query.shell] : allowed,
      start: (shell, signal) => place.client.exec(place.pod, { container, command: [shell] }, signal),
      standing: () => standingOf(context, guest, query),
    })
  } catch (error) {
    context.log.warn('a terminal broke', { ...about, error })
  }
  context.log.info('terminal session ended', { ...about, seconds: Math.round((context.clock.now() - startMs) / 1000) })
}

/**
 * A browser says whose page asks. A page of somewhere else would act with the cookie of whoever looks at it: browsers do not
 * hold web sockets to one origin. Programs send no origin, or one of their choice, and no cookie of a browser.
 */
function requireOwnOrigin({ settings }: ServerContext, { headers }: IncomingMessage): void {
  const { origin } = headers
  if (origin === undefined) return
  const host = URL.parse(origin)?.host
  const { url, additionalUrls } = settings()
  const own = [headers.host, ...[url, ...additionalUrls].map((one) => URL.parse(one)?.host)]
  if (host !== undefined && host !== '' && own.includes(host)) return
  throw new TerminalRefusal(403, 'the page that asks is of another origin')
}

/** Plain text on a connection that is not upgraded, after which it closes. */
function refuse(wire: Wire, { status, message }: TerminalRefusal): void {
  if (wire.destroyed) return
  const body = `${message}\n`
  const headers = { ...TEXT_HEADERS, 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  wire.end(Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`))
  wire.destroySoon()
}
