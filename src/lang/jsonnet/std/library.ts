// std as an object: all chapters, and what depends on how a program was started.
import type { CallStack } from '../call.ts'
import { RuntimeFault } from '../error.ts'
import { lineText } from '../source.ts'
import { asString, ObjectValue, type Field, type FunctionValue, type Value } from '../values.ts'
import { define, defineLazy } from './define.ts'
import { encodings } from './encodings.ts'
import { lists } from './lists.ts'
import { numbers } from './numbers.ts'
import { objects } from './objects.ts'
import { otherTexts } from './other-texts.ts'
import { sets } from './sets.ts'
import { texts } from './texts.ts'
import { tomlTexts } from './toml-text.ts'
import { types } from './types.ts'
import { yamlTexts } from './yaml-text.ts'

export interface LibraryOptions {
  readonly calls: CallStack
  /** The value of an external variable, undefined where nobody set it. */
  readonly externalVariable: (name: string) => Value | undefined
  /** Told the lines that `std.trace` writes. */
  readonly onTrace: (line: string) => void
}

const CHAPTERS = [types, numbers, texts, lists, sets, objects, encodings, otherTexts, yamlTexts, tomlTexts]

/** The library of a run; `withFile` gives the one that a file sees, which knows its name. */
export class Library {
  readonly #fields: ReadonlyMap<string, Field>

  constructor(options: LibraryOptions) {
    const functions: Record<string, FunctionValue> = ownFunctions(options)
    for (const chapter of CHAPTERS) Object.assign(functions, chapter(options.calls))
    const fields = new Map<string, Field>([['pi', hidden(Math.PI)]])
    for (const [name, value] of Object.entries(functions)) fields.set(name, hidden(value))
    this.#fields = fields
  }

  withFile(name: string): ObjectValue {
    const file = new Map([['thisFile', hidden(name)]])
    return new ObjectValue([
      { fields: this.#fields, asserts: [] },
      { fields: file, asserts: [] },
    ])
  }
}

function hidden(value: Value): Field {
  return { visibility: '::', evaluate: () => value }
}

function ownFunctions({ calls, externalVariable, onTrace }: LibraryOptions): Record<string, FunctionValue> {
  return {
    extVar: define('x', (name) => {
      const value = externalVariable(asString(name))
      if (value === undefined) throw new RuntimeFault(`Undefined external variable: ${asString(name)}`)
      return value
    }),
    // There are no native functions: an absent one is null, as upstream has it.
    native: define('x', (name) => {
      asString(name)
      return null
    }),
    trace: defineLazy('str rest', (text, rest) => {
      const { place } = calls
      onTrace(`TRACE: ${place === undefined ? '' : lineText(place)} ${asString(text.force())}`)
      return rest.force()
    }),
  }
}
