// Reading YAML: whole texts into JSON values, first documents and streams.
import { Composer } from './composer.ts'
import { constructValue } from './construct.ts'
import { Cursor } from './cursor.ts'
import { YamlError } from './error.ts'
import type { FastDocument } from './fast.ts'
import { readFast } from './fast.ts'
import { MAX_TEXT_LENGTH } from './limits.ts'
import type { YamlNode } from './node.ts'
import { Scanner } from './scanner.ts'
import type { YamlOptions, YamlValue } from './value.ts'

export interface YamlDocument {
  readonly value: YamlValue
  /** Where the document begins, from 1: its marker or its first content. */
  readonly line: number
}

/**
 * The first document of a text as sigs.k8s.io/yaml reads it (facts: go-yaml v2 rules, then JSON); null for an empty one.
 * What stands behind the first document is not looked at. Throws `YamlError`.
 */
export function parseYaml(text: string, options: YamlOptions = {}): YamlValue {
  const isUsual = !UNUSUAL.test(text)
  const ended = checked(text, isUsual)
  const fast = isPlainEnough(isUsual, options) ? tryFast(ended, 0, options) : undefined
  if (fast !== undefined) return fast.value
  const document = composer(ended).next()
  return document === undefined ? null : constructValue(document.root, options)
}

/** All documents of a text, empty ones as null. Throws `YamlError` at the first that cannot be read. */
export function parseYamlDocuments(text: string, options: YamlOptions = {}): YamlDocument[] {
  const isUsual = !UNUSUAL.test(text)
  const ended = checked(text, isUsual)
  const documents: YamlDocument[] = []
  let pos = 0
  let line = 1
  let counted = 0
  const isPlain = isPlainEnough(isUsual, options)
  for (;;) {
    const fast = isPlain ? tryFast(ended, pos, options) : undefined
    if (fast === undefined) break
    line += breaksBetween(ended, counted, fast.start)
    counted = fast.start
    documents.push({ value: fast.value, line })
    pos = fast.end
  }
  // What the fast reader does not take from here on; at the end of the text that is nothing.
  const source = composer(ended, { pos, line: line - 1 + breaksBetween(ended, counted, pos) })
  for (let next = source.next(); next !== undefined; next = source.next()) {
    documents.push({ value: constructValue(next.root, options), line: next.line + 1 })
  }
  return documents
}

/** The document at `pos` where it is plain enough, else undefined. */
function tryFast(text: string, pos: number, options: YamlOptions): FastDocument | undefined {
  try {
    return readFast(text, pos, options)
  } catch (error) {
    // The full reader decides and words the error.
    if (error instanceof YamlError) return undefined
    throw error
  }
}

/** The fast reader knows no break but LF. */
function isPlainEnough(isUsual: boolean, options: YamlOptions): boolean {
  return isUsual && options.duplicateKeys !== 'error'
}

function breaksBetween(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}

export interface ComposedYaml {
  readonly root: YamlNode
  /** From 1. */
  readonly line: number
}

/** The node trees of all documents: order of keys, styles and the text of scalars as written; aliases point at their nodes. */
export function composeYaml(text: string): ComposedYaml[] {
  const documents: ComposedYaml[] = []
  const source = composer(checked(text))
  for (let next = source.next(); next !== undefined; next = source.next()) {
    documents.push({ root: next.root, line: next.line + 1 })
  }
  return documents
}

/** Characters that are forbidden, breaks but LF, and the byte order mark: most texts have none of them. */
// eslint-disable-next-line no-control-regex -- the control characters are what is looked for
const UNUSUAL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/

// C0 and C1 controls but tab, LF, CR and NEL, and the two that are no characters (go-yaml readerc.go).
// eslint-disable-next-line no-control-regex -- the control characters are what is looked for
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** The text with its end mark. */
function checked(text: string, isUsual: boolean = !UNUSUAL.test(text)): string {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new YamlError(`yaml: text longer than ${MAX_TEXT_LENGTH} characters`, 0, 0)
  }
  if (!isUsual && FORBIDDEN.test(text)) throw new YamlError('yaml: control characters are not allowed', 0, 0)
  return `${text}\0`
}

function composer(text: string, from: { pos: number; line: number } = { pos: 0, line: 0 }): Composer {
  return new Composer(new Scanner(new Cursor(text, from.pos, from.line)))
}
