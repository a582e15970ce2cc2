// Schemas in comments: what a comment beside or above a key says of its value (kyaml fieldmeta.go, walk.go, v5.8.1).
import { commentMergeSchema, type MergeSchema } from './merge-schema.ts'

/** A comment that is one JSON object and nothing else, at the end of a line. */
const COMMENT = /(?<before>^|^.*\s)#+\s*(?<json>\{.*\})\s*$/

/** Where a key begins, counted from 0. */
export interface KeyPlace {
  readonly line: number
  readonly column: number
}

/** The schema for the value of a key; undefined where a text has no such comment at all. */
export function schemaComments(text: string): ((key: KeyPlace) => MergeSchema | undefined) | undefined {
  // Most texts end here.
  if (!text.includes('#') || !/#+\s*\{/.test(text)) return undefined
  const lines = text.split('\n')
  return (key) => {
    const line = lines[key.line] ?? ''
    // Comments belong to the first key of a line.
    return /^[\s-]*$/.test(line.slice(0, key.column)) ? (beside(line) ?? above(lines, key)) : undefined
  }
}

function beside(line: string): MergeSchema | undefined {
  const match = COMMENT.exec(line)
  return match?.groups?.['before']?.trim() === '' ? undefined : schemaOf(match?.groups?.['json'])
}

/**
 * The one line of comments above a key, of its own depth: with others they count together, which is no JSON any more. One
 * that clings to what stands before it, and not to the key, belongs there (yaml.v3 head and foot comments).
 */
function above(lines: readonly string[], { line, column }: KeyPlace): MergeSchema | undefined {
  const at = lastFilled(lines, line)
  const { before = 'none', json } = COMMENT.exec(lines[at] ?? '')?.groups ?? {}
  if (before.trim() !== '' || before.length > column) return undefined
  const earlier = lastFilled(lines, at)
  const isFoot = at < line - 1 && earlier >= 0 && earlier === at - 1
  return isFoot || lines[earlier]?.trimStart().startsWith('#') === true ? undefined : schemaOf(json)
}

/** The number of the last line before another that is not blank; negative where there is none. */
function lastFilled(lines: readonly string[], before: number): number {
  let at = before - 1
  while (at >= 0 && lines[at]?.trim() === '') at--
  return at
}

function schemaOf(json: string | undefined): MergeSchema | undefined {
  if (json === undefined) return undefined
  let schema: object
  try {
    schema = JSON.parse(json) as object // the expression finds objects alone
  } catch {
    // No JSON: a comment for people.
    return undefined
  }
  return Object.keys(schema).length === 0 ? undefined : commentMergeSchema(schema)
}
