// Objects of Kubernetes as Go sees them in a template: whole numbers are int64, and maps are read by their keys.
import { limitError } from '../lang/go/error.ts'
import { MAX_JSON_DEPTH } from '../lang/go/json.ts'
import { int64 } from '../lang/go/values.ts'
import type { GoMap, GoValue } from '../lang/go/values.ts'

/** JSON as unstructured.Unstructured holds it. */
export function kubernetesValue(json: unknown, depth = 0): GoValue {
  if (depth > MAX_JSON_DEPTH) throw limitError('exceeded max depth')
  switch (typeof json) {
    case 'string':
    case 'boolean':
      return json
    case 'bigint':
      return int64(json)
    case 'number':
      return Number.isSafeInteger(json) ? int64(BigInt(json)) : json
    case 'object':
      return json === null ? null : container(json, depth)
    default:
      return null
  }
}

function container(json: object, depth: number): GoValue {
  if (Array.isArray(json)) return json.map((item) => kubernetesValue(item, depth + 1))
  const map: GoMap = new Map()
  for (const [key, value] of Object.entries(json)) {
    if (value !== undefined) map.set(key, kubernetesValue(value, depth + 1))
  }
  return map
}
