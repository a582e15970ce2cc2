// Words as commands get them: variables and substitutions in their place, split at blanks, patterns as file names.
import { evaluateArithmetic } from './arithmetic.ts'
import { MAX_TEXT_LENGTH, ProgramStop, type Machine, type Running, type Streams } from './machine.ts'
import { checkPatternCost, expandPattern, matchesPattern } from './paths.ts'
import type { Change, Node, Part, Word } from './syntax.ts'

/** What expansion asks of the shell it happens in. */
export interface Surroundings {
  readonly machine: Machine
  readonly workingDir: string
  readonly args: readonly string[]
  value(name: string): string | undefined
  set(name: string, value: string): void
  captured(node: Node, streams: Streams): Running<string>
}

/** A word as one text, as in an assignment. */
export function* expandWord(shell: Surroundings, word: Word, streams: Streams): Running<string> {
  let text = ''
  for (const part of word) text = bounded(text + (yield* partText(shell, part, streams)))
  return text
}

/** Words as the arguments of a command. */
export function* expandWords(
  shell: Surroundings,
  words: readonly Word[],
  streams: Streams,
): Running<readonly string[]> {
  const result: string[] = []
  for (const word of words) {
    const fields = yield* fieldsOf(shell, word, streams)
    for (const { text, isPattern } of fields) {
      if (isPattern) result.push(...expandPattern(shell.machine.files, shell.workingDir, text))
      else result.push(text)
    }
    if (result.length > MAX_WORDS) throw new ProgramStop('too many words', 2)
  }
  return result
}

/** Arguments of one command. */
const MAX_WORDS = 10_000

interface Field {
  text: string
  isPattern: boolean
}

function* fieldsOf(shell: Surroundings, word: Word, streams: Streams): Running<readonly Field[]> {
  const fields: Field[] = []
  let current: Field | undefined
  const add = (text: string, isPattern: boolean): void => {
    current ??= { text: '', isPattern: false }
    current.text = bounded(current.text + text)
    current.isPattern ||= isPattern
  }
  const end = (): void => {
    if (current !== undefined) fields.push(current)
    current = undefined
  }
  for (const part of word) {
    if (isAllArgs(part)) {
      addArgs(shell.args, { add, end })
      continue
    }
    const text = yield* partText(shell, part, streams)
    if (part.quoted) add(text, false)
    else if (part.kind === 'text') add(tilde(text, part === word[0]), /[*?[]/.test(text))
    else splitInto(text, { add, end })
  }
  end()
  return fields
}

/** `"$@"`: each argument a word of its own. */
function isAllArgs(part: Part): boolean {
  return part.kind === 'variable' && part.name === '@' && part.quoted && part.change === undefined
}

function addArgs(
  args: readonly string[],
  to: { add: (text: string, isPattern: boolean) => void; end: () => void },
): void {
  for (const [index, arg] of args.entries()) {
    if (index > 0) to.end()
    to.add(arg, false)
  }
}

function tilde(text: string, isFirst: boolean): string {
  return isFirst && /^~(?:\/|$)/.test(text) ? `/root${text.slice(1)}` : text
}

function splitInto(text: string, to: { add: (text: string, isPattern: boolean) => void; end: () => void }): void {
  const pieces = text.split(/[ \t\n]+/)
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) to.end()
    if (piece !== '') to.add(piece, /[*?[]/.test(piece))
  }
}

function* partText(shell: Surroundings, part: Part, streams: Streams): Running<string> {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'command':
      return yield* shell.captured(part.body, streams)
    case 'arithmetic':
      return String(evaluateArithmetic(part.text, (name) => shell.value(name)))
    case 'variable':
      return part.change === undefined
        ? (shell.value(part.name) ?? '')
        : yield* changed(shell, { name: part.name, change: part.change }, streams)
  }
}

function* changed(
  shell: Surroundings,
  { name, change }: { readonly name: string; readonly change: Change },
  streams: Streams,
): Running<string> {
  const value = shell.value(name)
  if (change.operator === 'length') return String((value ?? '').length)
  const word = yield* expandWord(shell, change.word, streams)
  const isSet = value !== undefined && !(change.orEmpty && value === '')
  switch (change.operator) {
    case '+':
      return isSet ? word : ''
    case '-':
    case '=':
    case '?':
      return isSet ? value : replaced(shell, { name, operator: change.operator, word })
    default:
      return trimmed(value ?? '', word, change.operator)
  }
}

/** Stands in for a variable that is not set. */
function replaced(
  shell: Surroundings,
  { name, operator, word }: { readonly name: string; readonly operator: '-' | '=' | '?'; readonly word: string },
): string {
  if (operator === '?') throw new ProgramStop(`${name}: ${word === '' ? 'parameter not set' : word}`, 2)
  if (operator === '=') shell.set(name, word)
  return word
}

/** `%` takes the shortest fitting end away, `%%` the longest; `#` and `##` the start. */
function trimmed(value: string, pattern: string, operator: '%' | '%%' | '#' | '##'): string {
  checkPatternCost(pattern, value, value.length)
  const lengths = Array.from({ length: value.length + 1 }, (_, index) => index)
  const order = operator.length === 1 ? lengths : lengths.toReversed()
  for (const length of order) {
    const isStart = operator.startsWith('#')
    const piece = isStart ? value.slice(0, length) : value.slice(value.length - length)
    if (matchesPattern(pattern, piece)) return isStart ? value.slice(length) : value.slice(0, value.length - length)
  }
  return value
}

function bounded(text: string): string {
  if (text.length > MAX_TEXT_LENGTH) throw new ProgramStop('out of memory', 2)
  return text
}
