// A terminal's line discipline: echo, editing, interrupt, end of input; and plain input cut into lines.
import type { ByteSource } from '../apiserver/hooks.ts'

/** Lines of bytes, each with its end; undefined when there is nothing more. */
export interface LineSource {
  read(): Promise<string | undefined>
}

/** A line without an end is given in pieces of this size. */
export const MAX_LINE_BYTES: number = 64 * 1024

/** Input without a terminal: lines as they come, at the end what is left. */
export function linesOf(source: ByteSource): LineSource {
  let rest = ''
  let ended = false
  return {
    async read() {
      for (;;) {
        const end = rest.indexOf('\n') + 1
        if (end > 0 || rest.length >= MAX_LINE_BYTES || ended) {
          const line = rest.slice(0, end > 0 ? end : MAX_LINE_BYTES)
          rest = rest.slice(line.length)
          return line === '' ? undefined : line
        }
        const data = await source.read()
        if (data === undefined) ended = true
        else rest += Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
      }
    },
  }
}

const INTERRUPT = '\x03'
const END_OF_INPUT = '\x04'
const ERASE = new Set(['\x7f', '\b'])
const KILL_LINE = '\x15'
const ESCAPE = '\x1b'

export interface TerminalHost {
  readonly source: ByteSource
  /** Shows bytes at the client's terminal. */
  echo(data: Buffer): void
  /** Ctrl-C. */
  interrupt(): void
}

/** What people type, as programs read it: line by line. */
export class Terminal implements LineSource {
  readonly #host: TerminalHost
  readonly #lines: string[] = []
  #line = ''
  #ended = false
  #escape = ''
  #wake: (() => void) | undefined

  constructor(host: TerminalHost) {
    this.#host = host
    void this.#pump()
  }

  async read(): Promise<string | undefined> {
    while (this.#lines.length === 0 && !this.#ended) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
    return this.#lines.shift()
  }

  async #pump(): Promise<void> {
    for (let data = await this.#host.source.read(); data !== undefined; data = await this.#host.source.read()) {
      for (const character of Buffer.from(data).toString('latin1')) this.#typed(character)
    }
    this.#end()
  }

  #end(): void {
    this.#ended = true
    this.#wake?.()
  }

  #typed(character: string): void {
    if (this.#inEscape(character)) return
    if (character === '\r' || character === '\n') this.#enter()
    else if (character === INTERRUPT) this.#interrupted()
    else if (character === END_OF_INPUT) this.#endOfInput()
    else if (ERASE.has(character)) this.#erase()
    else if (character === KILL_LINE) while (this.#line !== '') this.#erase()
    else if (character >= ' ' || character === '\t') this.#append(character)
  }

  /** Arrow keys and the like are dropped: there is no history. */
  #inEscape(character: string): boolean {
    if (character === ESCAPE) this.#escape = ESCAPE
    else if (this.#escape === '') return false
    else if (this.#escape === ESCAPE && character === '[') this.#escape = '['
    else if (this.#escape === ESCAPE || /[A-Za-z~]/.test(character)) this.#escape = ''
    return true
  }

  #append(character: string): void {
    if (this.#line.length >= MAX_LINE_BYTES) return
    this.#line += character
    this.#echo(character)
  }

  #enter(): void {
    this.#echo('\r\n')
    this.#give(`${this.#line}\n`)
  }

  #give(line: string): void {
    this.#line = ''
    this.#lines.push(line)
    this.#wake?.()
  }

  #interrupted(): void {
    this.#echo('^C')
    this.#line = ''
    this.#host.interrupt()
  }

  /** On an empty line the end; else it hands over what there is. */
  #endOfInput(): void {
    if (this.#line === '') this.#end()
    else this.#give(this.#line)
  }

  #erase(): void {
    if (this.#line === '') return
    // A character of several bytes goes as one.
    const text = Array.from(Buffer.from(this.#line, 'latin1').toString('utf8'))
    this.#line = Buffer.from(text.slice(0, -1).join('')).toString('latin1')
    this.#echo('\b \b')
  }

  #echo(text: string): void {
    this.#host.echo(Buffer.from(text, 'latin1'))
  }
}

/** Line ends as a terminal wants them. */
export function forTerminal(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n')
}
