// The little language of `std.format`: `%[(key)][flags][width][.precision][length]conversion`.
import { RuntimeFault } from './error.ts'

export type Conversion = 'd' | 'o' | 'x' | 'e' | 'f' | 'g' | 'c' | 's' | '%'

export interface FormatCode {
  /** The field of an object that is meant; undefined where values come in order. */
  readonly key: string | undefined
  readonly isAlternate: boolean
  readonly fillsWithZero: boolean
  readonly isLeft: boolean
  readonly hasBlank: boolean
  readonly hasPlus: boolean
  /** `*` takes it from the values. */
  readonly width: number | '*'
  readonly precision: number | '*' | undefined
  readonly conversion: Conversion
  readonly isUpper: boolean
}

const CODE =
  /(?:\((?<key>[^)]*)\))?(?<flags>[#0\- +]*)(?<width>\*|\d*)(?<point>\.(?<precision>\*|\d*))?[hlL]*(?<letter>[\s\S]?)/uy
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  d: 'd',
  i: 'd',
  u: 'd',
  o: 'o',
  x: 'x',
  X: 'x',
  e: 'e',
  E: 'e',
  f: 'f',
  F: 'f',
  g: 'g',
  G: 'g',
  c: 'c',
  s: 's',
  '%': '%',
}

/** Splits a format into texts and codes. */
export function parseFormat(format: string): (string | FormatCode)[] {
  const parts: (string | FormatCode)[] = []
  for (let index = 0; ;) {
    const percent = format.indexOf('%', index)
    if (percent < 0) return index < format.length ? [...parts, format.slice(index)] : parts
    if (percent > index) parts.push(format.slice(index, percent))
    CODE.lastIndex = percent + 1
    parts.push(codeOf(CODE.exec(format)?.groups ?? {}))
    index = CODE.lastIndex
  }
}

function codeOf(groups: Readonly<Record<string, string | undefined>>): FormatCode {
  const { key, flags = '', width = '', point, precision = '', letter = '' } = groups
  if (letter === '') throw new RuntimeFault('Truncated format code.')
  const conversion = CONVERSIONS[letter]
  if (conversion === undefined) throw new RuntimeFault(`Unrecognised conversion type: ${letter}`)
  return {
    key,
    isAlternate: flags.includes('#'),
    fillsWithZero: flags.includes('0'),
    isLeft: flags.includes('-'),
    hasBlank: flags.includes(' '),
    hasPlus: flags.includes('+'),
    width: width === '*' ? '*' : Number(width),
    precision: point === undefined ? undefined : precision === '*' ? '*' : Number(precision),
    conversion,
    isUpper: letter !== letter.toLowerCase(),
  }
}
