// The search of the list: words, and words with a field before them.
import { FACETS, type Facet } from '../../../api/found-applications.ts'
import type { ApplicationRow } from './application-row.ts'

/** One thing that must hold. */
export interface SearchTerm {
  /** Undefined: the word may stand anywhere. */
  readonly field: Facet | 'name' | undefined
  /** In lower case. */
  readonly word: string
  readonly isExcluded: boolean
}

/** More words than anybody types; what is longer is cut, so that a search costs no more than so much. */
export const MAX_TERMS = 20

const FIELDS: ReadonlyMap<string, Facet | 'name'> = new Map([
  ...FACETS.map((facet) => [facet.toLowerCase(), facet] as const),
  ['name', 'name'] as const,
  ['ns', 'namespace'] as const,
  ['labels', 'label'] as const,
])

/** `web health:Degraded !label:team=a "two words"`; what has no known field before its colon is a plain word. */
export function readSearch(text: string): readonly SearchTerm[] {
  const parts = text.match(/!?(?:\w+:)?"[^"]*"|\S+/g) ?? []
  return parts.slice(0, MAX_TERMS).flatMap((part) => {
    const isExcluded = part.startsWith('!') && part.length > 1
    const term = isExcluded ? part.slice(1) : part
    const colon = term.indexOf(':')
    const field = colon < 0 ? undefined : FIELDS.get(term.slice(0, colon).toLowerCase())
    const word = (field === undefined ? term : term.slice(colon + 1)).replaceAll('"', '').toLowerCase()
    return word === '' ? [] : [{ field, word, isExcluded }]
  })
}

export function matchesSearch(row: ApplicationRow, terms: readonly SearchTerm[]): boolean {
  return terms.every((term) => holds(row, term) !== term.isExcluded)
}

/** States are whole words; everything else may be a part. `label:team` asks for the name of a label alone. */
function holds({ name, values, words }: ApplicationRow, { field, word }: SearchTerm): boolean {
  if (field === undefined) return words.includes(word)
  if (field === 'name') return name.toLowerCase().includes(word)
  const isWhole = field === 'sync' || field === 'health' || field === 'operation' || field === 'autoSync'
  return values[field].some((value) => {
    const lower = value.toLowerCase()
    if (field === 'label') return lower === word || (!word.includes('=') && lower.startsWith(`${word}=`))
    return isWhole ? lower === word : lower.includes(word)
  })
}
