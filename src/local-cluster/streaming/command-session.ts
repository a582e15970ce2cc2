// exec and attach: the client's streams over a web socket or SPDY, the command, and how it ended.
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { sleep, type Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { ByteSource, CommandOutcome, CommandStreams } from '../apiserver/hooks.ts'
import { STREAM_CREATION_TIMEOUT_MS } from './limits.ts'
import { outcomeStatus, outcomeText } from './outcome-status.ts'
import type { CommandSession } from './session.ts'
import { SpdyConnection, type SpdyStream } from './spdy-connection.ts'
import { TerminalSizes } from './terminal-sizes.ts'
import { WebSocketChannels } from './websocket-channels.ts'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const RESIZE = 4
const CHANNELS = 5

/** Runs the command; resolves when it has ended and the client was told. */
export async function commandOverWebSocket(
  socket: WebSocket,
  protocol: string,
  session: CommandSession,
): Promise<void> {
  const { query } = session
  const readable = [...(query.stdin ? [STDIN] : []), ...(query.tty ? [RESIZE] : [])]
  const channels = new WebSocketChannels(socket, { protocol, readable, count: CHANNELS })
  const hasStderr = query.stderr && !query.tty
  // An empty message tells the client that the connection stands.
  let first = ERROR
  if (query.stdout) first = STDOUT
  else if (hasStderr) first = STDERR
  await channels.write(first, '')
  const outcome = await runSafely(session, {
    stdin: query.stdin ? channels.channel(STDIN) : undefined,
    stdout: async (data) => (query.stdout ? channels.write(STDOUT, data) : undefined),
    stderr: async (data) => (hasStderr ? channels.write(STDERR, data) : undefined),
    ...sizesFrom(query.tty ? channels.channel(RESIZE) : undefined),
    signal: channels.signal,
  })
  if (query.stdin) channels.channel(STDIN).discard()
  await channels.write(ERROR, statusText(outcome, protocol))
  channels.close()
}

function sizesFrom(resizes: ByteSource | undefined): Pick<CommandStreams, 'terminalSize'> {
  if (resizes === undefined) return {}
  const sizes = new TerminalSizes(resizes)
  return { terminalSize: (patience) => sizes.size(patience) }
}

function statusText(outcome: CommandOutcome, protocol: string): string {
  if (protocol.startsWith('v5.')) return outcomeStatus(outcome, 'translator')
  return protocol.startsWith('v4.') ? outcomeStatus(outcome, 'node') : outcomeText(outcome)
}

/** The same over SPDY/3.1, where the client opens a stream for each of its ends. */
export async function commandOverSpdy(
  duplex: Duplex,
  protocol: string,
  session: CommandSession,
  clock: Clock,
): Promise<void> {
  const { query } = session
  const streams = new Map<string, SpdyStream>()
  const { promise: complete, resolve } = Promise.withResolvers<void>()
  const wanted = wantedStreams(session, protocol)
  const connection = new SpdyConnection(duplex, clock, (stream) => {
    const type = stream.headers.get('streamtype') ?? ''
    if (!STREAM_TYPES.has(type) || streams.has(type)) return undefined
    streams.set(type, stream)
    return () => (wanted.every((one) => streams.has(one)) ? resolve() : undefined)
  })
  const serving = connection.serve()
  const over = new Promise<void>((gone) => connection.signal.addEventListener('abort', () => gone(), { once: true }))
  const tooLate = sleep(clock, STREAM_CREATION_TIMEOUT_MS, connection.signal).then(
    () => connection.close(),
    () => undefined, // the connection ended first
  )
  await Promise.race([complete, over, tooLate])
  if (!connection.signal.aborted) {
    const write = async (type: string, data: string | Uint8Array): Promise<void> => streams.get(type)?.write(data)
    const outcome = await runSafely(session, {
      stdin: query.stdin ? streams.get('stdin')?.input : undefined,
      stdout: (data) => write('stdout', data),
      stderr: (data) => write('stderr', data),
      ...sizesFrom(streams.get('resize')?.input),
      signal: connection.signal,
    })
    streams.get('stdin')?.input.discard()
    await write('error', protocol.startsWith('v4.') ? outcomeStatus(outcome, 'node') : outcomeText(outcome))
    for (const stream of streams.values()) await stream.end()
    connection.close()
  }
  await serving
}

const STREAM_TYPES: ReadonlySet<string> = new Set(['error', 'stdin', 'stdout', 'stderr', 'resize'])

function wantedStreams({ query }: CommandSession, protocol: string): readonly string[] {
  const canResize = protocol.startsWith('v4.') || protocol.startsWith('v3.')
  return [
    'error',
    ...(query.stdin ? ['stdin'] : []),
    ...(query.stdout ? ['stdout'] : []),
    ...(query.stderr && !query.tty ? ['stderr'] : []),
    ...(query.tty && canResize ? ['resize'] : []),
  ]
}

async function runSafely(session: CommandSession, streams: CommandStreams): Promise<CommandOutcome> {
  try {
    return await session.run(streams)
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) }
  }
}
