// The port people and clients talk to: health, REST, and the page.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../base/log.ts'
import type { ServerContext } from './context.ts'
import { listen } from './listen.ts'
import { createRestGateway, type RestGateway } from './rest/gateway.ts'
import type { PageFiles } from './page.ts'

export interface FrontOptions {
  readonly page: PageFiles
  readonly log: Log
  readonly port: number
  readonly address: string
}

export interface Front {
  readonly url: string
  readonly port: number
  /** From now on calls are answered and `/readyz` says so; before, both answer 503. */
  serve(context: ServerContext): void
  close(): Promise<void>
}

/** A request with its body has to be here within this; streams are answers and last as long as somebody looks. */
const REQUEST_TIMEOUT_MS = 300_000
const HEADERS_TIMEOUT_MS = 20_000
/** How soon the kernel looks whether a silent client still exists. */
const KEEP_ALIVE_MS = 60_000

/** Listens and serves. Throws `precondition` naming the port where it is taken. */
export async function startFront(options: FrontOptions): Promise<Front> {
  let context: ServerContext | undefined
  const answerRest = createRestGateway()
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    },
    (request, response) => route({ ...options, answerRest, context }, request, response),
  )
  await listen(server, { ...options, flag: '--port' })
  // Too many open files, for one: those that are connected go on.
  server.on('error', (error) => options.log.error('a connection could not be accepted', { error }))
  const { port } = server.address() as AddressInfo
  const host = options.address === '0.0.0.0' || options.address === '::' ? '127.0.0.1' : options.address
  return {
    port,
    serve(ready) {
      context = ready
    },
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      server.closeAllConnections()
      await promise
    },
  }
}

interface Serving extends FrontOptions {
  readonly answerRest: RestGateway
  readonly context: ServerContext | undefined
}

function route({ answerRest, context, page }: Serving, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  if (path.startsWith('/api/')) {
    if (context === undefined) sendText(response, 503, 'starting')
    else void answerRest(context, request, response, false)
    return
  }
  if (path === '/healthz' || path === '/livez') {
    sendText(response, 200, 'ok')
    return
  }
  if (path === '/readyz') {
    sendText(response, context === undefined ? 503 : 200, context === undefined ? 'starting' : 'ok')
    return
  }
  page.answer(request, response, path)
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' })
  response.end(text)
}
