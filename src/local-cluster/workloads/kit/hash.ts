// The hashes in names of ReplicaSets and ControllerRevisions: FNV over what upstream's controllers hash, in Kubernetes' safe alphabet.
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { goValue } from './go-value.ts'

/** apimachinery util/rand: no vowels and no look-alikes, so that no words appear. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * The value of `pod-template-hash`, and of a DaemonSet's `controller-revision-hash`: FNV-1a over the print-out of the Go
 * struct, then the collision count as 8 bytes where there is one (pkg/controller/controller_utils.go ComputeHash, v1.36.3).
 */
export function templateHash(template: unknown, collisionCount: number | undefined): string {
  // Templates are JSON.
  const printed = Buffer.from(goValue('v1.PodTemplateSpec', template as JsonValue))
  const count = Buffer.alloc(collisionCount === undefined ? 0 : 8)
  if (collisionCount !== undefined) count.writeUInt32LE(collisionCount)
  return safeEncode(String(fnv32a(Buffer.concat([printed, count]))))
}

/**
 * The hash of a StatefulSet's ControllerRevision: FNV-1 over its data as Go writes JSON, then the collision count in
 * digits, none being 0 (pkg/controller/history HashControllerRevision, v1.36.3).
 */
export function revisionHash(data: JsonValue, collisionCount: number): string {
  return safeEncode(String(fnv32(Buffer.from(goJson(data) + String(collisionCount)))))
}

/** FNV-1a, 32 bits, over UTF-8. */
export function fnv32a(text: string | Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** FNV-1, 32 bits: multiplies first. */
export function fnv32(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash, 0x01000193) ^ byte
  return hash >>> 0
}

/** rand.SafeEncodeString: each byte becomes one letter. */
export function safeEncode(text: string): string {
  return [...Buffer.from(text)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
}

/** encoding/json of a map: keys sorted by bytes, `<`, `>`, `&` and the two line separators escaped. */
export function goJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (!isObject(value)) return goScalar(value)
  return `{${sortedEntries(value)
    .map(([key, field]) => `${goScalar(key)}:${goJson(field)}`)
    .join(',')}}`
}

/** The same value with its keys in the order of {@link goJson}, at every depth: who compares the bytes finds them equal. */
export function withSortedKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withSortedKeys)
  if (!isObject(value)) return value
  return Object.fromEntries(sortedEntries(value).map(([key, field]) => [key, withSortedKeys(field)]))
}

function sortedEntries(value: JsonObject): readonly (readonly [string, JsonValue])[] {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return entries.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

const ESCAPED = /[<>&\u2028\u2029]/g

function goScalar(value: JsonValue): string {
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return typeof value === 'string' ? text.replaceAll(ESCAPED, (char) => escaped(char)) : text
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
