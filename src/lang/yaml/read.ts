// Reading YAML: whole texts into JSON values, first documents and streams.
import { Composer } from './composer.ts'
import { constructValue } from './construct.ts'
import { Cursor } from './cursor.ts'
import { YamlError } from './error.ts'
import { MAX_TEXT_LENGTH } from './limits.ts'
import type { YamlNode } from './node.ts'
import type { YamlProfile } from './scanner.ts'
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
  const document = composer(text, 'v2').next()
  return document === undefined ? null : constructValue(document.root, options)
}

/** All documents of a text, empty ones as null. Throws `YamlError` at the first that cannot be read. */
export function parseYamlDocuments(text: string, options: YamlOptions = {}): YamlDocument[] {
  const documents: YamlDocument[] = []
  const source = composer(text, 'v2')
  for (let next = source.next(); next !== undefined; next = source.next()) {
    documents.push({ value: constructValue(next.root, options), line: next.line + 1 })
  }
  return documents
}

export interface ComposedYaml {
  readonly root: YamlNode
  /** From 1. */
  readonly line: number
}

/** The node trees of all documents: order of keys, styles and the text of scalars as written; aliases point at their nodes. */
export function composeYaml(text: string, profile: YamlProfile = 'v2'): ComposedYaml[] {
  const documents: ComposedYaml[] = []
  const source = composer(text, profile)
  for (let next = source.next(); next !== undefined; next = source.next()) {
    documents.push({ root: next.root, line: next.line + 1 })
  }
  return documents
}

// C0 and C1 controls but tab, LF, CR and NEL, and the two that are no characters (go-yaml readerc.go).
// eslint-disable-next-line no-control-regex -- the control characters are what is looked for
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

function composer(text: string, profile: YamlProfile): Composer {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new YamlError(`yaml: text longer than ${MAX_TEXT_LENGTH} characters`, 0, 0)
  }
  if (FORBIDDEN.test(text)) throw new YamlError('yaml: control characters are not allowed', 0, 0)
  return new Composer(new Scanner(new Cursor(`${text}\0`), profile))
}
