// Standard base64 as Go's encoding/base64 decodes it: what it refuses, and at which byte.

const VALUES: ReadonlyMap<number, number> = new Map(
  Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (character, value) => [
    character.charCodeAt(0),
    value,
  ]),
)
const PAD = 61
const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** The bytes, or the offset that Go names in `illegal base64 data at input byte N`; line breaks are skipped. */
export function decodeBase64(text: string, padded: boolean): Buffer | number {
  const source = Buffer.from(text, 'utf8')
  const digits: number[] = []
  let at = 0
  for (; at < source.length; at++) {
    const byte = source[at] ?? 0
    if (isBreak(byte)) continue
    const value = VALUES.get(byte)
    if (value === undefined) break
    digits.push(value)
  }
  const quantum = digits.length % 4
  const wrong = at < source.length ? paddingError(source, at, { quantum, padded }) : endError(at, { quantum, padded })
  return wrong ?? bytesOf(digits)
}

interface Place {
  /** How many digits of the last group of four were read. */
  readonly quantum: number
  readonly padded: boolean
}

function endError(at: number, { quantum, padded }: Place): number | undefined {
  return quantum === 1 || (padded && quantum > 0) ? at - quantum : undefined
}

/** Something that is no digit stands at `at`: padding in its place is fine, with nothing but line breaks after it. */
function paddingError(source: Buffer, at: number, { quantum, padded }: Place): number | undefined {
  if (!padded || source[at] !== PAD || quantum < 2) return at
  let next = at + 1
  if (quantum === 2) {
    next = skipBreaks(source, next)
    if (next === source.length) return source.length
    if (source[next] !== PAD) return next - 1
    next++
  }
  next = skipBreaks(source, next)
  return next < source.length ? next : undefined
}

function skipBreaks(source: Buffer, from: number): number {
  let at = from
  while (at < source.length && isBreak(source[at] ?? 0)) at++
  return at
}

function isBreak(byte: number): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN
}

function bytesOf(digits: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.floor((digits.length * 6) / 8))
  for (let index = 0; index < bytes.length; index++) {
    const bit = index * 8
    const first = digits[Math.floor(bit / 6)] ?? 0
    const second = digits[Math.floor(bit / 6) + 1] ?? 0
    bytes[index] = ((first << 6) | second) >> (4 - (bit % 6))
  }
  return bytes
}
