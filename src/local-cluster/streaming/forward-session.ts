// port-forward: connections to ports of a pod, over SPDY streams or channels of a web socket.
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { sleep, type Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { STREAM_CREATION_TIMEOUT_MS } from './limits.ts'
import type { ForwardSession } from './session.ts'
import { SpdyConnection, type SpdyStream } from './spdy-connection.ts'
import { WebSocketChannels } from './websocket-channels.ts'

/** Serves forwarded connections until the client goes. */
export async function forwardOverSpdy(duplex: Duplex, session: ForwardSession, clock: Clock): Promise<void> {
  const pairs = new Map<string, Pair>()
  const connection: SpdyConnection = new SpdyConnection(duplex, clock, (stream) => {
    const port = portOf(stream.headers.get('port') ?? '')
    const type = stream.headers.get('streamtype')
    if (port === undefined || (type !== 'data' && type !== 'error')) return undefined
    const key = requestKey(stream, type)
    const pair = pairs.get(key) ?? newPair(key)
    if (pair[type] !== undefined) return undefined
    pair[type] = stream
    return () => startWhenWhole(pair, port, key)
  })

  function newPair(key: string): Pair {
    const pair: Pair = { data: undefined, error: undefined }
    pairs.set(key, pair)
    const waiting = sleep(clock, STREAM_CREATION_TIMEOUT_MS, connection.signal)
    void waiting.then(
      () => giveUp(pair, key),
      () => undefined, // the connection ended first
    )
    return pair
  }

  async function giveUp(pair: Pair, key: string): Promise<void> {
    if (pairs.get(key) !== pair) return
    pairs.delete(key)
    await pair.error?.write('timed out waiting for streams')
    for (const stream of [pair.data, pair.error]) await stream?.reset()
  }

  function startWhenWhole({ data, error }: Pair, port: number, key: string): void {
    if (data === undefined || error === undefined) return
    pairs.delete(key)
    void forwardOne(session, port, { data, error }).then(() => {
      connection.forget(data)
      connection.forget(error)
    })
  }

  await connection.serve()
}

interface Pair {
  data: SpdyStream | undefined
  error: SpdyStream | undefined
}

/** Older clients name no request: their error stream comes right before the data stream. */
function requestKey(stream: SpdyStream, type: 'data' | 'error'): string {
  return stream.headers.get('requestid') ?? `#${type === 'error' ? stream.id : stream.id - 2}`
}

async function forwardOne(
  session: ForwardSession,
  port: number,
  { data, error }: { readonly data: SpdyStream; readonly error: SpdyStream },
): Promise<void> {
  const failure = await failureOf(session, port, {
    read: () => data.input.read(),
    write: (bytes) => data.write(bytes),
  })
  data.input.discard()
  if (failure !== undefined) await error.write(failure)
  await data.end()
  await error.end()
}

async function failureOf(
  session: ForwardSession,
  port: number,
  connection: Parameters<ForwardSession['forward']>[1],
): Promise<string | undefined> {
  try {
    await session.forward(port, connection)
    return undefined
  } catch (error) {
    const { name, uid } = session.pod
    return `error forwarding port ${port} to pod ${name}, uid ${uid}: ${messageOf(error)}`
  }
}

/** The form before tunnels: two channels a port of the query, each beginning with the port in two bytes, the lower first. */
export async function forwardOverWebSocket(
  socket: WebSocket,
  protocol: string,
  session: ForwardSession,
): Promise<void> {
  const ports = session.ports.map(Number)
  const readable = ports.map((_, index) => index * 2)
  const channels = new WebSocketChannels(socket, { protocol, readable, count: ports.length * 2 })
  await Promise.all(
    ports.map(async (port, index) => {
      const portBytes = Buffer.of(port & 0xff, port >> 8)
      await channels.write(index * 2, portBytes)
      await channels.write(index * 2 + 1, portBytes)
      const input = channels.channel(index * 2)
      const failure = await failureOf(session, port, {
        read: () => input.read(),
        write: (bytes) => channels.write(index * 2, bytes),
      })
      input.discard()
      if (failure !== undefined) await channels.write(index * 2 + 1, failure)
    }),
  )
  channels.close()
}

/** 1 to 65535; undefined for anything else. */
export function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : undefined
}
