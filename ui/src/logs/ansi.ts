// Colours in the output of programs: ANSI escape sequences become styled pieces of text.

export interface AnsiStyle {
  /** 0–15: the sixteen colours of terminals. */
  readonly color?: number
  readonly background?: number
  readonly isBold?: boolean
  readonly isDim?: boolean
  readonly isItalic?: boolean
  readonly isUnderlined?: boolean
}

export interface AnsiPiece {
  readonly text: string
  readonly style: AnsiStyle
}

// oxlint-disable-next-line no-control-regex -- escape sequences begin with this very character
const SEQUENCE = /\u001B(?:\[(?<parameters>[\d;:]*)(?<final>[@-~])|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\^_])/g
const PLAIN: AnsiStyle = {}

/** The text without its escape sequences. */
export function withoutAnsi(text: string): string {
  return text.includes('\u001B') ? text.replaceAll(SEQUENCE, '') : text
}

/** Pieces of one line; what a sequence says holds until the next one, sequences that are no colours are left out. */
export function ansiPieces(text: string): readonly AnsiPiece[] {
  if (!text.includes('\u001B')) return text === '' ? [] : [{ text, style: PLAIN }]
  const pieces: AnsiPiece[] = []
  let style = PLAIN
  let from = 0
  for (const match of text.matchAll(SEQUENCE)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), style })
    from = match.index + match[0].length
    const { parameters = '', final } = match.groups ?? {}
    if (final === 'm') style = styleAfter(style, parameters.split(/[;:]/).map(Number))
  }
  if (from < text.length) pieces.push({ text: text.slice(from), style })
  return pieces
}

function styleAfter(before: AnsiStyle, codes: readonly number[]): AnsiStyle {
  let style = before
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0
    if (code === 38 || code === 48) {
      const { color, length } = extendedColor(codes.slice(index + 1))
      style = { ...style, ...(color === undefined ? {} : { [code === 38 ? 'color' : 'background']: color }) }
      index += length
    } else style = afterCode(style, code)
  }
  return style
}

const MARKS: Readonly<Record<number, AnsiStyle>> = {
  1: { isBold: true },
  2: { isDim: true },
  3: { isItalic: true },
  4: { isUnderlined: true },
  22: { isBold: false, isDim: false },
  23: { isItalic: false },
  24: { isUnderlined: false },
}

function afterCode(style: AnsiStyle, code: number): AnsiStyle {
  if (code === 0) return PLAIN
  const mark = MARKS[code]
  if (mark !== undefined) return { ...style, ...mark }
  const { color, background, ...rest } = style
  const [foreground, ground] = [colorOf(code, 30, 90), colorOf(code, 40, 100)]
  if (foreground !== undefined) return { ...style, color: foreground }
  if (ground !== undefined) return { ...style, background: ground }
  if (code === 39) return { ...rest, ...(background === undefined ? {} : { background }) }
  if (code === 49) return { ...rest, ...(color === undefined ? {} : { color }) }
  return style
}

function colorOf(code: number, normal: number, bright: number): number | undefined {
  if (code >= normal && code < normal + 8) return code - normal
  return code >= bright && code < bright + 8 ? code - bright + 8 : undefined
}

/** `5;n` and `2;r;g;b`, as the nearest of the sixteen. */
function extendedColor([kind, first = 0, second = 0, third = 0]: readonly number[]): {
  readonly color: number | undefined
  readonly length: number
} {
  if (kind === 5) return { color: first < 16 ? first : nearestOfCube(first), length: 2 }
  if (kind === 2) return { color: nearest(first, second, third), length: 4 }
  return { color: undefined, length: 0 }
}

function nearestOfCube(index: number): number {
  if (index >= 232) return index > 243 ? 7 : 8
  const cube = index - 16
  const part = (value: number): number => (value === 0 ? 0 : 55 + value * 40)
  return nearest(part(Math.floor(cube / 36)), part(Math.floor(cube / 6) % 6), part(cube % 6))
}

function nearest(red: number, green: number, blue: number): number {
  const top = Math.max(red, green, blue)
  if (top < 64) return 0
  const bits = (red > top / 2 ? 1 : 0) + (green > top / 2 ? 2 : 0) + (blue > top / 2 ? 4 : 0)
  return top > 170 ? bits + 8 : bits
}
