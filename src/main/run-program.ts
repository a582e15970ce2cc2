// Runs a command tree on this process' words and ends the process: turns errors into messages and exit codes.
import { CommanderError, type Command } from 'commander'
import { CapstanError, messageOf } from '../base/errors.ts'
import { ExitCode } from '../cli/context.ts'

/** Upstream's code for every error (argo-cd util/errors); wrong usage is 1, as from cobra. */
const EXIT_ERROR = 20
const EXIT_USAGE = 1

/** Gives the command tree for the words of a command line; the signal is aborted by Ctrl-C and its like. */
export type LoadProgram = (words: readonly string[], signal: AbortSignal) => Promise<Command>

/** Runs what the command line says. The process ends with it. */
export async function runProgram(load: LoadProgram): Promise<never> {
  const interrupted = abortOnSignals()
  /** Those of standard output and error that were asked for; a command that prints without them need not load them. */
  const streams = new Map<StreamName, NodeJS.WriteStream>()
  watchStream(streams, 'stdout', (stream) => {
    // A reader such as `head` that has seen enough is no error.
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT_ERROR))
  })
  watchStream(streams, 'stderr', () => undefined)

  // What nobody expected leaves a state that nobody knows: said at once, and the end. Nothing is lost by it; the cluster holds everything.
  process.on('uncaughtException', (error) => {
    console.error('capstan: unexpected error, please report it:', error)
    process.exit(EXIT_ERROR)
  })

  // A command ends when it says so: while it waits for a timer of the clock, nothing else would keep the program alive.
  const alive = setInterval(() => undefined, 2 ** 30)
  try {
    const program = await load(process.argv.slice(2), interrupted)
    await program.parseAsync()
    // What a command leaves open, such as idle connections, need not keep the program waiting.
    if (process.exitCode === undefined) process.exitCode = 0
  } catch (error) {
    process.exitCode = exitCodeOf(error, interrupted)
  }
  // A pipe takes 64 KB at a time; what waits behind them would be lost.
  await Promise.all(Array.from(streams.values(), written))
  clearInterval(alive)
  return process.exit()
}

function abortOnSignals(): AbortSignal {
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      interrupted.abort(new CapstanError('unavailable', 'interrupted'))
      // A second signal ends the program at once.
      process.once(name, () => process.exit(EXIT_ERROR))
    })
  }
  return interrupted.signal
}

type StreamName = 'stdout' | 'stderr'

/** Keeps the stream when it is first asked for, which is when Node makes it. */
function watchStream(
  streams: Map<StreamName, NodeJS.WriteStream>,
  name: StreamName,
  prepare: (stream: NodeJS.WriteStream) => void,
): void {
  const found = Object.getOwnPropertyDescriptor(process, name)
  Object.defineProperty(process, name, {
    ...found,
    get(): NodeJS.WriteStream {
      const known = streams.get(name)
      if (known !== undefined) return known
      const stream = found?.get?.call(process) as NodeJS.WriteStream // what Node documents
      streams.set(name, stream)
      prepare(stream)
      return stream
    },
  })
}

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}

/** Prints what people need to know of an error and says how the program ends. */
function exitCodeOf(error: unknown, interrupted: AbortSignal): number {
  if (error instanceof ExitCode) {
    if (error.text !== undefined) console.error(`capstan: ${error.text}`)
    return error.exitCode
  }
  // commander has printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
  if (error instanceof CapstanError || interrupted.aborted) {
    if (!interrupted.aborted) console.error(`capstan: ${messageOf(error)}`)
    return EXIT_ERROR
  }
  console.error(`capstan: unexpected error: ${messageOf(error)}; please report it with CAPSTAN_DEBUG=1 set`)
  if (process.env['CAPSTAN_DEBUG'] !== undefined) console.error(error)
  return EXIT_ERROR
}
