// The order in which go-yaml v2 writes the keys of a map ("natural": digits as numbers, letters last; sorter.go).

/** Sorts keys for output, as a new array. */
export function sortKeys(keys: readonly string[]): string[] {
  return keys.toSorted(compareKeys)
}

/** Negative where `a` stands before `b`. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    if (isAsciiLetter(x) && isAsciiLetter(y)) return x - y
    return compareRunes(Array.from(a), Array.from(b))
  }
  return a.length - b.length
}

function isAsciiLetter(c: number): boolean {
  return (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a)
}

const LETTER = /^\p{L}$/u
const DIGIT = /^\p{Nd}$/u

function compareRunes(a: readonly string[], b: readonly string[]): number {
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i++
  const x = a[i]
  const y = b[i]
  if (x === undefined || y === undefined) return a.length - b.length
  const xIsLetter = LETTER.test(x)
  const yIsLetter = LETTER.test(y)
  if (xIsLetter !== yIsLetter) return yIsLetter ? -1 : 1
  const byRune = (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0)
  return xIsLetter ? byRune : compareNumbers(digitsFrom(a, i), digitsFrom(b, i), isInsideNumber(a, b, i)) || byRune
}

function digitsFrom(runes: readonly string[], start: number): string[] {
  let end = start
  while (end < runes.length && DIGIT.test(runes[end] ?? '')) end++
  return runes.slice(start, end)
}

/** Does a zero go on a number that has begun before the difference? Then the length of what is left decides as well. */
function isInsideNumber(a: readonly string[], b: readonly string[], i: number): boolean {
  if (a[i] !== '0' && b[i] !== '0') return false
  for (let j = i - 1; j >= 0 && DIGIT.test(a[j] ?? ''); j--) if (a[j] !== '0') return true
  return false
}

function compareNumbers(x: readonly string[], y: readonly string[], inside: boolean): number {
  const start = inside ? 1n : 0n
  const difference = toInt64(x, start) - toInt64(y, start)
  return difference === 0n ? x.length - y.length : difference < 0n ? -1 : 1
}

function toInt64(digits: readonly string[], start: bigint): bigint {
  let value = start
  for (const digit of digits) value = value * 10n + BigInt((digit.codePointAt(0) ?? 0) - 0x30)
  return BigInt.asIntN(64, value)
}
