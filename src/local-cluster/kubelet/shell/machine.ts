// What an interpreted program sees and does: its effects on the world outside, its streams, its container.

/** What a program asks of whoever runs it. `read` is answered with a line, or undefined at the end of the input; `size` with that of its terminal as `ROWS COLUMNS`, or undefined. */
export type Effect =
  | { readonly kind: 'print'; readonly to: 1 | 2; readonly text: string }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'read' }
  | { readonly kind: 'size' }
  /** Goes on without doing anything more. */
  | { readonly kind: 'forever' }

/** A program under way; texts are bytes, a character each (`bytesText`). */
export type Running<T> = Generator<Effect, T, string | undefined>

export interface Input {
  /** A line with its end; undefined when there is nothing more. */
  read(): Running<string | undefined>
}

export interface Output {
  write(text: string): Running<void>
}

export interface Streams {
  readonly in: Input
  readonly out: Output
  readonly err: Output
}

/** The files of a container as far as they are known. */
export interface MachineFiles {
  /** Undefined for what is no file. */
  read(path: string): string | undefined
  /** Names in a directory; undefined for what is none. */
  list(path: string): readonly string[] | undefined
  /** Why it cannot be written; undefined where it was. */
  write(path: string, text: string): string | undefined
  remove(path: string): boolean
  /** With those above it. Why it cannot be made; undefined where it was. */
  makeDirectory(path: string): string | undefined
}

export interface Machine {
  readonly env: Readonly<Record<string, string>>
  readonly files: MachineFiles
  readonly hostname: string
  readonly workingDir: string
  readonly hasTerminal: boolean
  readonly now: () => number
  /**
   * A container's own command may be any program: one that is not known is taken to do its work silently. At the end
   * of the command it goes on for ever, or ends well where the pod is meant to end. Undefined: unknown programs are not there.
   */
  readonly unknownPrograms: 'forever' | 'succeed' | undefined
}

/** UTF-8 as a text with a character for each byte, which is how programs see all text. */
export function bytesText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The bytes of such a text. */
export function textBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** Ends a program from inside or outside: too deep, too large, interrupted. */
export class ProgramStop extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.name = 'ProgramStop'
    this.exitCode = exitCode
  }
}

/** What a program that does nothing asks for. */
export const NOTHING: readonly never[] = []

/** Text that a program keeps in a variable or a pipe is bounded. */
export const MAX_TEXT_LENGTH: number = 1024 * 1024

/** Reads lines out of a text. */
export function textInput(text: string): Input {
  let rest = text
  return {
    *read() {
      yield* NOTHING
      if (rest === '') return undefined
      const end = rest.indexOf('\n') + 1
      const line = end === 0 ? rest : rest.slice(0, end)
      rest = rest.slice(line.length)
      return line
    },
  }
}

/** What the one who runs the program has to say. */
export const ownInput: Input = {
  *read() {
    return yield { kind: 'read' }
  },
}

/** Tells the one who runs the program. */
export function ownOutput(to: 1 | 2): Output {
  return {
    *write(text) {
      if (text !== '') yield { kind: 'print', to, text }
    },
  }
}

export const noOutput: Output = {
  *write() {
    yield* NOTHING
  },
}

/** Keeps what is written. Throws `ProgramStop` where that is too much. */
export class KeptOutput implements Output {
  #text: string

  constructor() {
    this.#text = ''
  }

  get text(): string {
    return this.#text
  }

  *write(text: string): Running<void> {
    yield* NOTHING
    this.#text += text
    if (this.#text.length > MAX_TEXT_LENGTH) throw new ProgramStop('out of memory', 2)
  }
}

/** All that is left of an input. */
export function* readAll(input: Input): Running<string> {
  let text = ''
  for (;;) {
    const line = yield* input.read()
    if (line === undefined) return text
    text += line
    if (text.length > MAX_TEXT_LENGTH) throw new ProgramStop('out of memory', 2)
  }
}
