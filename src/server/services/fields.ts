// Reads fields of request messages; their types were checked against the message tables for paths and queries, not for bodies.
import { CapstanError } from '../../base/errors.ts'
import type { JsonObject } from '../../kube/object.ts'

export type RequestFields = Readonly<Record<string, unknown>>

/** A string field; empty where it is absent. */
export function textField(request: RequestFields, name: string): string {
  const value = request[name]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw wrong(name, 'a string')
  return value
}

/** A string field that must be there. */
export function requiredText(request: RequestFields, name: string): string {
  const value = textField(request, name)
  if (value === '') throw new CapstanError('bad-input', `${name}: required`)
  return value
}

/** A true/false field; undefined where it is absent, as proto2 tells the two apart. */
export function flagField(request: RequestFields, name: string): boolean | undefined {
  const value = request[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw wrong(name, 'true or false')
  return value
}

export function textListField(request: RequestFields, name: string): readonly string[] {
  return listField(request, name).map((item) => {
    if (typeof item !== 'string') throw wrong(name, 'a list of strings')
    return item
  })
}

export function listField(request: RequestFields, name: string): readonly unknown[] {
  const value = request[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw wrong(name, 'a list')
  return value
}

/** A message field; undefined where it is absent. */
export function objectField(request: RequestFields, name: string): JsonObject | undefined {
  const value = request[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(name, 'an object')
  // It came out of JSON.parse, so what it holds is JSON.
  return value as JsonObject
}

export function numberField(request: RequestFields, name: string): number | undefined {
  const value = request[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(name, 'a whole number')
  return value
}

function wrong(name: string, wanted: string): CapstanError {
  return new CapstanError('bad-input', `${name}: expected ${wanted}`)
}
