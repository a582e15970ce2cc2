// A client attached to a container's own program: its output from now on, and the client's input to it.
import type { CommandOutcome, CommandStreams } from '../apiserver/hooks.ts'
import type { ContainerProcess } from './container-process.ts'
import { forTerminal, linesOf, Terminal, type LineSource } from './terminal.ts'

export interface AttachOptions {
  readonly tty: boolean
  /** The input closes with the first client that had it. */
  readonly stdinOnce: boolean
}

/** Resolves when the program ends or the client leaves; how the program ended is told by the pod's status alone. */
export async function runAttach(
  process: ContainerProcess,
  streams: CommandStreams,
  { tty, stdinOnce }: AttachOptions,
): Promise<CommandOutcome> {
  const { promise: left, resolve } = Promise.withResolvers<void>()
  streams.signal.addEventListener('abort', () => resolve(), { once: true })
  // One write after the other: what comes in order leaves in order.
  let writing: Promise<void> = Promise.resolve()
  const stop = process.listen((data, to) => {
    const bytes = tty ? Buffer.from(forTerminal(data.toString('latin1')), 'latin1') : data
    writing = writing.then(() => (to === 1 || tty ? streams.stdout(bytes) : streams.stderr(bytes)))
  })
  const input = inputOf(process, streams, tty)
  if (input !== undefined) void feed(process, input, stdinOnce)
  await Promise.race([process.ended, left])
  stop()
  await Promise.race([writing, left])
  return { kind: 'exited', exitCode: 0 }
}

function inputOf(process: ContainerProcess, streams: CommandStreams, tty: boolean): LineSource | undefined {
  const { stdin } = streams
  if (stdin === undefined) return undefined
  if (!tty) return linesOf(stdin)
  return new Terminal({
    source: stdin,
    echo: (data) => void streams.stdout(data),
    interrupt: () => process.interrupt(),
  })
}

async function feed(process: ContainerProcess, lines: LineSource, stdinOnce: boolean): Promise<void> {
  for (let line = await lines.read(); line !== undefined; line = await lines.read()) process.input(line)
  if (stdinOnce) process.input(undefined)
}
