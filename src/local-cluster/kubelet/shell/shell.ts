// Walks the parts of a shell script. Nothing runs on the host: the programs are those of `programs.ts`.
import { runCase, runFor, runIf, runWhile, type Jump, type Walker } from './control-flow.ts'
import { expandWord, expandWords } from './expand.ts'
import {
  bytesText,
  KeptOutput,
  MAX_TEXT_LENGTH,
  noOutput,
  NOTHING,
  ProgramStop,
  textInput,
  type Machine,
  type Running,
  type Streams,
} from './machine.ts'
import { parseScript } from './parse.ts'
import { redirect } from './redirects.ts'
import { ShellSyntaxError, type ListItem, type Node, type Redirect } from './syntax.ts'

/** Runs a program that is not part of the shell; undefined where there is none of that name. */
export type RunProgram = (shell: Shell, words: readonly string[], streams: Streams) => Running<number> | undefined

const SILENT: Streams = { in: textInput(''), out: noOutput, err: noOutput }

/** Commands between two pauses: a loop without a sleep must not hold up everything else. */
const STEPS_PER_TURN = 500
const PAUSE_MS = 50
/** Functions that call functions. */
const MAX_CALLS = 50

/** One shell with its variables; subshells are copies. */
export class Shell implements Walker {
  readonly machine: Machine
  readonly variables: Map<string, string>
  readonly exported: Set<string>
  readonly functions: Map<string, Node>
  args: readonly string[]
  name = 'sh'
  workingDir: string
  status = 0
  stopsOnError = false
  jump: Jump | undefined
  readonly #runProgram: RunProgram
  #steps = 0
  #calls = 0
  #conditions = 0

  constructor(machine: Machine, runProgram: RunProgram, from?: Shell) {
    this.machine = machine
    this.#runProgram = runProgram
    const env = Object.entries(machine.env)
    this.variables = new Map(from?.variables ?? env)
    this.exported = new Set(from?.exported ?? env.map(([name]) => name))
    this.functions = new Map(from?.functions)
    this.args = []
    this.workingDir = machine.workingDir
    if (from !== undefined) this.#inherit(from)
  }

  #inherit(from: Shell): void {
    this.args = from.args
    this.workingDir = from.workingDir
    this.status = from.status
    this.stopsOnError = from.stopsOnError
    this.#calls = from.#calls
  }

  /** A shell of its own that begins with this one's variables. */
  child(): Shell {
    return new Shell(this.machine, this.#runProgram, this)
  }

  /** Whether a name is that of a program, a builtin or a function. */
  isProgram(name: string): boolean {
    return this.functions.has(name) || this.#runProgram(this, [name, '--help'], SILENT) !== undefined
  }

  /** Scripts within scripts. Throws `ProgramStop` where there are too many. */
  *nested(limit: number, run: () => Running<number>): Running<number> {
    if (++this.#calls > limit) throw new ProgramStop('scripts are nested too deeply', 2)
    const status = yield* run()
    this.#calls--
    return status
  }

  /** The parts of a script; `incomplete` where more lines may follow, another text where it is none. */
  parsed(script: string): Node | string {
    try {
      return parseScript(script)
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error
      return error.isIncomplete ? 'incomplete' : error.message
    }
  }

  /** Runs a command of somebody at a terminal: what stops it does not stop the shell. */
  *attended(run: () => Running<number>, streams: Streams): Running<void> {
    try {
      yield* run()
    } catch (error) {
      if (!(error instanceof ProgramStop)) throw error
      this.status = error.exitCode
      this.#calls = 0
      this.#conditions = 0
      yield* streams.err.write(error.message === '' ? '\n' : `${this.name}: ${error.message}\n`)
    }
  }

  /** What a new program started here finds. */
  environment(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.variables].filter(([name]) => this.exported.has(name)))
  }

  /** `isLast`: nothing comes after it, so a program nobody knows may be the server the container is for. */
  *run(node: Node, streams: Streams, isLast = false): Running<number> {
    this.status = yield* this.#node(node, streams, isLast)
    return this.status
  }

  #node(node: Node, streams: Streams, isLast: boolean): Running<number> {
    switch (node.kind) {
      case 'list':
        return this.#list(node, streams, isLast)
      case 'pipeline':
        return this.#pipeline(node, streams, isLast)
      case 'simple':
        return this.#simple(node, streams, isLast)
      case 'if':
        return runIf(this, node, streams, isLast)
      case 'while':
        return runWhile(this, node, streams)
      case 'for':
        return runFor(this, node, streams)
      case 'case':
        return runCase(this, node, streams, isLast)
      case 'group':
        return this.#group(node, streams, isLast)
      case 'function':
        return this.#define(node)
    }
  }

  *#define(node: Node & { kind: 'function' }): Running<number> {
    yield* NOTHING
    this.functions.set(node.name, node.body)
    return 0
  }

  *#list({ items }: Node & { kind: 'list' }, streams: Streams, isLast: boolean): Running<number> {
    let status = 0
    for (const [index, { node, after }] of items.entries()) {
      if (isSkipped(after, status)) continue
      const isTested = isTestedBy(items[index + 1])
      if (isTested) this.#conditions++
      status = yield* this.run(node, streams, isLast && index === items.length - 1)
      if (isTested) this.#conditions--
      if (this.jump !== undefined || (status !== 0 && !isTested && this.#failsHere(node))) break
    }
    return status
  }

  /** `set -e`: a command that fails, and is not asked whether it does, ends the shell. */
  #failsHere(node: Node): boolean {
    const isCommand = node.kind === 'simple' || node.kind === 'pipeline' || node.kind === 'group'
    if (!this.stopsOnError || this.#conditions > 0 || !isCommand) return false
    if (node.kind === 'pipeline' && node.negated) return false
    this.jump = { kind: 'exit', levels: 0 }
    return true
  }

  /** One command after the other: each reads what the one before has written. */
  *#pipeline(node: Node & { kind: 'pipeline' }, streams: Streams, isLast: boolean): Running<number> {
    let input = streams.in
    let status = 0
    for (const [index, command] of node.commands.entries()) {
      const isEnd = index === node.commands.length - 1
      const kept = new KeptOutput()
      const out = isEnd ? streams.out : kept
      const shell = node.commands.length === 1 ? this : this.child()
      status = yield* shell.run(command, { ...streams, in: input, out }, isLast && isEnd)
      input = textInput(kept.text)
    }
    if (!node.negated) return status
    return status === 0 ? 1 : 0
  }

  *holds(node: Node, streams: Streams): Running<boolean> {
    this.#conditions++
    const status = yield* this.run(node, streams)
    this.#conditions--
    return status === 0
  }

  *#group(node: Node & { kind: 'group' }, streams: Streams, isLast: boolean): Running<number> {
    const redirected = yield* this.#redirected(node.redirects, streams)
    if (redirected === undefined) return 1
    if (!node.subshell) return yield* this.run(node.body, redirected, isLast)
    const shell = this.child()
    return yield* shell.run(node.body, redirected, isLast)
  }

  *#simple(node: Node & { kind: 'simple' }, streams: Streams, isLast: boolean): Running<number> {
    yield* this.step()
    const words = yield* expandWords(this, node.words, streams)
    const redirected = yield* this.#redirected(node.redirects, streams)
    if (redirected === undefined) return 1
    const values: (readonly [string, string])[] = []
    this.status = 0
    for (const [name, word] of node.assignments) values.push([name, yield* expandWord(this, word, streams)])
    if (words.length === 0) {
      for (const [name, value] of values) this.variables.set(name, value)
      // That of the last substitution.
      return this.status
    }
    return yield* this.#withVariables(values, () => this.command(words, redirected, isLast))
  }

  /** Assignments before a command hold for it alone. */
  *#withVariables(values: readonly (readonly [string, string])[], command: () => Running<number>): Running<number> {
    const before = values.map(([name]) => [name, this.variables.get(name), this.exported.has(name)] as const)
    for (const [name, value] of values) {
      this.variables.set(name, value)
      this.exported.add(name)
    }
    const status = yield* command()
    for (const [name, value, wasExported] of before) {
      if (value === undefined) this.variables.delete(name)
      else this.variables.set(name, value)
      if (!wasExported) this.exported.delete(name)
    }
    return status
  }

  /** Runs words that are ready: a function, a program, or what becomes of one that is not known. */
  *command(words: readonly string[], streams: Streams, isLast = false): Running<number> {
    const [name = '', ...args] = words
    const body = this.functions.get(name)
    if (body !== undefined) return yield* this.#call(body, args, streams)
    const running = this.#runProgram(this, words, streams)
    if (running !== undefined) return yield* running
    return yield* this.#unknown(name, streams, isLast)
  }

  *#unknown(name: string, streams: Streams, isLast: boolean): Running<number> {
    const { unknownPrograms } = this.machine
    if (unknownPrograms === undefined) {
      yield* streams.err.write(`${this.name}: ${name}: not found\n`)
      return 127
    }
    if (isLast && unknownPrograms === 'forever') yield { kind: 'forever' }
    return 0
  }

  *#call(body: Node, args: readonly string[], streams: Streams): Running<number> {
    if (++this.#calls > MAX_CALLS) throw new ProgramStop('functions are nested too deeply', 2)
    const before = this.args
    this.args = args
    const status = yield* this.run(body, streams)
    this.args = before
    this.#calls--
    if (this.jump?.kind === 'return') this.jump = undefined
    return status
  }

  /** Undefined where a file could not be opened: the user has been told. */
  *#redirected(redirects: readonly Redirect[], streams: Streams): Running<Streams | undefined> {
    const result = yield* redirect(this, redirects, streams)
    if (typeof result !== 'string') return result
    yield* streams.err.write(`${this.name}: ${result}\n`)
    return undefined
  }

  *step(): Running<void> {
    if (++this.#steps % STEPS_PER_TURN === 0) yield { kind: 'sleep', ms: PAUSE_MS }
  }

  /** What a command prints, for `$(…)`; without the line ends at its end. */
  *captured(node: Node, streams: Streams): Running<string> {
    const kept = new KeptOutput()
    const shell = this.child()
    this.status = yield* shell.run(node, { ...streams, out: kept })
    return kept.text.replace(/\n+$/, '')
  }

  /** Sets a variable. Throws `ProgramStop` for a value that is too long. */
  set(name: string, value: string): void {
    if (value.length > MAX_TEXT_LENGTH) throw new ProgramStop('out of memory', 2)
    this.variables.set(name, value)
  }

  /** The value of a variable or of a special parameter. */
  value(name: string): string | undefined {
    switch (name) {
      case '?':
        return String(this.status)
      case '#':
        return String(this.args.length)
      case '@':
      case '*':
        return this.args.join(' ')
      case '$':
        return '1'
      case '0':
        return this.name
      case 'PWD':
        return this.workingDir
      case 'HOSTNAME':
        return this.variables.get(name) ?? bytesText(this.machine.hostname)
      case 'RANDOM':
        return String(this.machine.now() % 32_768)
      default:
        return /^\d+$/.test(name) ? this.args[Number(name) - 1] : this.variables.get(name)
    }
  }
}

function isSkipped(after: ListItem['after'], status: number): boolean {
  return (after === '&&' && status !== 0) || (after === '||' && status === 0)
}

/** Whether the next command asks how this one ended. */
function isTestedBy(next: ListItem | undefined): boolean {
  return next?.after === '&&' || next?.after === '||'
}
