// Reads fields of a payload as Go's encoding/json does: what is absent or null is empty, another type is an error.
import { CapstanError } from '../../base/errors.ts'

type Json = unknown

/** Commits of one push that list more files than this count as not told: everything is looked at. */
export const MAX_CHANGED_FILES = 20_000
/** Addresses, names and refs are shorter; Git itself stops at the 4,096 bytes of a path. */
export const MAX_TEXT_LENGTH = 4_096

/** The value at a path of field names; undefined where anything on the way is absent or null. */
export function at(payload: Json, ...path: readonly string[]): Json {
  let value = payload
  for (const name of path) {
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(path)
    value = (value as Readonly<Record<string, unknown>>)[name] // an object, see above
  }
  return value ?? undefined
}

/** A text; empty where it is absent. Throws `bad-input` for anything else, and for one that is too long. */
export function textAt(payload: Json, ...path: readonly string[]): string {
  const value = at(payload, ...path)
  if (value === undefined) return ''
  if (typeof value !== 'string') throw wrongType(path)
  if (value.length > MAX_TEXT_LENGTH) throw new CapstanError('bad-input', `the payload's ${path.join('.')} is too long`)
  return value
}

/** A list; empty where it is absent. */
export function listAt(payload: Json, ...path: readonly string[]): readonly unknown[] {
  const value = at(payload, ...path)
  if (value === undefined) return []
  if (!Array.isArray(value)) throw wrongType(path)
  return value
}

/** A whole number as text; `0` where it is absent. */
export function numberAt(payload: Json, ...path: readonly string[]): string {
  const value = at(payload, ...path)
  if (value === undefined) return '0'
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(path)
  return value.toFixed(0)
}

/** `refs/heads/feature/x` → `feature/x`: what stands behind the second slash (upstream's ParseRevision). */
export function shortRevision(ref: string): string {
  const first = ref.indexOf('/')
  if (first < 0) return ref
  const second = ref.indexOf('/', first + 1)
  return ref.slice((second < 0 ? first : second) + 1)
}

/** Files that the commits of GitHub, GitLab and Gogs list; undefined where they list none, or too many. */
export function changedFilesOf(commits: readonly unknown[]): readonly string[] | undefined {
  const files: string[] = []
  for (const commit of commits) {
    for (const file of filesOf(commit)) files.push(file)
    if (files.length > MAX_CHANGED_FILES) return undefined
  }
  return files.length === 0 ? undefined : files
}

function* filesOf(commit: unknown): Generator<string> {
  for (const field of ['added', 'modified', 'removed']) {
    for (const file of listAt(commit, field)) {
      if (typeof file !== 'string') throw wrongType(['commits', field])
      yield file
    }
  }
}

function wrongType(path: readonly string[]): CapstanError {
  return new CapstanError('bad-input', `the payload has another type than expected at ${path.join('.')}`)
}
