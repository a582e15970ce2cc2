// Field selectors (`status.phase!=Running,spec.nodeName=a`) with the grammar and texts of apimachinery v0.36.3 pkg/fields.
import { CapstanError } from '../base/errors.ts'
import { MAX_SELECTOR_LENGTH } from './selector-parser.ts'

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** All requirements must be met; an empty selector matches everything. */
export type FieldSelector = readonly FieldRequirement[]

/** Parses a field selector; terms are sorted. Throws `bad-input` with the text the API server gives. */
export function parseFieldSelector(text: string): FieldSelector {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw new CapstanError('limit', `the field selector is longer than ${MAX_SELECTOR_LENGTH} characters`)
  }
  return splitTerms(text)
    .filter((term) => term !== '')
    .sort()
    .map((term) => parseTerm(term, text))
}

/** Cuts at commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === ',') {
      terms.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...terms, text.slice(start)]
}

const TERM = /^(?<field>[^=!]*(?:!(?!=)[^=!]*)*)(?<operator>!=|==|=)(?<value>.*)$/s

function parseTerm(term: string, text: string): FieldRequirement {
  const { field, operator, value } = TERM.exec(term)?.groups ?? {}
  if (field === undefined || value === undefined) {
    throw new CapstanError('bad-input', `invalid selector: '${text}'; can't understand '${term}'`)
  }
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) }
}

const ESCAPED = /\\(?<sequence>[\s\S]?)|[,=]/gu

function unescapeValue(value: string): string {
  return value.replaceAll(ESCAPED, (match, sequence: string | undefined) => {
    if (sequence === undefined) {
      throw new CapstanError(
        'bad-input',
        `invalid field selector: unescaped character in value: ${match.codePointAt(0)}`,
      )
    }
    if (sequence === '' || !'\\,='.includes(sequence)) {
      throw new CapstanError('bad-input', `invalid field selector: invalid escape sequence: ${match}`)
    }
    return sequence
  })
}

/** Whether values meet the selector; a field without a value counts as empty. */
export function matchesFields(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  return selector.every(({ field, operator, value }) => {
    const actual = Object.hasOwn(fields, field) ? fields[field] : ''
    return (actual === value) === (operator === '=')
  })
}

/**
 * Throws `bad-input` at the first field the kind does not know, as the API server says it (facts: kubernetes-api 2.5).
 * @param known what the kind can be selected by beside metadata.name and metadata.namespace.
 */
export function assertKnownFields(selector: FieldSelector, known: readonly string[]): void {
  const all = ['metadata.name', 'metadata.namespace', ...known]
  for (const { field } of selector) {
    if (all.includes(field)) continue
    throw new CapstanError(
      'bad-input',
      `"${field}" is not a known field selector: only ${all.map((name) => `"${name}"`).join(', ')}`,
    )
  }
}

/** The value an exact requirement asks for, so that one object can be read instead of all. */
export function exactFieldValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((requirement) => requirement.field === field && requirement.operator === '=')?.value
}

/** The selector as a text that parses to the same. */
export function formatFieldSelector(selector: FieldSelector): string {
  return selector.map(({ field, operator, value }) => `${field}${operator}${escapeValue(value)}`).join(',')
}

function escapeValue(value: string): string {
  return value.replaceAll(/[\\,=]/g, (character) => `\\${character}`)
}
