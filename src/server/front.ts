// The port people and clients talk to: gRPC, gRPC-web, REST, health and the page, with and without TLS.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Http2SecureServer } from 'node:http2'
import { messageOf } from '../base/errors.ts'
import type { Wire } from '../base/web-socket.ts'
import type { Log } from '../base/log.ts'
import type { Certificates } from './certificates.ts'
import type { ServerContext } from './context.ts'
import type { CallDesk } from './grpc/answer-call.ts'
import type { Http2Options, TlsIdentity, Upgrade } from './http2-servers.ts'
import { listen } from './listen.ts'
import { createPort } from './port.ts'
import { cookieScope } from './rest/cookies.ts'
import { createRestGateway, type RestGateway } from './rest/gateway.ts'
import type { PageFiles } from './page.ts'

export interface FrontOptions {
  readonly page: PageFiles
  readonly log: Log
  readonly port: number
  readonly address: string
}

/** How the port is served beside plain HTTP at the top. */
export interface ServeOptions {
  /** Absent: TLS is not spoken. */
  readonly certificates?: Certificates
  /** Everything stands below this path, `/argocd`; empty or absent: at the top. Plain gRPC and health do not. */
  readonly rootPath?: string
  /** Below which browsers see the page, which a proxy may take away: `/argocd/`. Default: the root path. */
  readonly base?: string
  /** What is answered at paths of its own below `/api/`, by path. */
  readonly answerers?: Readonly<Record<string, PathAnswerer>>
  /** What answers requests for a web socket, by path; elsewhere they are requests like others. */
  readonly upgraders?: Readonly<Record<string, PathUpgrader>>
}

/** Never rejects; the connection is its own from now on. */
export type PathUpgrader = (request: IncomingMessage, wire: Wire) => Promise<void>

/** Never rejects. */
export type PathAnswerer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export interface Front {
  readonly url: string
  readonly port: number
  /** From now on calls are answered and `/readyz` says so; before, both answer 503. */
  serve(context: ServerContext, options?: ServeOptions): void
  close(): Promise<void>
}

/** A request with its body has to be here within this; streams are answers and last as long as somebody looks. */
const REQUEST_TIMEOUT_MS = 300_000
const HEADERS_TIMEOUT_MS = 20_000
/** How soon the kernel looks whether a silent client still exists. */
const KEEP_ALIVE_MS = 60_000

/** Listens and serves. Throws `precondition` naming the port where it is taken. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const state: State = {
    options,
    answerRest: createRestGateway(),
    rootPath: '',
    base: '/',
    answerers: {},
    upgraders: {},
  }
  const timeouts = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS }
  const upgrade = upgradeOf(state)
  const http = createServer({ ...timeouts, shouldUpgradeCallback: upgrade.isWanted }, (request, response) =>
    route(state, { request, response, isSecure: false }),
  )
  http.on('upgrade', upgrade.take)
  // Node looks for connections that take too long from this event on.
  http.emit('listening')
  const http2Options = async (): Promise<Http2Options> => ({
    ...timeouts,
    upgrade,
    desk: await deskOf(state),
    answer: (request, response, isSecure) => route(state, { request, response, isSecure }),
  })
  const plainHttp2 = once(async () => (await import('./http2-servers.ts')).createPlainHttp2(await http2Options()))
  const secure = createSecureSide(state, http2Options)
  const servers = { http, http2: plainHttp2, tls: () => secure.server() }
  const port = createPort(servers, { keepAliveInitialDelay: KEEP_ALIVE_MS })
  const sockets = new Set<Socket>()
  port.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await listen(port, { ...options, flag: '--port' })
  // Too many open files, for one: those that are connected go on.
  port.on('error', (error) => options.log.error('a connection could not be accepted', { error }))
  const { port: number } = port.address() as AddressInfo
  return {
    port: number,
    url: `http://${hostOf(options.address)}:${number}`,
    serve(ready, { certificates, rootPath, base, answerers = {}, upgraders = {} } = {}) {
      state.context = ready
      state.answerers = answerers
      state.upgraders = upgraders
      state.rootPath = trimmed(rootPath)
      state.base = `${trimmed(base) || state.rootPath}/`
      if (certificates !== undefined) state.certificates = certificates
    },
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>()
      port.close(() => resolve())
      for (const socket of sockets) socket.destroy()
      // They listen nowhere; closing ends their timers.
      http.close(() => undefined)
      secure.close()
      await promise
    },
  }
}

interface SecureSide {
  /** Undefined while there is no certificate. */
  server(): Promise<Http2SecureServer | undefined>
  close(): void
}

/** The server of TLS, made with the first connection; each connection gets the certificate of its moment. */
function createSecureSide(state: State, options: () => Promise<Http2Options>): SecureSide {
  let server: Http2SecureServer | undefined
  let shown: TlsIdentity | undefined
  return {
    async server() {
      const [identity, made] = await Promise.all([state.certificates?.current(), options()])
      if (identity === undefined) return undefined
      if (server === undefined) {
        const { createTlsServer } = await import('./http2-servers.ts')
        server ??= createTlsServer(made, identity)
      } else if (identity !== shown) server.setSecureContext({ cert: identity.certificate, key: identity.key })
      shown = identity
      return server
    },
    close() {
      server?.close(() => undefined)
    },
  }
}

interface State {
  readonly options: FrontOptions
  readonly answerRest: RestGateway
  rootPath: string
  base: string
  answerers: Readonly<Record<string, PathAnswerer>>
  upgraders: Readonly<Record<string, PathUpgrader>>
  context?: ServerContext
  certificates?: Certificates
  desk?: Promise<CallDesk>
}

/** What answers gRPC calls; loaded with the first of them. */
async function deskOf(state: State): Promise<CallDesk> {
  state.desk ??= loadDesk(state)
  return state.desk
}

async function loadDesk(state: State): Promise<CallDesk> {
  const { createDesk } = await import('./grpc/desk.ts')
  return createDesk(() => state.context)
}

/** Runs a task once; those who ask later get its result. */
function once<T>(task: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => (running ??= task())
}

function hostOf(address: string): string {
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address
  return host.includes(':') ? `[${host}]` : host
}

function trimmed(path = ''): string {
  const inner = path.replace(/^\/+|\/+$/g, '')
  return inner === '' ? '' : `/${inner}`
}

/** Requests for a web socket, at the paths that have one. */
function upgradeOf(state: State): Upgrade {
  const upgraderOf = (request: IncomingMessage): PathUpgrader | undefined => {
    const { rootPath, upgraders } = state
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const inner = path.slice(rootPath.length)
    return isBelow(path, rootPath) && Object.hasOwn(upgraders, inner) ? upgraders[inner] : undefined
  }
  return {
    isWanted: (request) => request.headers.upgrade?.toLowerCase() === 'websocket' && upgraderOf(request) !== undefined,
    take(request, duplex, head) {
      const socket = duplex as Socket // of this server, TLS or not
      // An error is followed by `close`, which whoever reads hears of.
      socket.on('error', () => undefined)
      if (head.length > 0) socket.unshift(head)
      const upgrader = upgraderOf(request)
      if (upgrader === undefined) socket.destroy()
      else void upgrader(request, socket)
    },
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly isSecure: boolean
}

function route(state: State, exchange: Exchange): void {
  const { request, response } = exchange
  const { rootPath } = state
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  if (answerHealth(state, response, path)) return
  if (!isBelow(path, rootPath)) {
    sendText(response, 404, 'Not Found')
    return
  }
  request.url = (request.url ?? '').slice(rootPath.length) || '/'
  routeInside(state, exchange, path.slice(rootPath.length) || '/')
}

function isBelow(path: string, rootPath: string): boolean {
  return rootPath === '' || path === rootPath || path.startsWith(`${rootPath}/`)
}

function routeInside(state: State, { request, response, isSecure }: Exchange, path: string): void {
  const { context, answerRest, options, answerers } = state
  const answerer = Object.hasOwn(answerers, path) ? answerers[path] : undefined
  if (isWebCall(request)) {
    void answerWeb(state, request, response, path)
  } else if (answerer !== undefined) void answerer(request, response)
  else if (path.startsWith('/api/')) {
    if (context === undefined) sendText(response, 503, 'starting')
    else void answerRest(context, request, response, cookieScope(state.base, isSecure))
  } else if (!answerHealth(state, response, path)) options.page.answer(request, response, { path, base: state.base })
}

/** As upstream tells them (improbable-eng/grpc-web `IsGrpcWebRequest`): what is asked in another way is no call. */
function isWebCall({ method, headers }: IncomingMessage): boolean {
  return method === 'POST' && headers['content-type']?.startsWith('application/grpc-web') === true
}

async function answerWeb(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  try {
    const [desk, { answerWebCall }] = await Promise.all([deskOf(state), import('./grpc/web-call.ts')])
    await answerWebCall(desk, { request, response, path })
  } catch (error) {
    state.options.log.error('a call could not be answered', { error: messageOf(error) })
    response.destroy()
  }
}

function answerHealth({ context }: State, response: ServerResponse, path: string): boolean {
  if (path === '/healthz' || path === '/livez') sendText(response, 200, 'ok')
  else if (path === '/readyz') {
    sendText(response, context === undefined ? 503 : 200, context === undefined ? 'starting' : 'ok')
  } else return false
  return true
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' })
  response.end(text)
}
