// Runs a plug-in's command in a process group of its own, within a time and an amount of output.
import { spawn, type ChildProcess } from 'node:child_process'
import type { Cancel, Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { PluginCommand } from './configuration.ts'

/** Bytes of manifests: what a rendering may give (`maxOutputLength` of the workers). */
export const MAX_OUTPUT_BYTES: number = 64 * 1024 * 1024
/** Bytes of what a command complains of that are shown; it ends up in a condition. */
export const MAX_COMPLAINT_BYTES = 4096
/** Between asking the group to end and ending it. */
const GRACE_MS = 2000

export interface CommandSettings {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  readonly maxOutputBytes?: number
}

/** What the command printed, without one line break at the end. Throws as Argo CD words it: `` `sh -c …` failed … ``. */
export async function runCommand(command: PluginCommand, settings: CommandSettings): Promise<string> {
  const words = [...command.command, ...command.args]
  settings.signal?.throwIfAborted()
  const run = new Run(words, settings)
  return run.result()
}

/** As Go prints a command: words with blanks in quotes (argo-cd v3.2.6 GetCommandArgsToLog). */
function shownWord(word: string): string {
  return word === '' || /\s/.test(word) ? JSON.stringify(word) : word
}

class Run {
  readonly #shown: string
  readonly #settings: CommandSettings
  readonly #child: ChildProcess
  readonly #output: Buffer[] = []
  #outputBytes = 0
  readonly #complaint: Buffer[] = []
  #complaintBytes = 0
  #fault: CapstanError | undefined
  #cancelKill: Cancel | undefined

  constructor(words: readonly string[], settings: CommandSettings) {
    const [program = '', ...rest] = words
    this.#shown = words.map(shownWord).join(' ').slice(0, MAX_COMPLAINT_BYTES)
    this.#settings = settings
    this.#child = spawn(program, rest, {
      cwd: settings.folder,
      env: settings.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it starts ends with it.
      detached: true,
    })
  }

  async result(): Promise<string> {
    const { timeoutMs, clock, signal } = this.#settings
    const ended = this.#ended()
    const cancel = clock.schedule(timeoutMs, () =>
      this.#end(this.#failed('timeout', `timeout after ${timeoutMs / 1000}s`)),
    )
    const abort = (): void => this.#end(new CapstanError('timeout', 'rendering was given up'))
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const code = await ended
      if (this.#fault !== undefined) throw this.#fault
      if (code !== 'exit status 0') throw this.#failed('bad-input', code)
      return Buffer.concat(this.#output).toString('utf8').replace(/\n$/, '')
    } finally {
      cancel()
      // Later the number of the group may be that of another.
      this.#cancelKill?.()
      signal?.removeEventListener('abort', abort)
      // Children left behind would keep the folder in use.
      this.#kill('SIGKILL')
    }
  }

  async #ended(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#complain(chunk))
    this.#child.on('error', (error) => {
      this.#fault ??= this.#failed('bad-input', messageOf(error))
      resolve('')
    })
    // A child left behind may hold the pipes open: its group goes first, then they close.
    this.#child.on('exit', () => this.#kill('SIGKILL'))
    this.#child.on('close', (code, name) => resolve(code === null ? `signal: ${name}` : `exit status ${code}`))
    return promise
  }

  #take(chunk: Buffer): void {
    const limit = this.#settings.maxOutputBytes ?? MAX_OUTPUT_BYTES
    this.#outputBytes += chunk.length
    if (this.#outputBytes <= limit) this.#output.push(chunk)
    else this.#end(this.#failed('limit', `after more than ${limit} bytes of output`), 'SIGKILL')
  }

  #complain(chunk: Buffer): void {
    const rest = MAX_COMPLAINT_BYTES - this.#complaintBytes
    if (rest <= 0) return
    this.#complaint.push(chunk.subarray(0, rest))
    this.#complaintBytes += Math.min(rest, chunk.length)
  }

  #failed(code: 'bad-input' | 'limit' | 'timeout', how: string): CapstanError {
    const complaint = Buffer.concat(this.#complaint).toString('utf8').trim()
    return new CapstanError(code, `\`${this.#shown}\` failed ${how}${complaint === '' ? '' : `: ${complaint}`}`)
  }

  #end(fault: CapstanError, first: NodeJS.Signals = 'SIGTERM'): void {
    if (this.#fault !== undefined) return
    this.#fault = fault
    this.#kill(first)
    this.#cancelKill = this.#settings.clock.schedule(GRACE_MS, () => this.#kill('SIGKILL'))
  }

  #kill(name: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, name)
    } catch {
      // The group has ended already: that is what was wanted.
    }
  }
}
