// Reads regular expressions in RE2's syntax, with Go's words for what is wrong in them.
import { PERL_CLASSES, POSIX_CLASSES, classMember, unicodeClass } from './char-class.ts'
import { MAX_NESTING, MAX_PATTERN_LENGTH, MAX_REPEAT, syntaxError } from './syntax.ts'
import type { RegexpNode } from './syntax.ts'
import { limitError } from '../error.ts'

export interface ParsedRegexp {
  readonly root: RegexpNode
  /** The names of the groups from the first on; '' for one without. */
  readonly names: readonly string[]
}

/** The tree of a pattern. Throws a GoError with the text of regexp/syntax. */
export function parseRegexp(pattern: string): ParsedRegexp {
  if (pattern.length > MAX_PATTERN_LENGTH) throw limitError('error parsing regexp: expression too large')
  const parser: Parser = {
    pattern,
    pos: 0,
    names: [],
    depth: 0,
    flags: { fold: false, multiline: false, dotAll: false, swapGreed: false },
  }
  const root = parseAlternation(parser)
  if (parser.pos < pattern.length) throw syntaxError('unexpected )', pattern)
  return { root, names: parser.names }
}

interface Flags {
  readonly fold: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly swapGreed: boolean
}

interface Parser {
  readonly pattern: string
  pos: number
  readonly names: string[]
  depth: number
  flags: Flags
}

function parseAlternation(parser: Parser): RegexpNode {
  const branches = [parseConcatenation(parser)]
  while (parser.pattern[parser.pos] === '|') {
    parser.pos += 1
    branches.push(parseConcatenation(parser))
  }
  return branches.length === 1 ? (branches[0] ?? { kind: 'empty' }) : { kind: 'alternate', nodes: branches }
}

function parseConcatenation(parser: Parser): RegexpNode {
  const nodes: RegexpNode[] = []
  while (parser.pos < parser.pattern.length) {
    const char = parser.pattern[parser.pos]
    if (char === '|' || char === ')') break
    const start = parser.pos
    const repeat = readRepeat(parser)
    if (repeat !== undefined)
      throw syntaxError('missing argument to repetition operator', parser.pattern.slice(start, parser.pos))
    parseAtom(parser, nodes)
    repeatLast(parser, nodes)
  }
  return nodes.length === 1 ? (nodes[0] ?? { kind: 'empty' }) : { kind: 'concat', nodes }
}

interface Repeat {
  readonly min: number
  readonly max: number
  readonly isLazy: boolean
}

function repeatLast(parser: Parser, nodes: RegexpNode[]): void {
  const start = parser.pos
  const repeat = readRepeat(parser)
  if (repeat === undefined) return
  const node = nodes.pop()
  if (node === undefined)
    throw syntaxError('missing argument to repetition operator', parser.pattern.slice(start, parser.pos))
  nodes.push({ kind: 'repeat', node, ...repeat })
  if (readRepeat(parser) !== undefined) {
    throw syntaxError('invalid nested repetition operator', parser.pattern.slice(start, parser.pos))
  }
  if (repeatProduct(nodes.at(-1)) > MAX_REPEAT)
    throw syntaxError('invalid repeat count', parser.pattern.slice(start, parser.pos))
}

/** How often the innermost thing is repeated by counts inside counts. */
function repeatProduct(node: RegexpNode | undefined): number {
  switch (node?.kind) {
    case 'repeat': {
      const count = node.max === Infinity ? node.min : node.max
      return Math.max(count, 1) * repeatProduct(node.node)
    }
    case 'group':
      return repeatProduct(node.node)
    case 'concat':
    case 'alternate':
      return Math.max(1, ...node.nodes.map(repeatProduct))
    default:
      return 1
  }
}

const COUNTED = /\{(?<min>[0-9]+)(?:(?<comma>,)(?<max>[0-9]*))?\}/y

function readRepeat(parser: Parser): Repeat | undefined {
  const bounds = readBounds(parser)
  if (bounds === undefined) return undefined
  const hasMark = parser.pattern[parser.pos] === '?'
  if (hasMark) parser.pos += 1
  return { ...bounds, isLazy: hasMark !== parser.flags.swapGreed }
}

function readBounds(parser: Parser): Omit<Repeat, 'isLazy'> | undefined {
  const char = parser.pattern[parser.pos]
  if (char === '*' || char === '+' || char === '?') {
    parser.pos += 1
    return { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : Infinity }
  }
  return char === '{' ? readCounts(parser) : undefined
}

/** `{2}`, `{2,}` or `{2,5}`; anything else in braces is plain text. */
function readCounts(parser: Parser): Omit<Repeat, 'isLazy'> | undefined {
  COUNTED.lastIndex = parser.pos
  const groups = COUNTED.exec(parser.pattern)?.groups
  if (groups === undefined) return undefined
  const text = parser.pattern.slice(parser.pos, COUNTED.lastIndex)
  parser.pos = COUNTED.lastIndex
  const min = Number(groups['min'])
  const upper = groups['comma'] === undefined ? groups['min'] : groups['max']
  const max = upper === '' ? Infinity : Number(upper)
  const largest = max === Infinity ? min : Math.max(min, max)
  if (largest > MAX_REPEAT || max < min) throw syntaxError('invalid repeat count', text)
  return { min, max }
}

function parseAtom(parser: Parser, nodes: RegexpNode[]): void {
  const { pattern, flags } = parser
  switch (pattern[parser.pos]) {
    case '(':
      parseGroup(parser, nodes)
      return
    case '[':
      nodes.push({ kind: 'set', source: folded(flags, parseClass(parser)) })
      return
    case '.':
      parser.pos += 1
      nodes.push({ kind: 'set', source: flags.dotAll ? '[^]' : '[^\\n]' })
      return
    case '^':
      parser.pos += 1
      nodes.push(flags.multiline ? LINE_START : TEXT_START)
      return
    case '$':
      parser.pos += 1
      nodes.push(flags.multiline ? LINE_END : TEXT_END)
      return
    case '\\':
      parseEscape(parser, nodes)
      return
    default: {
      const point = pattern.codePointAt(parser.pos) ?? 0
      parser.pos += point > 0xff_ff ? 2 : 1
      nodes.push(literal(flags, point))
    }
  }
}

const TEXT_START: RegexpNode = { kind: 'assert', source: '(?<![^])', test: 'textStart' }
const TEXT_END: RegexpNode = { kind: 'assert', source: '(?![^])', test: 'textEnd' }
const LINE_START: RegexpNode = { kind: 'assert', source: '(?<![^\\n])', test: 'lineStart' }
const LINE_END: RegexpNode = { kind: 'assert', source: '(?![^\\n])', test: 'lineEnd' }
const WORD: RegexpNode = { kind: 'assert', source: '\\b', test: 'word' }
const NO_WORD: RegexpNode = { kind: 'assert', source: '\\B', test: 'noWord' }
const ASSERTIONS: Readonly<Record<string, RegexpNode>> = { A: TEXT_START, z: TEXT_END, b: WORD, B: NO_WORD }

function literal(flags: Flags, point: number): RegexpNode {
  return { kind: 'set', source: folded(flags, classMember(point)) }
}

function folded(flags: Flags, source: string): string {
  return flags.fold ? `(?i:${source})` : source
}

const NAMED_GROUP = /\(\?P?<(?<name>[^>]*)>/y
const FLAG_GROUP = /\(\?(?<on>[imsU]*)(?:-(?<off>[imsU]+))?(?<end>[:)])/y

function parseGroup(parser: Parser, nodes: RegexpNode[]): void {
  const { pattern } = parser
  const start = parser.pos
  if (pattern[start + 1] !== '?') {
    parser.pos += 1
    nodes.push(captured(parser, ''))
    return
  }
  if (
    pattern.startsWith('(?P<', start) ||
    (pattern.startsWith('(?<', start) && !/[=!]/.test(pattern[start + 3] ?? ''))
  ) {
    nodes.push(namedGroup(parser))
    return
  }
  FLAG_GROUP.lastIndex = start
  const groups = FLAG_GROUP.exec(pattern)?.groups
  if (groups === undefined) throw badPerl(pattern, start)
  parser.pos = FLAG_GROUP.lastIndex
  const outer = parser.flags
  parser.flags = changedFlags(outer, groups['on'] ?? '', groups['off'] ?? '')
  if (groups['end'] === ')') return
  nodes.push(untilClose(parser))
  parser.flags = outer
}

function badPerl(pattern: string, start: number): Error {
  const flags = /^\(\?[imsU-]*/.exec(pattern.slice(start))?.[0] ?? ''
  if (flags !== '(?' && start + flags.length >= pattern.length) return syntaxError('missing closing )', pattern)
  const length = pattern[start + 2] === '<' || pattern[start + 2] === 'P' ? 3 : flags.length + 1
  return syntaxError('invalid or unsupported Perl syntax', pattern.slice(start, start + length))
}

function namedGroup(parser: Parser): RegexpNode {
  const { pattern, pos } = parser
  NAMED_GROUP.lastIndex = pos
  const name = NAMED_GROUP.exec(pattern)?.groups?.['name']
  if (name === undefined) throw syntaxError('invalid named capture', pattern.slice(pos))
  const whole = pattern.slice(pos, NAMED_GROUP.lastIndex)
  if (!/^[A-Za-z0-9_]+$/.test(name)) throw syntaxError('invalid named capture', whole)
  parser.pos = NAMED_GROUP.lastIndex
  return captured(parser, name)
}

function changedFlags(flags: Flags, on: string, off: string): Flags {
  const has = (letter: string, before: boolean): boolean => (on.includes(letter) || before) && !off.includes(letter)
  return {
    fold: has('i', flags.fold),
    multiline: has('m', flags.multiline),
    dotAll: has('s', flags.dotAll),
    swapGreed: has('U', flags.swapGreed),
  }
}

function captured(parser: Parser, name: string): RegexpNode {
  const index = parser.names.push(name)
  const outer = parser.flags
  const node = untilClose(parser)
  parser.flags = outer
  return { kind: 'group', index, node }
}

function untilClose(parser: Parser): RegexpNode {
  parser.depth += 1
  if (parser.depth > MAX_NESTING) throw limitError('error parsing regexp: expression nests too deeply')
  const node = parseAlternation(parser)
  if (parser.pattern[parser.pos] !== ')') throw syntaxError('missing closing )', parser.pattern)
  parser.pos += 1
  parser.depth -= 1
  return node
}

function parseEscape(parser: Parser, nodes: RegexpNode[]): void {
  const { pattern, flags } = parser
  const letter = pattern[parser.pos + 1]
  const assertion = ASSERTIONS[letter ?? '']
  if (assertion !== undefined) {
    parser.pos += 2
    nodes.push(assertion)
    return
  }
  if (letter === 'Q') {
    parseQuoted(parser, nodes)
    return
  }
  const members = readClassEscape(parser)
  if (members !== undefined) nodes.push({ kind: 'set', source: folded(flags, `[${members}]`) })
  else nodes.push(literal(flags, readCharEscape(parser)))
}

function parseQuoted(parser: Parser, nodes: RegexpNode[]): void {
  const start = parser.pos + 2
  const end = parser.pattern.indexOf('\\E', start)
  const text = parser.pattern.slice(start, end < 0 ? undefined : end)
  parser.pos = end < 0 ? parser.pattern.length : end + 2
  for (const char of text) nodes.push(literal(parser.flags, char.codePointAt(0) ?? 0))
}

const UNICODE_CLASS = /\\(?<letter>[pP])(?:\{(?<hat>\^?)(?<name>[^}]*)\}|(?<short>[A-Za-z]))/y

/** The members of \d, \pL and the like, or undefined where no class stands here. */
function readClassEscape(parser: Parser): string | undefined {
  const { pattern, pos } = parser
  const letter = pattern[pos + 1] ?? ''
  const perl = PERL_CLASSES[letter.toLowerCase()]
  if (perl !== undefined) {
    parser.pos += 2
    return letter === letter.toLowerCase() ? perl : complementOf(letter)
  }
  if (letter !== 'p' && letter !== 'P') return undefined
  UNICODE_CLASS.lastIndex = pos
  const groups = UNICODE_CLASS.exec(pattern)?.groups
  if (groups === undefined) throw syntaxError('invalid character class range', pattern.slice(pos))
  parser.pos = UNICODE_CLASS.lastIndex
  const isNegated = (letter === 'P') !== (groups['hat'] === '^')
  return unicodeClass(groups['name'] ?? groups['short'] ?? '', isNegated, pattern.slice(pos, parser.pos))
}

const COMPLEMENTS: Readonly<Record<string, string>> = {
  D: '\\x00-\\/:-\\u{10ffff}',
  S: '\\x00-\\x08\\v\\x0e-\\x1f!-\\u{10ffff}',
  W: '\\x00-\\/:-@\\[-\\^`\\{-\\u{10ffff}',
}

function complementOf(letter: string): string {
  return COMPLEMENTS[letter] ?? ''
}

const CHAR_ESCAPE =
  /\\(?:x(?<hex>[0-9A-Fa-f]{2})|x\{(?<long>[0-9A-Fa-f]+)\}|(?<octal>[1-7][0-7]{1,2}|0[0-7]{0,2})|(?<control>[afnrtv])|(?<plain>[!-/:-@[-`{-~]))/y
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

function readCharEscape(parser: Parser): number {
  const { pattern, pos } = parser
  if (pos + 1 >= pattern.length) throw syntaxError('trailing backslash at end of expression', '')
  CHAR_ESCAPE.lastIndex = pos
  const groups = CHAR_ESCAPE.exec(pattern)?.groups
  const point = groups === undefined ? undefined : escapedPoint(groups)
  if (point === undefined || point > 0x10_ff_ff) {
    const char = String.fromCodePoint(pattern.codePointAt(pos + 1) ?? 0)
    throw syntaxError('invalid escape sequence', `\\${char}`)
  }
  parser.pos = CHAR_ESCAPE.lastIndex
  return point
}

function escapedPoint(groups: Record<string, string | undefined>): number | undefined {
  const hex = groups['hex'] ?? groups['long']
  if (hex !== undefined) return Number.parseInt(hex, 16)
  if (groups['octal'] !== undefined) return Number.parseInt(groups['octal'], 8)
  if (groups['control'] !== undefined) return CONTROLS[groups['control']]
  return groups['plain']?.codePointAt(0)
}

const POSIX = /\[:(?<hat>\^?)(?<name>[a-z]+):\]/y

function parseClass(parser: Parser): string {
  const { pattern } = parser
  const start = parser.pos
  parser.pos += 1
  const isNegated = pattern[parser.pos] === '^'
  if (isNegated) parser.pos += 1
  let members = ''
  for (let isFirst = true; isFirst || pattern[parser.pos] !== ']'; isFirst = false) {
    if (parser.pos >= pattern.length) throw syntaxError('missing closing ]', pattern.slice(start))
    members += readMember(parser, start)
  }
  parser.pos += 1
  return isNegated ? `[^${members}]` : `[${members}]`
}

function readMember(parser: Parser, classStart: number): string {
  const { pattern, pos } = parser
  POSIX.lastIndex = pos
  const posix = pattern[pos] === '[' ? POSIX.exec(pattern)?.groups : undefined
  if (posix !== undefined) {
    const members = POSIX_CLASSES[posix['name'] ?? '']
    parser.pos = POSIX.lastIndex
    if (members === undefined) throw syntaxError('invalid character class range', pattern.slice(pos, parser.pos))
    return posix['hat'] === '^' ? negatedMembers(members) : members
  }
  const escape = pattern[pos] === '\\' ? readClassEscape(parser) : undefined
  return escape ?? readRange(parser, classStart)
}

/** JavaScript has no negated class inside a class without the v flag: ASCII is listed, the rest always belongs to it. */
function negatedMembers(members: string): string {
  const inside = new RegExp(`[${members}]`, 'u')
  let outside = '\\u{80}-\\u{10ffff}'
  for (let point = 0; point < 0x80; point += 1) {
    if (!inside.test(String.fromCodePoint(point))) outside += classMember(point)
  }
  return outside
}

function readRange(parser: Parser, classStart: number): string {
  const { pattern } = parser
  const start = parser.pos
  const low = readClassChar(parser, classStart)
  const next = pattern[parser.pos + 1]
  if (pattern[parser.pos] !== '-' || next === undefined || next === ']') return classMember(low)
  parser.pos += 1
  const high = readClassChar(parser, classStart)
  if (high < low) throw syntaxError('invalid character class range', pattern.slice(start, parser.pos))
  return `${classMember(low)}-${classMember(high)}`
}

function readClassChar(parser: Parser, classStart: number): number {
  const { pattern, pos } = parser
  const point = pattern.codePointAt(pos)
  if (point === undefined) throw syntaxError('missing closing ]', pattern.slice(classStart))
  if (pattern[pos] === '\\') return readCharEscape(parser)
  parser.pos += point > 0xff_ff ? 2 : 1
  return point
}
