// Numbered channels over a web socket to an API server: what `kubectl exec` uses since Kubernetes 1.31.
import { randomBytes } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { CapstanError } from '../../base/errors.ts'
import { acceptOf, WebSocketEnd, type Wire } from '../../base/web-socket.ts'
import type { ApiRequest, ApiResponse, Channels } from './transport.ts'

/** The newest first; servers before 1.30 know the second alone. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const
/** Of one message: servers send what a command writes in pieces of some kilobytes. */
const MAX_MESSAGE_BYTES: number = 32 << 20
/** Of a refusal: a Status. */
const MAX_REFUSAL_BYTES: number = 64 << 10

export interface ChannelRequest extends ApiRequest {
  readonly origin: string
}

interface Upgraded {
  readonly headers: Readonly<Record<string, unknown>>
  readonly socket: unknown
}

/** Opens a connection through a dispatcher; an answer instead is the server's refusal. */
export async function connectChannels(
  dispatcher: Dispatcher,
  request: ChannelRequest,
): Promise<Channels | ApiResponse> {
  const key = randomBytes(16).toString('base64')
  const answer = await upgrade(dispatcher, request, {
    ...request.headers,
    'sec-websocket-key': key,
    'sec-websocket-version': '13',
    'sec-websocket-protocol': PROTOCOLS.join(', '),
  })
  if ('status' in answer) return answer
  const wire = answer.socket as Wire // a socket of Node, TLS or not
  const protocol = answer.headers['sec-websocket-protocol']
  if (answer.headers['sec-websocket-accept'] !== acceptOf(key) || !isKnown(protocol)) {
    wire.destroySoon()
    throw new CapstanError('unavailable', 'the server answered a web socket with something else')
  }
  const socket = new WebSocketEnd(wire, { isClient: true, maxBytes: MAX_MESSAGE_BYTES })
  request.signal?.addEventListener('abort', () => wire.destroySoon(), { once: true })
  return {
    protocol,
    messages: channelMessages(socket),
    send: (channel, data) => socket.send(Buffer.concat([Buffer.of(channel), data])),
    close: () => {
      socket.close()
      wire.destroySoon()
    },
  }
}

function isKnown(protocol: unknown): protocol is (typeof PROTOCOLS)[number] {
  return PROTOCOLS.some((known) => known === protocol)
}

async function* channelMessages(socket: WebSocketEnd): Channels['messages'] & AsyncGenerator {
  for await (const { data } of socket.messages()) {
    const [channel] = data
    if (channel !== undefined) yield { channel, data: data.subarray(1) }
  }
}

async function upgrade(
  dispatcher: Dispatcher,
  { origin, path, signal }: ChannelRequest,
  headers: Readonly<Record<string, string>>,
): Promise<Upgraded | ApiResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<Upgraded | ApiResponse>()
  const refusal: { status: number; parts: Buffer[]; bytes: number } = { status: 0, parts: [], bytes: 0 }
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      if (signal === undefined) return
      const abort = (): void => controller.abort(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    },
    onRequestUpgrade(_controller, _status, answered, socket) {
      resolve({ headers: answered, socket })
    },
    onResponseStart(_controller, status) {
      refusal.status = status
    },
    onResponseData(_controller, chunk) {
      refusal.bytes += chunk.length
      if (refusal.bytes <= MAX_REFUSAL_BYTES) refusal.parts.push(chunk)
    },
    onResponseEnd() {
      resolve({ status: refusal.status, headers: {}, body: Buffer.concat(refusal.parts) })
    },
    onResponseError(_controller, error) {
      reject(error)
    },
  }
  dispatcher.dispatch({ origin, path, method: 'GET', headers, upgrade: 'websocket' }, handler)
  return promise
}
