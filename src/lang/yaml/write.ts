// Writing YAML as sigs.k8s.io/yaml Marshal does: block style, sorted keys, lines folded past 80 columns.
import { CapstanError } from '../../base/errors.ts'
import { styleOf } from './analyze.ts'
import { YamlError } from './error.ts'
import { formatFloat } from './go-text.ts'
import { sortKeys } from './key-order.ts'
import { MAX_DEPTH } from './limits.ts'
import { parseYaml } from './read.ts'
import { isIntegerText } from './resolve.ts'
import { YamlOutput } from './write-scalar.ts'

export interface YamlStyle {
  /** Lines are broken past this column. */
  readonly width: number
  /** Lists below a key stand two columns behind it. */
  readonly indentsLists: boolean
}

const SIGS_STYLE: YamlStyle = { width: 80, indentsLists: false }
/** How go-yaml v3 writes with an indentation of two: `toYamlPretty`, hydrated manifests. */
export const V3_STYLE: YamlStyle = { width: Number.POSITIVE_INFINITY, indentsLists: true }

/**
 * A JSON value as YAML text with a final newline, byte for byte what sigs.k8s.io/yaml v1.6.0 gives (go-yaml v2's emitter).
 * Bigints (`bigIntegers: 'exact'`) keep their digits; properties that are undefined are left out.
 * Throws `bad-input` for what JSON cannot hold and for control characters that the original refuses.
 */
export function stringifyYaml(value: unknown, style: YamlStyle = SIGS_STYLE): string {
  const writer = new Writer(style)
  writer.node(value ?? null, 'root')
  return writer.finish()
}

type Position = 'root' | 'mapping' | 'sequence'

/** Keys of more bytes than this stand behind a `?`. */
const MAX_SIMPLE_KEY_BYTES = 128

const INDENT = 2

class Writer {
  readonly #out: YamlOutput
  readonly #style: YamlStyle
  #indent = -1
  #depth = 0

  constructor(style: YamlStyle) {
    this.#style = style
    this.#out = new YamlOutput(style.width)
  }

  finish(): string {
    this.#out.startLine(0)
    return this.#out.text
  }

  node(value: unknown, position: Position): void {
    if (typeof value === 'object' && value !== null) {
      this.#depth++
      if (this.#depth > MAX_DEPTH) throw new CapstanError('bad-input', `exceeded max depth of ${MAX_DEPTH}`)
      if (Array.isArray(value)) this.#sequence(value, position)
      else this.#mapping(value as Record<string, unknown>) // neither a list nor null
      this.#depth--
    } else if (typeof value === 'string') this.#string(value)
    else this.#out.plain(scalarText(value), { indent: 0, folds: false })
  }

  #string(value: string): void {
    const text = cleaned(value)
    const indent = this.#indent < 0 ? INDENT : this.#indent + INDENT
    this.#out.scalar(text, styleOf(text, false), { indent, folds: true })
  }

  #sequence(items: readonly unknown[], position: Position): void {
    if (items.length === 0) return this.#out.indicator('[]')
    const outer = this.#indent
    // Below a key the dashes stand in the key's own column, unless they share its line.
    const indentless = !this.#style.indentsLists && position === 'mapping' && !this.#out.atIndentation
    this.#indent = outer < 0 ? 0 : indentless ? outer : outer + INDENT
    for (const item of items) {
      this.#out.startLine(this.#indent)
      this.#out.indicator('-', true)
      this.node(item ?? null, 'sequence')
    }
    this.#indent = outer
  }

  #mapping(value: Record<string, unknown>): void {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined)
    if (keys.length === 0) return this.#out.indicator('{}')
    const outer = this.#indent
    this.#indent = outer < 0 ? 0 : outer + INDENT
    for (const key of sortKeys(keys)) {
      this.#out.startLine(this.#indent)
      if (key.includes(NEL)) throw new YamlError("yaml: line 1: did not find expected ',' or '}'", 0, 0)
      this.#key(cleaned(key))
      this.node(value[key], 'mapping')
    }
    this.#indent = outer
  }

  #key(key: string): void {
    if (isSimpleKey(key)) {
      this.#out.scalar(key, styleOf(key, true), { indent: 0, folds: false })
      this.#out.colon()
      return
    }
    this.#out.indicator('?', true)
    this.#string(key)
    this.#out.startLine(this.#indent)
    this.#out.indicator(':', true)
  }
}

// eslint-disable-next-line no-control-regex -- CR is a line break here
const ANY_BREAK = /[\n\r\x85\u2028\u2029]/

function isSimpleKey(key: string): boolean {
  if (ANY_BREAK.test(key)) return false
  return key.length <= MAX_SIMPLE_KEY_BYTES / 3 || Buffer.byteLength(key) <= MAX_SIMPLE_KEY_BYTES
}

function scalarText(value: unknown): string {
  switch (typeof value) {
    case 'number': {
      if (!Number.isFinite(value)) throw new CapstanError('bad-input', `json: unsupported value: ${value}`)
      // The number passes through JSON: whole numbers of up to 64 bits are integers again.
      const text = JSON.stringify(value)
      return isIntegerText(text) ? text : formatFloat(value, 64)
    }
    case 'boolean':
    case 'bigint':
      return String(value)
    default: {
      if (value === null) return 'null'
      throw new CapstanError('bad-input', `json: unsupported type: ${typeof value}`)
    }
  }
}

// eslint-disable-next-line no-control-regex -- the control characters are what is looked for
const CHANGED_BY_JSON = /[\x7f-\x9f\ufffe\uffff]/

/** Breaks the line of a key in the JSON that the original reads back. */
const NEL = '\x85'

/** The original reads its own JSON back as YAML, where NEL is a line break and other controls are errors. */
function cleaned(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  if (!CHANGED_BY_JSON.test(wellFormed)) return wellFormed
  const json = JSON.stringify(wellFormed).replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`)
  const read = parseYaml(json)
  return typeof read === 'string' ? read : wellFormed
}
