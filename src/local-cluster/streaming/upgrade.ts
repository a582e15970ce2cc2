// Takes over the socket of an upgraded request: agrees on a protocol, answers, and runs the session to its end.
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Cancel, Clock } from '../../base/clock.ts'
import type { ApiResponse } from '../../kube/client/transport.ts'
import { commandOverSpdy, commandOverWebSocket } from './command-session.ts'
import { forwardOverSpdy, forwardOverWebSocket } from './forward-session.ts'
import { IDLE_TIMEOUT_MS, MAX_MESSAGE_BYTES, MAX_POD_SESSIONS } from './limits.ts'
import { negotiate, textError, type Agreement } from './negotiate.ts'
import { isUpgrade, type PodSession, type UpgradeAnswer } from './session.ts'
import { tunnelOf } from './websocket-tunnel.ts'

export interface UpgradedRequest {
  readonly request: IncomingMessage
  readonly headers: Readonly<Record<string, string>>
  readonly socket: Socket
  /** What the client sent right after its request. */
  readonly head: Buffer
}

/** The streaming connections of one server. */
export class StreamingConnections {
  readonly #clock: Clock
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Map<string, number>()
  #webSockets: Promise<WebSocketServer> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends every connection. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Goes on with a socket once the server has answered; resolves when the connection is over. */
  async serve(upgraded: UpgradedRequest, answer: ApiResponse): Promise<void> {
    const { socket, headers } = upgraded
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    if (!isUpgrade(answer)) return writeAnswer(socket, answer)
    const agreement = negotiate(answer.session.kind, headers)
    if (agreement.kind === 'refused') return writeAnswer(socket, agreement.answer)
    if (!this.#enter(answer)) return writeAnswer(socket, tooMany())
    const stopWatching = endWhenIdle(socket, this.#clock)
    try {
      await this.#run(upgraded, agreement, answer.session)
    } finally {
      stopWatching()
      this.#leave(answer)
    }
  }

  async #run(
    upgraded: UpgradedRequest,
    agreement: Exclude<Agreement, { kind: 'refused' }>,
    session: PodSession,
  ): Promise<void> {
    const { protocol } = agreement
    if (agreement.kind === 'spdy') return this.#overSpdy(acceptSpdy(upgraded, protocol), protocol, session)
    const socket = await this.#acceptWebSocket(upgraded, protocol)
    if (socket === undefined) return
    if (agreement.kind === 'tunnel') return this.#overSpdy(tunnelOf(socket), protocol, session)
    if (session.kind === 'command') await commandOverWebSocket(socket, protocol, session)
    else await forwardOverWebSocket(socket, protocol, session)
  }

  async #overSpdy(duplex: Duplex, protocol: string, session: PodSession): Promise<void> {
    if (session.kind === 'command') await commandOverSpdy(duplex, protocol, session, this.#clock)
    else await forwardOverSpdy(duplex, session, this.#clock)
  }

  /** Undefined where the handshake was not one: the client has been told. */
  async #acceptWebSocket({ request, socket, head }: UpgradedRequest, protocol: string): Promise<WebSocket | undefined> {
    this.#webSockets ??= loadWebSockets()
    const server = await this.#webSockets
    const { promise, resolve } = Promise.withResolvers<WebSocket | undefined>()
    socket.once('close', () => resolve(undefined))
    // The library asks for a protocol among those the client named; ours has been chosen.
    if (protocol === '') delete request.headers['sec-websocket-protocol']
    else request.headers['sec-websocket-protocol'] = protocol
    server.handleUpgrade(request, socket, head, resolve)
    return promise
  }

  #enter({ podUid }: UpgradeAnswer): boolean {
    const count = this.#sessions.get(podUid) ?? 0
    if (count >= MAX_POD_SESSIONS) return false
    this.#sessions.set(podUid, count + 1)
    return true
  }

  #leave({ podUid }: UpgradeAnswer): void {
    const count = this.#sessions.get(podUid) ?? 0
    if (count <= 1) this.#sessions.delete(podUid)
    else this.#sessions.set(podUid, count - 1)
  }
}

async function loadWebSockets(): Promise<WebSocketServer> {
  const { WebSocketServer: Server } = await import('ws')
  return new Server({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false })
}

/** The kubelet's streaming server says so of all its sessions (cri-streaming `NewErrorTooManyInFlight`). */
function tooMany(): ApiResponse {
  const text = 'rpc error: code = ResourceExhausted desc = maximum number of in-flight requests exceeded'
  return textError(429, text, { 'retry-after': '60' })
}

function acceptSpdy({ socket, head }: UpgradedRequest, protocol: string): Duplex {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    `X-Stream-Protocol-Version: ${protocol}`,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  if (head.length > 0) socket.unshift(head)
  return socket
}

/** An answer that is not an upgrade, after which the connection closes. */
function writeAnswer(socket: Socket, answer: ApiResponse): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : Buffer.alloc(0)
  const headers = { ...answer.headers, 'content-length': String(body.length), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${lines.join('')}\r\n`
  socket.end(Buffer.concat([Buffer.from(head), body]))
}

/** How often traffic is looked at within the time-out. */
const LOOKS = 4

/** Ends a connection on which nothing has moved for the idle time-out (up to a quarter more). */
export function endWhenIdle(socket: Socket, clock: Clock, timeoutMs: number = IDLE_TIMEOUT_MS): Cancel {
  let moved = -1
  let quiet = 0
  let cancel: Cancel = () => undefined
  const look = (): void => {
    const now = socket.bytesRead + socket.bytesWritten
    quiet = now === moved ? quiet + 1 : 0
    moved = now
    if (quiet >= LOOKS) socket.destroy()
    else cancel = clock.schedule(timeoutMs / LOOKS, look)
  }
  look()
  return () => cancel()
}
