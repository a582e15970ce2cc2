// Values of the server's internal types as faults show them: Go's field names in Go's order, empty ones too.
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { isAbsent, objectOf } from '../edit.ts'
import { emptiedKeys, sentValue } from '../emptied.ts'
import table from '../generated/internal-types.json' with { type: 'json' }
import { printableSelector, sortedMap } from './selectors.ts'

const TYPES: Readonly<Record<string, string>> = table

/** Fields of a pod's spec that the internal type keeps in its security context. */
const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers']

/** The value of a v1 type (`PodTemplateSpec`, `PodSpec`) under the names of the internal one. */
export function internalValue(type: string, value: JsonObject): JsonObject {
  const source = type === 'PodSpec' ? withHostFields(value) : value
  const keys = new Map(Object.keys(source).map((key) => [key.toLowerCase(), key]))
  for (const key of emptiedKeys(source)) keys.set(key.toLowerCase(), key)
  const printed: Record<string, JsonValue> = {}
  for (const text of (TYPES[type] ?? '').split(';')) {
    const [name = '', shape = ''] = text.split(' ')
    if (name.startsWith('=')) Object.assign(printed, embedded(name.slice(1), source))
    else printed[name] = fieldValue(shape, fieldOf(source, keys, name))
  }
  return printed
}

function fieldOf(source: JsonObject, keys: ReadonlyMap<string, string>, name: string): JsonValue | undefined {
  const key = keys.get(name.toLowerCase())
  return key === undefined ? undefined : sentValue(source, key)
}

function withHostFields(spec: JsonObject): JsonObject {
  const moved = HOST_FIELDS.flatMap((key) => {
    const value = spec[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  return { ...spec, securityContext: { ...objectOf(spec['securityContext']), ...Object.fromEntries(moved) } }
}

/** Metadata is a type of the API itself, so it keeps its JSON names and leaves out what is empty. */
function embedded(type: string, source: JsonObject): JsonObject {
  if (type !== 'meta') return internalValue(type, source)
  const metadata: Record<string, JsonValue> = { ...objectOf(source['metadata']) }
  for (const key of ['labels', 'annotations']) if (isObject(metadata[key])) metadata[key] = sortedMap(metadata[key])
  return metadata
}

function fieldValue(shape: string, value: JsonValue | undefined): JsonValue {
  if (shape.startsWith('*')) return isAbsent(value) ? null : fieldValue(shape.slice(1), value)
  if (shape.startsWith('[]')) return Array.isArray(value) ? value.map((item) => fieldValue(shape.slice(2), item)) : null
  if (shape === 'map') return sortedMap(value)
  if (shape === 'selector') return printableSelector(objectOf(value))
  if (Object.hasOwn(TYPES, shape)) return internalValue(shape, objectOf(value))
  return value ?? ZERO[shape] ?? null
}

const ZERO: Readonly<Record<string, JsonValue>> = { text: '', number: 0, flag: false, quantity: '0' }
