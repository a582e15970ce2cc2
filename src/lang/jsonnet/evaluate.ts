// Runs a program: files in, JSON out.
import { CapstanError } from '../../base/errors.ts'
import { quoteText } from '../go/quote.ts'
import { textOfBytes } from '../go/text.ts'
import { CallStack } from './call.ts'
import { compile } from './compile.ts'
import { RuntimeFault, tooDeep } from './error.ts'
import { jsonText, plainJson, RESULT_LAYOUT, type Json } from './json-text.ts'
import { parse } from './parser.ts'
import type { Span } from './source.ts'
import type { NodeOf } from './syntax.ts'
import { Library } from './std/library.ts'
import { ArrayValue, Env, FunctionValue, Thunk, type Value } from './values.ts'

/** A variable from outside: a text, or a program whose value it is. */
export interface Variable {
  readonly name: string
  readonly value: string
  readonly isCode: boolean
}

export interface ImportedFile {
  /** By this a file is known: two ways to the same file give the same name. */
  readonly name: string
  readonly bytes: Uint8Array
}

export interface ProgramOptions {
  /** What `std.extVar` gives. */
  readonly externalVariables?: readonly Variable[]
  /** Arguments of a program that is a function. */
  readonly topLevelArguments?: readonly Variable[]
  /** Finds an imported file; `from` is the name of the file that asks. Undefined where there is none. */
  readonly findImport?: (path: string, from: string) => ImportedFile | undefined
  /** Told the lines that `std.trace` writes. */
  readonly onTrace?: (line: string) => void
}

/** The result of a program as plain JSON. Throws `bad-input` with the place, in go-jsonnet's words. */
export function evaluateJsonnet(name: string, text: string, options: ProgramOptions = {}): Json {
  return new Run(options).result(name, text, plainJson)
}

/** The result of a program as `jsonnet` prints it. Throws as `evaluateJsonnet`. */
export function printJsonnet(name: string, text: string, options: ProgramOptions = {}): string {
  return new Run(options).result(name, text, (value) => `${jsonText(value, RESULT_LAYOUT)}\n`)
}

class Run {
  readonly #options: ProgramOptions
  readonly #calls = new CallStack()
  readonly #library: Library
  readonly #imports = new Map<string, Thunk>()
  readonly #externals: ReadonlyMap<string, Thunk>

  constructor(options: ProgramOptions) {
    this.#options = options
    this.#externals = new Map(
      (options.externalVariables ?? []).map((variable) => [variable.name, this.#variable(variable, 'extvar')]),
    )
    this.#library = new Library({
      calls: this.#calls,
      externalVariable: (name) => this.#externals.get(name)?.force(),
      onTrace: options.onTrace ?? ((): void => undefined),
    })
  }

  result<T>(name: string, text: string, show: (value: Value) => T): T {
    let stage: 'evaluation' | 'manifestation' = 'evaluation'
    try {
      const value = this.#withArguments(this.#file(name, text))
      stage = 'manifestation'
      return show(value)
    } catch (error) {
      throw this.#explained(error, stage)
    }
  }

  #explained(error: unknown, stage: 'evaluation' | 'manifestation'): unknown {
    // Deep but finite recursion may use up the thread's stack before the calls are counted out.
    const fault = error instanceof RangeError ? tooDeep() : error
    if (!(fault instanceof RuntimeFault)) return fault
    return new CapstanError('bad-input', fault.describe(stage), { cause: error })
  }

  #file(name: string, text: string): Value {
    const node = parse({ name, text })
    const code = compile(node, {
      calls: this.#calls,
      importFile: (form, path, at) => this.#import(form, path, at),
    })
    return code(new Env(undefined, [Thunk.of(this.#library.withFile(name))]))
  }

  #withArguments(value: Value): Value {
    if (!(value instanceof FunctionValue)) return value
    const named = (this.#options.topLevelArguments ?? []).map((argument) => {
      return [argument.name, this.#variable(argument, 'top-level-arg')] as const
    })
    return this.#calls.callWith(value, { positional: [], named })
  }

  #variable({ name, value, isCode }: Variable, kind: string): Thunk {
    return isCode ? Thunk.later(() => this.#file(`<${kind}:${name}>`, value)) : Thunk.of(value)
  }

  #import(form: 'code' | 'text' | 'bytes', path: string, at: Span): Value {
    if (path === '') throw new RuntimeFault('the empty string is not a valid filename')
    const file = this.#options.findImport?.(path, at.source.name)
    if (file === undefined) {
      throw new RuntimeFault(
        `couldn't open import ${quoteText(path)}: no match locally or in the Jsonnet library paths`,
      )
    }
    if (form === 'bytes') return ArrayValue.of([...file.bytes])
    const text = textOfBytes(file.bytes)
    if (form === 'text') return text
    let imported = this.#imports.get(file.name)
    if (imported === undefined) {
      imported = Thunk.later(() => this.#file(file.name, text))
      this.#imports.set(file.name, imported)
    }
    return imported.force()
  }
}

export interface Import {
  readonly form: 'code' | 'text' | 'bytes'
  readonly path: string
}

/** What a program imports, found without running it. Throws as parsing does. */
export function importsOf(name: string, text: string): readonly Import[] {
  const found = new Map<string, Import>()
  const pending: unknown[] = [parse({ name, text })]
  while (pending.length > 0) {
    // Parts that a program leaves out are undefined.
    const part = pending.pop()
    if (typeof part !== 'object' || part === null) continue
    if (isImport(part)) found.set(`${part.form} ${part.path}`, { form: part.form, path: part.path })
    for (const [key, value] of Object.entries(part)) if (key !== 'at') pending.push(value)
  }
  return [...found.values()]
}

function isImport(part: object): part is NodeOf<'import'> {
  return 'kind' in part && part.kind === 'import'
}
