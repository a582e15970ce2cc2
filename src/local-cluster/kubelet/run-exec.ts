// Runs an interpreted program for a client of exec: its effects become the client's streams, and its end the exit code.
import { sleep, type Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { CommandOutcome, CommandStreams } from '../apiserver/hooks.ts'
import { ProgramStop, textBytes, type Effect, type Running } from './shell/machine.ts'
import { ShellSyntaxError } from './shell/syntax.ts'
import { forTerminal, linesOf, Terminal, type LineSource } from './terminal.ts'

export interface ExecOptions {
  readonly clock: Clock
  readonly tty: boolean
  /** Aborts when the container ends, with which the command goes too. */
  readonly containerEnded: AbortSignal
}

/** How long a program that asks for the size of its terminal waits for the client to tell it. */
const SIZE_PATIENCE_MS = 1000

/** Killed with its container, as SIGKILL does. */
const KILLED = 137

/** Resolves with how the program ended; a client that leaves ends it. */
export async function runExec(
  program: Running<number>,
  streams: CommandStreams,
  options: ExecOptions,
): Promise<CommandOutcome> {
  const run = new ExecRun(program, streams, options)
  const exitCode = await run.run()
  return { kind: 'exited', exitCode }
}

class ExecRun {
  readonly #program: Running<number>
  readonly #streams: CommandStreams
  readonly #options: ExecOptions
  readonly #lines: LineSource
  #interrupt = new AbortController()

  constructor(program: Running<number>, streams: CommandStreams, options: ExecOptions) {
    this.#program = program
    this.#streams = streams
    this.#options = options
    this.#lines = this.#input()
  }

  async run(): Promise<number> {
    try {
      return await this.#follow()
    } catch (error) {
      if (this.#options.containerEnded.aborted) return KILLED
      const isKnown = error instanceof ProgramStop || error instanceof ShellSyntaxError
      if (!isKnown && !this.#streams.signal.aborted) throw error
      if (messageOf(error) !== '') await this.#print(`sh: ${messageOf(error)}\n`, 2)
      return error instanceof ProgramStop ? error.exitCode : 2
    }
  }

  #input(): LineSource {
    const { stdin } = this.#streams
    if (stdin === undefined) return { read: async () => undefined }
    if (!this.#options.tty) return linesOf(stdin)
    return new Terminal({
      source: stdin,
      echo: (data) => void this.#streams.stdout(data),
      interrupt: () => this.#interrupt.abort(new ProgramStop('', 130)),
    })
  }

  async #follow(): Promise<number> {
    let result = this.#program.next()
    while (result.done !== true) {
      const line = await this.#effect(result.value)
      const { signal } = this.#interrupt
      if (signal.aborted) {
        this.#interrupt = new AbortController()
        result = this.#program.throw(signal.reason)
      } else result = this.#program.next(line)
    }
    return result.value
  }

  /** What the program is told; undefined where it is interrupted. Throws where client or container have gone. */
  async #effect(effect: Effect): Promise<string | undefined> {
    const { signal } = this.#streams
    signal.throwIfAborted()
    this.#options.containerEnded.throwIfAborted()
    switch (effect.kind) {
      case 'print':
        await this.#print(effect.text, effect.to)
        return undefined
      case 'sleep':
        await this.#unlessStopped((stopped) => sleep(this.#options.clock, effect.ms, stopped))
        return undefined
      case 'read':
        return await this.#unlessStopped(async (stopped) => Promise.race([this.#lines.read(), abortOf(stopped)]))
      case 'size':
        return await this.#size()
      case 'forever':
        await this.#unlessStopped(abortOf)
        return undefined
    }
  }

  /** Clients tell it right after they are connected, which may be after the program has started. */
  async #size(): Promise<string | undefined> {
    const { terminalSize } = this.#streams
    const { clock, tty } = this.#options
    if (!tty || terminalSize === undefined) return undefined
    const size = await this.#unlessStopped((stopped) => terminalSize(() => sleep(clock, SIZE_PATIENCE_MS, stopped)))
    return size === undefined ? undefined : `${size.rows} ${size.columns}`
  }

  async #unlessStopped<T>(task: (stopped: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const signals = [this.#streams.signal, this.#options.containerEnded, this.#interrupt.signal]
    try {
      return await task(AbortSignal.any(signals))
    } catch (error) {
      // The program is told of an interrupt by its caller.
      if (this.#interrupt.signal.aborted) return undefined
      throw error
    }
  }

  async #print(text: string, to: 1 | 2): Promise<void> {
    const { tty } = this.#options
    const data = textBytes(tty ? forTerminal(text) : text)
    if (to === 1 || tty) await this.#streams.stdout(data)
    else await this.#streams.stderr(data)
  }
}

async function abortOf(signal: AbortSignal): Promise<undefined> {
  const { promise, reject } = Promise.withResolvers<undefined>()
  const fail = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  if (signal.aborted) fail()
  else signal.addEventListener('abort', fail, { once: true })
  return promise
}
