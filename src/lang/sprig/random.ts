// Sprig's random functions.
import { GoError } from '../go/error.ts'
import { INT, STRING } from '../go/values.ts'
import { countAt, fixed, MAX_ELEMENTS, requireLength, textAt } from './define.ts'
import type { FunctionTable } from './define.ts'
import { randomBelow } from './environment.ts'
import type { SprigEnvironment } from './environment.ts'

const DIGITS = '0123456789'
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ASCII = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')

export function randomFunctions(environment: SprigEnvironment): FunctionTable {
  return {
    randAlphaNum: fixed([INT], (args) => randomText(environment, LETTERS + DIGITS, countAt(args, 0))),
    randAlpha: fixed([INT], (args) => randomText(environment, LETTERS, countAt(args, 0))),
    randNumeric: fixed([INT], (args) => randomText(environment, DIGITS, countAt(args, 0))),
    randAscii: fixed([INT], (args) => randomText(environment, ASCII, countAt(args, 0))),
    randBytes: fixed([INT], (args) => {
      requireLength(countAt(args, 0), MAX_ELEMENTS, 'random bytes')
      return Buffer.from(environment.random(Math.max(countAt(args, 0), 0))).toString('base64')
    }),
    randInt: fixed([INT, INT], (args) => {
      const [low, high] = [countAt(args, 0), countAt(args, 1)]
      if (high <= low) throw new GoError('invalid argument to Intn')
      return BigInt(low + randomBelow(environment, Math.min(high - low, 2 ** 32)))
    }),
    shuffle: fixed([STRING], (args) => shuffled(environment, Array.from(textAt(args, 0))).join('')),
    uuidv4: fixed([], () => uuid(environment)),
  }
}

function randomText(environment: SprigEnvironment, alphabet: string, count: number): string {
  requireLength(count, MAX_ELEMENTS, 'random text')
  let text = ''
  for (let index = 0; index < count; index += 1) text += alphabet[randomBelow(environment, alphabet.length)] ?? ''
  return text
}

function shuffled(environment: SprigEnvironment, chars: string[]): string[] {
  for (let index = chars.length - 1; index > 0; index -= 1) {
    const other = randomBelow(environment, index + 1)
    ;[chars[index], chars[other]] = [chars[other] ?? '', chars[index] ?? '']
  }
  return chars
}

function uuid(environment: SprigEnvironment): string {
  const bytes = Buffer.from(environment.random(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
