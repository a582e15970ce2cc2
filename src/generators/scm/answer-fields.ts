// Reads fields of forges' answers: what is absent or of another type is empty. Writes names into paths of requests.
import { CapstanError } from '../../base/errors.ts'

/** The value at a path of names; undefined where it, or anything on the way, is absent. */
export function fieldAt(json: unknown, ...path: readonly string[]): unknown {
  let value = json
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name] // an object, see above
  }
  return value ?? undefined
}

export function textAt(json: unknown, ...path: readonly string[]): string {
  const value = fieldAt(json, ...path)
  return typeof value === 'string' ? value : ''
}

/** A whole number, `0n` where there is none. */
export function integerAt(json: unknown, ...path: readonly string[]): bigint {
  const value = fieldAt(json, ...path)
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : 0n
}

export function listAt(json: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = fieldAt(json, ...path)
  return Array.isArray(value) ? value : []
}

/** The texts of a list; others in it are left out. */
export function textsAt(json: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(json, ...path).filter((one) => typeof one === 'string')
}

/** `name` of each object of a list. */
export function namesAt(json: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(json, ...path).map((one) => textAt(one, 'name'))
}

/** One part of a request's path. Throws `bad-input` for dots alone, which would name another request. */
export function part(text: string): string {
  if (text === '.' || text === '..') throw new CapstanError('bad-input', `${JSON.stringify(text)} is no name`)
  return encodeURIComponent(text)
}

/** A path of several parts, its slashes kept. */
export function parts(path: string): string {
  return path.split('/').map(part).join('/')
}
