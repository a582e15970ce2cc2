// Words and letter cases as goutils 1.1.1, xstrings 1.5.0 and strings.Title see them.
import { byteLength, bytesOfText, sliceBytes } from '../go/text.ts'

/** goutils.AbbreviateFull: `...` where text was left out; lengths are bytes. */
export function abbreviate(text: string, left: number, width: number): string {
  const length = byteLength(text)
  if (text === '' || width < 4) return ''
  if (length <= width) return text
  const offset = Math.min(left, length, length - left < width - 3 ? length - (width - 3) : length)
  if (offset <= 4) return `${sliceBytes(text, 0, width - 3)}...`
  if (width < 7) return ''
  if (offset + width - 3 < length) return `...${abbreviate(sliceBytes(text, offset, length), 0, width - 3)}`
  return `...${sliceBytes(text, length - (width - 3), length)}`
}

/** goutils.WrapCustom: breaks at spaces; words longer than the width only where asked. */
export function wrapText(text: string, width: number, newLine: string, breaksWords: boolean): string {
  const limit = Math.max(width, 1)
  const length = byteLength(text)
  const part = (start: number, end: number): string => sliceBytes(text, start, end)
  const isAscii = length === text.length
  const indexOfSpace = (from: number): number => {
    const found = isAscii ? text.indexOf(' ', from) : byteIndex(part(from, length), from)
    return found
  }
  let wrapped = ''
  let offset = 0
  while (length - offset > limit) {
    if (part(offset, offset + 1) === ' ') {
      offset += 1
      continue
    }
    const lastSpace = part(offset, offset + limit + 1).lastIndexOf(' ')
    const breakAt = lastSpace < 0 ? -1 : offset + byteLength(part(offset, offset + limit + 1).slice(0, lastSpace))
    if (breakAt >= 0) {
      wrapped += part(offset, breakAt) + newLine
      offset = breakAt + 1
    } else if (breaksWords) {
      wrapped += part(offset, offset + limit) + newLine
      offset += limit
    } else {
      const next = indexOfSpace(offset + limit)
      wrapped += part(offset, next < 0 ? length : next) + (next < 0 ? '' : newLine)
      offset = next < 0 ? length : next + 1
    }
  }
  return wrapped + part(offset, length)
}

function byteIndex(rest: string, from: number): number {
  const at = rest.indexOf(' ')
  return at < 0 ? -1 : from + byteLength(rest.slice(0, at))
}

/** goutils takes bytes for characters here: é becomes Ã©. */
function bytesAsCharacters(text: string): string {
  return bytesOfText(text).toString('latin1')
}

/** goutils.DeleteWhiteSpace. */
export function withoutSpace(text: string): string {
  return bytesAsCharacters(text).replaceAll(/[\t\n\v\f\r \u0085\u00a0]/g, '')
}

/** The first byte of every word, as a character of its own. */
export function initials(text: string): string {
  return bytesAsCharacters(text)
    .replaceAll(/[^\t\n\v\f\r \u0085\u00a0]+/g, (word) => word[0] ?? '')
    .replaceAll(/[\t\n\v\f\r \u0085\u00a0]/g, '')
}

/** Lower case for the first letter of each word. */
export function untitle(text: string): string {
  return text.replaceAll(/(?<=^|\s)\S/gu, lowerRune)
}

/** strings.Title: upper case for the first letter of each word; words end at what is no letter, digit, `_` or `'`. */
export function titleCase(text: string): string {
  let previous = ' '
  let result = ''
  for (const char of text) {
    result += isSeparator(previous) ? titleRune(char) : char
    previous = char
  }
  return result
}

function isSeparator(char: string): boolean {
  if (char <= '\u007f') return !/[A-Za-z0-9_]/.test(char)
  return !/[\p{L}\p{Nd}]/u.test(char) && /\s/u.test(char)
}

const TITLE_RUNES: Readonly<Record<string, string>> = { Ǆ: 'ǅ', ǆ: 'ǅ', Ǉ: 'ǈ', ǉ: 'ǈ', Ǌ: 'ǋ', ǌ: 'ǋ', Ǳ: 'ǲ', ǳ: 'ǲ' }

function titleRune(char: string): string {
  const title = TITLE_RUNES[char]
  if (title !== undefined) return title
  return upperRune(char)
}

function upperRune(char: string): string {
  const upper = char.toUpperCase()
  return Array.from(upper).length === 1 ? upper : char
}

function lowerRune(char: string): string {
  const lower = char.toLowerCase()
  return Array.from(lower).length === 1 ? lower : char
}

/** goutils.SwapCase. */
export function swapCase(text: string): string {
  let afterSpace = true
  let result = ''
  for (const char of text) {
    if (/[\p{Lu}\p{Lt}]/u.test(char)) {
      result += lowerRune(char)
      afterSpace = false
    } else if (/\p{Ll}/u.test(char)) {
      result += afterSpace ? titleRune(char) : upperRune(char)
      afterSpace = false
    } else {
      result += char
      afterSpace = /\s/u.test(char)
    }
  }
  return result
}

type WordKind = 'none' | 'connector' | 'punctuation' | 'upper' | 'letters' | 'number' | 'other'

interface Word {
  readonly kind: WordKind
  readonly text: string
}

const WORD_PATTERNS: readonly (readonly [WordKind, RegExp])[] = [
  ['connector', /[-_\s]+/uy],
  ['punctuation', /[\p{P}]+/uy],
  [
    'upper',
    /\p{Lu}(?:\p{Lu}+(?![\p{Ll}\p{Lt}\p{Lm}\p{Lo}])|\p{Lu}*(?=\p{Lu}[\p{Ll}\p{Lt}\p{Lm}\p{Lo}])|[\p{Ll}\p{Lt}\p{Lm}\p{Lo}]*)/uy,
  ],
  ['letters', /[\p{Ll}\p{Lt}\p{Lm}\p{Lo}]+/uy],
  ['number', /\p{N}+/uy],
  ['other', /[^-_\s\p{L}\p{N}\p{P}]+/uy],
]

function splitWords(text: string): Word[] {
  const words: Word[] = []
  let index = 0
  while (index < text.length) {
    const word = wordAt(text, index)
    words.push(word)
    index += word.text.length
  }
  return words
}

function wordAt(text: string, index: number): Word {
  for (const [kind, pattern] of WORD_PATTERNS) {
    pattern.lastIndex = index
    const found = pattern.exec(text)?.[0]
    if (found !== undefined && found !== '') return { kind, text: found }
  }
  return { kind: 'other', text: String.fromCodePoint(text.codePointAt(index) ?? 0) }
}

const NO_WORD: Word = { kind: 'none', text: '' }

interface WordReader {
  readonly words: readonly Word[]
  index: number
}

function nextWord(reader: WordReader): Word {
  const word = reader.words[reader.index] ?? NO_WORD
  reader.index += 1
  return word
}

/** xstrings.ToSnakeCase and ToKebabCase: HTTPServer2Go becomes http_server2_go. */
export function snakeCase(text: string, connector: string): string {
  const reader: WordReader = { words: splitWords(text), index: 0 }
  let result = ''
  let word = nextWord(reader)
  while (reader.index < reader.words.length) {
    if (word.kind !== 'connector') result += lowerWord(word, connector)
    const previous = word
    word = nextWord(reader)
    if (previous.kind === 'number') {
      ;[result, word] = afterNumber(reader, word, result, connector)
    } else if (previous.kind === 'connector') {
      result += lowerWord(previous, connector)
    } else if (previous.kind !== 'punctuation') {
      ;[result, word] = afterLetters(reader, word, result, connector)
    }
  }
  return result + lowerWord(word, connector)
}

function afterNumber(reader: WordReader, first: Word, text: string, connector: string): [string, Word] {
  const [result, word] = takeWords(reader, first, text, connector)
  return [result + (isJoined(word) ? connector : ''), word]
}

/** Letters and digits that follow a number belong to its word. */
function takeWords(reader: WordReader, first: Word, text: string, connector: string): [string, Word] {
  let word = first
  let result = text
  while (word.kind === 'letters' || word.kind === 'number') {
    result += lowerWord(word, connector)
    word = nextWord(reader)
  }
  return [result, word]
}

function isJoined(word: Word): boolean {
  return word.kind !== 'none' && word.kind !== 'punctuation' && word.kind !== 'connector'
}

function afterLetters(reader: WordReader, first: Word, text: string, connector: string): [string, Word] {
  if (first.kind !== 'number') {
    const isApart = first.kind !== 'connector' && first.kind !== 'punctuation'
    return [text + (isApart ? connector : ''), first]
  }
  if (reader.index >= reader.words.length) return [text, first]
  const word = nextWord(reader)
  if (word.kind !== 'letters') {
    const isApart = word.kind !== 'connector' && word.kind !== 'punctuation'
    return [text + first.text + (isApart ? connector : ''), word]
  }
  // lower-case letters after a number: the number begins a word, http_2xx
  return afterNumber(reader, word, text + connector + first.text, connector)
}

function lowerWord(word: Word, connector: string): string {
  if (word.kind !== 'upper' && word.kind !== 'connector') return word.text
  return Array.from(word.text, (char) => (/[-_\s]/u.test(char) ? connector : lowerRune(char))).join('')
}

/** xstrings.ToPascalCase: connectors vanish, the letter after one is upper case. */
export function camelCase(text: string): string {
  const chars = Array.from(text)
  let result = ''
  let isNext = true
  let index = 0
  while (index < chars.length && isConnector(chars[index])) {
    result += chars[index] ?? ''
    index += 1
  }
  for (; index < chars.length; index += 1) {
    const char = chars[index] ?? ''
    if (isConnector(char)) {
      isNext = true
      if (index === chars.length - 1) result += char
    } else {
      result += isNext ? upperRune(char) : char
      isNext = false
    }
  }
  return result
}

function isConnector(char: string | undefined): boolean {
  return char !== undefined && /[-_\s]/u.test(char)
}
