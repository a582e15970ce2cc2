// The built-in functions on texts: cutting, joining, encodings.
import { decodeJson, encodeJson } from '../go/json.ts'
import { byteLength, textOfBytes, bytesOfText } from '../go/text.ts'
import { elementsOf, strings, typeOf } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import type { Builtin } from './builtins-numbers.ts'
import { toCount } from './numbers.ts'
import { fault, grow, made, shown, textOf, typeName } from './run.ts'
import type { Run } from './run.ts'

/** Upstream refuses to repeat more often. */
const MAX_REPEAT = 1_000_000

export const TEXT_BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['string', (run, [value = null]) => made(run, shown(value))],
  ['type', (_run, [value = null]) => kindName(value)],
  ['trim', trim],
  ['trimPrefix', (run, args) => withoutPrefix(textAt(run, args, 0), args.length > 1 ? textAt(run, args, 1) : ' ')],
  ['trimSuffix', (run, args) => withoutSuffix(textAt(run, args, 0), args.length > 1 ? textAt(run, args, 1) : ' ')],
  ['upper', (run, args) => eachRune(textAt(run, args, 0), (rune) => rune.toUpperCase())],
  ['lower', (run, args) => eachRune(textAt(run, args, 0), (rune) => rune.toLowerCase())],
  ['split', (run, args) => split(run, args, false)],
  ['splitAfter', (run, args) => split(run, args, true)],
  ['replace', replace],
  ['repeat', repeat],
  ['join', join],
  ['indexOf', (run, args) => position(textAt(run, args, 0), textAt(run, args, 0).indexOf(textAt(run, args, 1)))],
  [
    'lastIndexOf',
    (run, args) => position(textAt(run, args, 0), textAt(run, args, 0).lastIndexOf(textAt(run, args, 1))),
  ],
  ['hasPrefix', (run, args) => textAt(run, args, 0).startsWith(textAt(run, args, 1))],
  ['hasSuffix', (run, args) => textAt(run, args, 0).endsWith(textAt(run, args, 1))],
  ['toJSON', (run, [value = null]) => made(run, encodeJson(value, { indent: '  ' }))],
  ['fromJSON', fromJson],
  ['toBase64', (run, args) => made(run, bytesOfText(textAt(run, args, 0)).toString('base64'))],
  ['fromBase64', fromBase64],
])

function textAt(run: Run, args: readonly GoValue[], index: number): string {
  return textOf(run, args[index] ?? null)
}

const KIND_NAMES: Readonly<Record<string, string>> = {
  slice: 'array',
  array: 'array',
  map: 'map',
  func: 'func',
  struct: 'struct',
  bool: 'bool',
  string: 'string',
}

/** What `type` calls a value: types with a name of their own by it, others by their kind without the size. */
function kindName(value: GoValue): string {
  const type = typeOf(value)
  if (type === undefined) return 'nil'
  if (type.isNamed === true || (type.kind === 'struct' && type.name.includes('.'))) return type.name
  if (type.kind === 'uintptr' || type.kind === 'interface') return 'unknown'
  return KIND_NAMES[type.kind] ?? /^(?:int|uint|float)/.exec(type.kind)?.[0] ?? 'unknown'
}

function eachRune(text: string, change: (rune: string) => string): string {
  const changed = change(text)
  if (changed.length === text.length) return changed
  return Array.from(text, (rune) => (Array.from(change(rune)).length === 1 ? change(rune) : rune)).join('') // Go maps one to one
}

const GO_SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/

function trim(run: Run, args: readonly GoValue[]): GoValue {
  const text = textAt(run, args, 0)
  const cutset = args.length > 1 ? new Set(textAt(run, args, 1)) : undefined
  const isCut = (rune: string): boolean => (cutset === undefined ? GO_SPACE.test(rune) : cutset.has(rune))
  const runes = Array.from(text)
  const start = runes.findIndex((rune) => !isCut(rune))
  return start < 0 ? '' : runes.slice(start, runes.findLastIndex((rune) => !isCut(rune)) + 1).join('')
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

function withoutSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text
}

/** strings.Split, SplitN, SplitAfter, SplitAfterN. */
function split(run: Run, args: readonly GoValue[], keepsSeparator: boolean): GoValue {
  const [text, separator] = [textAt(run, args, 0), textAt(run, args, 1)]
  const limit = args.length > 2 ? toCount(run, args[2] ?? null) : -1
  if (limit === 0) return strings([])
  const parts = separator === '' ? Array.from(text) : text.split(separator)
  const glue = keepsSeparator ? separator : ''
  const kept = limit < 0 || parts.length <= limit ? parts : parts.slice(0, limit - 1)
  const pieces = kept.map((part, index) => (index < parts.length - 1 ? part + glue : part))
  if (kept !== parts) pieces.push(parts.slice(limit - 1).join(separator))
  grow(run, pieces.length)
  return strings(pieces)
}

/** strings.Replace; nothing is replaced before every character and at the end. */
function replace(run: Run, args: readonly GoValue[]): GoValue {
  const [text, old, by] = [textAt(run, args, 0), textAt(run, args, 1), textAt(run, args, 2)]
  const limit = args.length > 3 ? toCount(run, args[3] ?? null) : -1
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old)
  if (old === '' && text === '') parts.pop()
  const places = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1)
  const length = text.length + places * (by.length - old.length)
  if (length > run.limits.text) throw fault(run, 'memory budget exceeded')
  return made(
    run,
    parts.slice(0, places + 1).join(by) +
      parts
        .slice(places + 1)
        .map((part) => old + part)
        .join(''),
  )
}

function repeat(run: Run, args: readonly GoValue[]): GoValue {
  const text = textAt(run, args, 0)
  const times = toCount(run, args[1] ?? null)
  if (times < 0) throw fault(run, `invalid argument for repeat (expected positive integer, got ${times})`)
  if (times > MAX_REPEAT) throw fault(run, 'memory budget exceeded')
  grow(run, byteLength(text) * times)
  return made(run, text.repeat(times))
}

function join(run: Run, args: readonly GoValue[]): GoValue {
  const glue = args.length > 1 ? textAt(run, args, 1) : ''
  const elements = elementsOf(args[0] ?? null)
  if (elements === undefined) throw fault(run, `invalid argument for join (type ${typeName(args[0] ?? null)})`)
  const texts = elements.map((element) => textOf(run, element))
  let length = glue.length * texts.length
  for (const text of texts) length += text.length
  if (length > run.limits.text) throw fault(run, 'memory budget exceeded')
  return made(run, texts.join(glue))
}

/** An index of characters as one of bytes. */
function position(text: string, index: number): bigint {
  return index < 0 ? -1n : BigInt(byteLength(text.slice(0, index)))
}

function fromJson(run: Run, args: readonly GoValue[]): GoValue {
  const text = textAt(run, args, 0)
  grow(run, text.length / 8) // a value takes some characters
  return decodeJson(text, 'any')
}

function fromBase64(run: Run, args: readonly GoValue[]): GoValue {
  const text = textAt(run, args, 0).replaceAll(/[\r\n]/g, '')
  const wrong = /[^A-Za-z0-9+/=]|=(?=[^=])/.exec(text)
  const isWhole = text.length % 4 === 0 && !text.endsWith('===')
  if (wrong === null && isWhole) return textOfBytes(Buffer.from(text, 'base64'))
  const place = wrong?.index ?? Math.floor(text.length / 4) * 4
  throw fault(run, `illegal base64 data at input byte ${place}`)
}
