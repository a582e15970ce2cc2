// Requests on the TLS port that ask for another protocol: exec, attach and port-forward.
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { ApiRequest, ApiResponse } from '../kube/client/transport.ts'
import { authenticate } from './apiserver/authentication.ts'
import type { TokenIssuer } from './apiserver/hooks.ts'
import type { ApiServer } from './apiserver/server.ts'
import { ApiError } from './apiserver/status.ts'
import { plainHeaders, type PeerCertificates } from './start-http-request.ts'
import { bearerOfProtocols } from './streaming/negotiate.ts'
import { StreamingConnections } from './streaming/upgrade.ts'

export interface UpgradeOptions {
  readonly server: ApiServer
  readonly tokens: TokenIssuer
  readonly certificates: PeerCertificates
  readonly clock: Clock
  readonly log: Log
}

const UPGRADED_PATH = /\/(?:exec|attach|portforward)\/?(?:\?|$)/

/** Whether a request is to be taken out of HTTP; others that name a protocol (`Upgrade: h2c`) are served as if they did not. */
export function isUpgradedPath(request: IncomingMessage): boolean {
  return UPGRADED_PATH.test(request.url ?? '')
}

/** Serves upgrades of a port; closing what it returns ends their connections. */
export function serveUpgrades(port: Server, options: UpgradeOptions): StreamingConnections {
  const connections = new StreamingConnections(options.clock)
  port.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const gone = new AbortController()
    socket.once('close', () => gone.abort(new Error('the client went away')))
    // An error is followed by `close`.
    socket.on('error', () => undefined)
    socket.setTimeout(0)
    const headers = withBearer(plainHeaders(request))
    answerOf(options, request, { headers, signal: gone.signal })
      .then((answer) => connections.serve({ request, headers, socket, head }, answer))
      .catch((error: unknown) => {
        options.log.error('streaming connection failed', { path: request.url, error })
        socket.destroy()
      })
  })
  return connections
}

async function answerOf(
  options: UpgradeOptions,
  request: IncomingMessage,
  { headers, signal }: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<ApiResponse> {
  try {
    const user = await authenticate({ headers, certificate: options.certificates.of(request) }, options.tokens)
    // Any other method is answered with 405 by the server, whatever the type says.
    const method = (request.method ?? 'GET') as ApiRequest['method']
    return await options.server.handle({ method, path: request.url ?? '/', headers, signal }, user)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const json = { 'content-type': 'application/json', ...error.headers }
    return { status: error.code, headers: json, body: JSON.stringify(error.toStatus()) }
  }
}

function withBearer(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (headers['authorization'] !== undefined) return headers
  const token = bearerOfProtocols(headers)
  return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` }
}
