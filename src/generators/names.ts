// Names made of any text: as DNS allows them, and as slugs (argo-cd v3.5.1 `applicationset/utils`, gosimple/slug v1.15.0).
import { CapstanError } from '../base/errors.ts'

const MAX_DNS_LENGTH = 253

/** Lower case letters, digits, `-` and `.`, at most 253, without `-` and `.` at the ends (`normalize`, `nameNormalized`). */
export function sanitizeName(name: string): string {
  const replaced = Array.from(name.toLowerCase(), (char) => (/^[-a-z0-9.]$/.test(char) ? char : '-')).join('')
  return replaced
    .slice(0, MAX_DNS_LENGTH)
    .replace(/^[-.]+/, '')
    .replace(/[-.]+$/, '')
}

export interface SlugOptions {
  readonly maxLength: number
  /** Cut at a dash before the limit rather than within a word. */
  readonly isSmart: boolean
}

export const DEFAULT_SLUG: SlugOptions = { maxLength: 50, isSmart: true }

/** What gosimple/slug writes for English; a letter outside ASCII becomes the plain letter it is made of, or a dash. */
export function makeSlug(text: string, { maxLength, isSmart }: SlugOptions = DEFAULT_SLUG): string {
  const plain = Array.from(text.trim(), (char) => SUBSTITUTES.get(char) ?? char).join('')
  let slug = plainLetters(plain).toLowerCase()
  if (!isSmart && slug.length >= maxLength) {
    if (maxLength < 0) throw new CapstanError('bad-input', `runtime error: slice bounds out of range [:${maxLength}]`)
    slug = slug.slice(0, maxLength)
  }
  slug = slug.replace(/[^a-z0-9_-]/g, '-').replace(/-+/g, '-')
  slug = slug.replace(/^[-_]+/, '').replace(/[-_]+$/, '')
  return maxLength > 0 && isSmart ? cutAtDash(slug, maxLength) : slug
}

/** The slug of a branch as pull request generators give it: underscores count as dashes. */
export function branchSlug(branch: string): string {
  return makeSlug(branch.replaceAll('_', '-'), DEFAULT_SLUG)
}

function cutAtDash(slug: string, maxLength: number): string {
  if (slug.length <= maxLength) return slug
  const dash = slug.lastIndexOf('-', maxLength)
  return slug.slice(0, dash < 0 ? maxLength : dash)
}

const SUBSTITUTES: ReadonlyMap<string, string> = new Map([
  ['&', 'and'],
  ['@', 'at'],
  ['"', ''],
  ["'", ''],
  ['’', ''],
  ['‒', '-'],
  ['–', '-'],
  ['—', '-'],
  ['―', '-'],
])

/** Letters that no decomposition makes plain. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['Æ', 'AE'],
  ['œ', 'oe'],
  ['Œ', 'OE'],
  ['ø', 'o'],
  ['Ø', 'O'],
  ['đ', 'd'],
  ['Đ', 'D'],
  ['ð', 'd'],
  ['Ð', 'D'],
  ['þ', 'th'],
  ['Þ', 'Th'],
  ['ł', 'l'],
  ['Ł', 'L'],
  ['ı', 'i'],
])

function plainLetters(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text
  return Array.from(text, (char) => LETTERS.get(char) ?? char.normalize('NFKD').replace(/\p{M}/gu, '')).join('')
}
