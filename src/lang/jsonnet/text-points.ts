// Texts as Jsonnet counts them: in code points, not in UTF-16 units.

const ASTRAL = /[\ud800-\udfff]/

/** How many code points a text has. */
export function pointCount(text: string): number {
  return ASTRAL.test(text) ? Array.from(text).length : text.length
}

/** The characters of a text. */
export function pointsOf(text: string): readonly string[] {
  return ASTRAL.test(text) ? Array.from(text) : text.split('')
}

/** The character at a place, empty beyond the end. */
export function pointAt(text: string, index: number): string {
  return ASTRAL.test(text) ? (Array.from(text)[index] ?? '') : text.charAt(index)
}

/** A part of a text, counted in code points. */
export function slicePoints(text: string, from: number, to: number): string {
  return ASTRAL.test(text) ? Array.from(text).slice(from, to).join('') : text.slice(from, to)
}
