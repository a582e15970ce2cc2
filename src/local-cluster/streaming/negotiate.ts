// Which protocol a client and this server share, and what is said where they share none (streaming v0.36.3 `httpstream.go`, cri-streaming v0.36.3).
import type { ApiResponse } from '../../kube/client/transport.ts'
import type { PodSession } from './session.ts'

type Headers = Readonly<Record<string, string>>

export type Agreement =
  /** `protocol` is empty where the client named none. */
  | { readonly kind: 'websocket' | 'tunnel' | 'spdy'; readonly protocol: string }
  | { readonly kind: 'refused'; readonly answer: ApiResponse }

const V5 = 'v5.channel.k8s.io'
const V4 = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io']
const COMMAND_SOCKETS = ['', 'channel.k8s.io', 'base64.channel.k8s.io', ...V4]
const FORWARD_SOCKETS = ['', ...V4]
const COMMAND_SPDY = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io']
const FORWARD_SPDY = ['portforward.k8s.io']
const TUNNEL_PREFIX = 'SPDY/3.1+'
const BEARER_PREFIX = 'base64url.bearer.authorization.k8s.io.'

/** Whether the `Connection` header asks for another protocol. */
export function isUpgradeRequest(headers: Headers): boolean {
  return headers['connection']?.toLowerCase().includes('upgrade') === true && headers['upgrade'] !== undefined
}

function isWebSocket(headers: Headers): boolean {
  return headers['upgrade']?.toLowerCase() === 'websocket'
}

/** What both ends speak, the client's first choice that the server has. */
export function negotiate(kind: PodSession['kind'], headers: Headers): Agreement {
  if (!isWebSocket(headers)) return negotiateSpdy(headers, kind === 'command' ? COMMAND_SPDY : FORWARD_SPDY)
  const wanted = listOf(headers['sec-websocket-protocol']).filter((one) => !one.startsWith(BEARER_PREFIX))
  if (kind === 'command') {
    if (wanted.includes(V5)) return { kind: 'websocket', protocol: V5 }
    return negotiateSocket(wanted, COMMAND_SOCKETS)
  }
  const tunnels = wanted.filter((one) => one.startsWith(TUNNEL_PREFIX) && one.endsWith('.k8s.io'))
  if (tunnels.length === 0) return negotiateSocket(wanted, FORWARD_SOCKETS)
  const protocol = tunnels.find((one) => FORWARD_SPDY.includes(one.slice(TUNNEL_PREFIX.length)))
  if (protocol !== undefined) return { kind: 'tunnel', protocol }
  return noneShared(
    tunnels.map((one) => one.slice(TUNNEL_PREFIX.length)),
    FORWARD_SPDY,
  )
}

/** A web socket that names no protocol gets the first one there was; one that names only unknown ones is refused without a word. */
function negotiateSocket(wanted: readonly string[], served: readonly string[]): Agreement {
  const protocol = (wanted.length === 0 ? [''] : wanted).find((one) => served.includes(one))
  if (protocol !== undefined) return { kind: 'websocket', protocol }
  return { kind: 'refused', answer: { status: 403, headers: {}, body: '' } }
}

function negotiateSpdy(headers: Headers, served: readonly string[]): Agreement {
  const versions = headers['x-stream-protocol-version']
  if (versions === undefined) {
    const count = Object.keys(headers).length
    return refused(400, `header X-Stream-Protocol-Version does not exist in request with ${count} headers`)
  }
  const wanted = listOf(versions)
  if (wanted.length === 0)
    return refused(400, `header X-Stream-Protocol-Version contains [${versions}], but no valid protocols`)
  const protocol = wanted.find((one) => served.includes(one))
  if (protocol === undefined) return noneShared(wanted, served)
  if (headers['upgrade']?.toLowerCase().includes('spdy/3.1') !== true)
    return refused(400, 'missing upgrade headers in request')
  return { kind: 'spdy', protocol }
}

function noneShared(wanted: readonly string[], served: readonly string[]): Agreement {
  const why = `unable to negotiate protocol: client supports [${wanted.join(' ')}], server accepts [${served.join(' ')}]`
  return refused(403, why, { 'x-accepted-stream-protocol-versions': served.join(', ') })
}

function refused(status: number, why: string, headers: Headers = {}): Agreement {
  return { kind: 'refused', answer: textError(status, `unable to upgrade: ${why}\n`, headers) }
}

/** Plain text, as Go's `http.Error`. */
export function textError(status: number, body: string, headers: Headers = {}): ApiResponse {
  const type = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return { status, headers: { ...type, ...headers }, body }
}

/** Browsers cannot set headers on web sockets: they send a token as a protocol (apiserver `websocket/protocol.go`). Undefined where there is none, or no other protocol beside it. */
export function bearerOfProtocols(headers: Headers): string | undefined {
  if (!isWebSocket(headers)) return undefined
  const protocols = listOf(headers['sec-websocket-protocol'])
  const encoded = protocols.find((one) => one.startsWith(BEARER_PREFIX))
  if (encoded === undefined || protocols.length < 2) return undefined
  return Buffer.from(encoded.slice(BEARER_PREFIX.length), 'base64url').toString('utf8')
}

function listOf(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
