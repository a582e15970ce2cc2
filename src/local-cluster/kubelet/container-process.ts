// A container's own program under way: it prints to the log, sleeps by the clock, reads what is attached, ends.
import { messageOf } from '../../base/errors.ts'
import type { ContainerFiles } from './container-files.ts'
import { bytesText, ProgramStop, textBytes, type Effect, type Running } from './shell/machine.ts'
import { ShellSyntaxError } from './shell/syntax.ts'

/** Lines that wait for a program that does not read. */
const MAX_WAITING_LINES = 1_000

export interface ProcessHost {
  /** Runs a task later, unless the pod ends first. */
  after(delayMs: number, task: () => void): void
  /** What the program prints, as text. */
  print(text: string): void
  ended(exitCode: number): void
  /** Nobody can attach an input: the program finds it closed. */
  readonly hasInput: boolean
  /** What becomes of a script that cannot be read: it goes on, or it has ended well. */
  readonly unknownPrograms: 'forever' | 'succeed'
}

/** What is inside a container while it runs. */
export interface ContainerInside {
  readonly env: Readonly<Record<string, string>>
  readonly files: ContainerFiles
  readonly process: ContainerProcess
}

/** Gets what the program prints, as bytes. */
export type ProcessListener = (data: Buffer, to: 1 | 2) => void

/** Between its start and its end, which is told once. */
export class ContainerProcess {
  readonly #program: Running<number>
  readonly #host: ProcessHost
  readonly #listeners = new Set<ProcessListener>()
  readonly #lines: string[] = []
  readonly #over = Promise.withResolvers<void>()
  #inputIsOpen: boolean
  #isReading = false
  #partial = ''
  /** Does nothing more, and goes on: a server. */
  isServer = false
  isOver = false

  constructor(program: Running<number>, host: ProcessHost) {
    this.#program = program
    this.#host = host
    this.#inputIsOpen = host.hasInput
  }

  start(): void {
    this.#go(undefined)
  }

  /** Resolves when it has ended. */
  get ended(): Promise<void> {
    return this.#over.promise
  }

  /** Until what is returned is called. */
  listen(listener: ProcessListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A line of input as bytes, undefined at its end. */
  input(line: string | undefined): void {
    if (this.isOver || !this.#inputIsOpen) return
    if (line === undefined) this.#inputIsOpen = false
    else if (this.#lines.length < MAX_WAITING_LINES) this.#lines.push(line)
    if (!this.#isReading) return
    this.#isReading = false
    this.#go(this.#lines.shift())
  }

  /** What a terminal's interrupt does to it. */
  interrupt(): void {
    if (this.isOver || !this.#isReading) return
    this.#isReading = false
    this.#advance(() => this.#program.throw(new ProgramStop('', 130)))
  }

  /** It is gone; nothing is told. */
  stop(): void {
    if (this.isOver) return
    this.isOver = true
    this.#flush()
    this.#over.resolve()
  }

  #go(line: string | undefined): void {
    this.#advance(() => this.#program.next(line))
  }

  #advance(step: () => IteratorResult<Effect, number>): void {
    if (this.isOver) return
    try {
      this.#follow(step())
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Takes effects one by one until one takes time. */
  #follow(first: IteratorResult<Effect, number>): void {
    let result = first
    while (result.done !== true) {
      const answer = this.#effect(result.value)
      if (answer === 'later') return
      result = this.#program.next(answer.line)
    }
    this.#end(result.value)
  }

  #effect(effect: Effect): { readonly line: string | undefined } | 'later' {
    switch (effect.kind) {
      case 'print':
        this.#print(effect.text, effect.to)
        return { line: undefined }
      case 'sleep':
        this.#flush()
        this.#host.after(effect.ms, () => this.#go(undefined))
        return 'later'
      case 'read':
        if (this.#lines.length > 0 || !this.#inputIsOpen) return { line: this.#lines.shift() }
        this.#isReading = true
        return 'later'
      case 'size':
        return { line: undefined }
      case 'forever':
        this.isServer = true
        this.#flush()
        return 'later'
    }
  }

  /** The log has whole lines; those attached see every byte at once. */
  #print(text: string, to: 1 | 2): void {
    const data = textBytes(text)
    for (const listener of this.#listeners) listener(data, to)
    this.#partial += text
    const end = this.#partial.lastIndexOf('\n')
    if (end < 0 && this.#partial.length < MAX_PARTIAL) return
    const whole = end < 0 ? this.#partial : this.#partial.slice(0, end)
    this.#partial = end < 0 ? '' : this.#partial.slice(end + 1)
    this.#host.print(textBytes(whole).toString('utf8'))
  }

  #flush(): void {
    if (this.#partial !== '') this.#host.print(textBytes(this.#partial).toString('utf8'))
    this.#partial = ''
  }

  #failed(error: unknown): void {
    if (error instanceof ShellSyntaxError) {
      // More of the language than is known: as any program that is not known.
      if (this.#host.unknownPrograms === 'forever') this.isServer = true
      else this.#end(0)
      return
    }
    const message = messageOf(error)
    if (message !== '') this.#print(bytesText(`sh: ${message}\n`), 2)
    this.#end(error instanceof ProgramStop ? error.exitCode : 2)
  }

  #end(exitCode: number): void {
    if (this.isOver) return
    this.#flush()
    // A moment later, so that nobody sees it end before it has started.
    this.#host.after(1, () => {
      if (this.isOver) return
      this.stop()
      this.#host.ended(exitCode)
    })
  }
}

/** A line without an end is cut at this length. */
const MAX_PARTIAL: number = 16 * 1024
