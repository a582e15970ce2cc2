// Manifests as YAML text and back, by the reader and writer the server uses; loaded with the panels that need them.
import './buffer.ts'
import { parseYaml } from '../../../src/lang/yaml/read.ts'
import { stringifyYaml } from '../../../src/lang/yaml/write.ts'
import type { JsonObject } from './json.ts'
import { isObject } from './json.ts'

/** Kubernetes' integers keep their digits. */
const EXACT = { bigIntegers: 'exact' } as const

/** JSON text of one object as YAML; the empty text for an absent object. */
export function yamlOfJson(json: string | undefined): string {
  if (json === undefined || json === '' || json === 'null') return ''
  return stringifyYaml(parseYaml(json, EXACT))
}

export function yamlOf(value: unknown): string {
  return stringifyYaml(value)
}

/** Reads an edited manifest. Throws with the place of the fault, also where it is no single object. */
export function parseManifest(text: string): JsonObject {
  const value: unknown = parseYaml(text)
  if (!isObject(value)) throw new Error('a manifest is a YAML mapping with apiVersion, kind and metadata')
  return value
}
