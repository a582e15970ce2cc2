// Reads objects through one long-lived `git cat-file --batch`, started on first use and ended when idle.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Cancel, Clock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import { gitEnvironment, startError } from './command.ts'

/** A reader that nobody asked for this long is ended: a process costs about 3 MB. */
export const IDLE_MS = 20_000
/** The largest object that is read into memory; manifests of a directory are limited to 10 MB, charts to more. */
export const MAX_OBJECT_BYTES: number = 128 << 20

export interface GitObject {
  readonly id: string
  readonly type: 'blob' | 'tree' | 'commit' | 'tag'
  readonly bytes: Uint8Array
}

interface Waiting {
  readonly name: string
  readonly resolve: (object: GitObject | undefined) => void
  readonly reject: (error: Error) => void
}

interface Header {
  readonly id: string
  readonly type: GitObject['type']
  readonly size: number
}

/** Reads objects of one repository by id or by any name git understands; answers come in the order asked. */
export class ObjectReader {
  readonly #gitDirectory: string
  readonly #clock: Clock
  #child: ChildProcessWithoutNullStreams | undefined
  #waiting: Waiting[] = []
  #chunks: Buffer[] = []
  #buffered = 0
  #header: Header | undefined
  #cancelIdle: Cancel | undefined

  constructor(gitDirectory: string, clock: Clock) {
    this.#gitDirectory = gitDirectory
    this.#clock = clock
  }

  /** The object, or undefined where the repository has none of that name. */
  read(name: string): Promise<GitObject | undefined> {
    if (/[\n\r\0]/.test(name) || name === '') {
      return Promise.reject(new CapstanError('bad-input', `${JSON.stringify(name)} cannot name a Git object`))
    }
    this.#cancelIdle?.()
    const { promise, resolve, reject } = Promise.withResolvers<GitObject | undefined>()
    this.#waiting.push({ name, resolve, reject })
    this.#child ??= this.#start()
    this.#child.stdin.write(`${name}\n`)
    return promise
  }

  /** Ends the process; what is being waited for is rejected. */
  close(): void {
    this.#cancelIdle?.()
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    this.#fail(new CapstanError('unavailable', 'the Git object reader was closed'))
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn('git', ['cat-file', '--batch'], {
      env: gitEnvironment({ GIT_DIR: this.#gitDirectory }),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4096)
    })
    // A write to a process that has just ended: `close` tells the readers.
    child.stdin.on('error', () => {})
    child.on('error', (error) => this.#ended(child, startError(error)))
    child.on('close', () =>
      this.#ended(child, new CapstanError('unavailable', `git cat-file ended: ${stderr.trim() || 'no message'}`)),
    )
    return child
  }

  #ended(child: ChildProcessWithoutNullStreams, error: Error): void {
    if (this.#child !== child) return
    this.#child = undefined
    this.#fail(error)
  }

  #fail(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#chunks = []
    this.#buffered = 0
    this.#header = undefined
    for (const { reject } of waiting) reject(error)
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    while (this.#waiting.length > 0 && this.#takeOne()) {
      if (this.#waiting.length === 0) this.#cancelIdle = this.#clock.schedule(IDLE_MS, () => this.close())
    }
  }

  /** Takes one answer out of what has arrived; false where it is not complete yet. */
  #takeOne(): boolean {
    this.#header ??= this.#takeHeader()
    const header = this.#header
    if (header === undefined || this.#buffered < header.size + 1) return false
    const bytes = this.#takeBytes(header.size + 1).subarray(0, header.size)
    this.#header = undefined
    this.#waiting.shift()?.resolve({ id: header.id, type: header.type, bytes: new Uint8Array(bytes) })
    return true
  }

  /** Reads a header line; a name that git does not find is answered at once and the next line is looked at. */
  #takeHeader(): Header | undefined {
    for (;;) {
      const all = this.#joined()
      const end = all.indexOf(0x0a)
      if (end < 0) return undefined
      const line = this.#takeBytes(end + 1).toString('utf8', 0, end)
      const found = /^(?<id>[0-9a-f]{40,64}) (?<type>blob|tree|commit|tag) (?<size>\d+)$/.exec(line)?.groups
      if (found !== undefined) return this.#checked(found)
      this.#waiting.shift()?.resolve(undefined)
      if (this.#waiting.length === 0) return undefined
    }
  }

  #checked(found: Record<string, string | undefined>): Header | undefined {
    const size = Number(found['size'])
    if (size > MAX_OBJECT_BYTES) {
      this.#child?.kill('SIGKILL')
      this.#child = undefined
      this.#fail(
        new CapstanError('limit', `Git object ${found['id']} has ${size} bytes; at most ${MAX_OBJECT_BYTES} are read`),
      )
      return undefined
    }
    return { id: found['id'] ?? '', type: found['type'] as GitObject['type'], size }
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  #takeBytes(count: number): Buffer {
    const all = this.#joined()
    this.#chunks = [all.subarray(count)]
    this.#buffered -= count
    return all.subarray(0, count)
  }
}
