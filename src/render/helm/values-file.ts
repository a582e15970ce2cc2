// A file of values: YAML documents that are tables, merged one after the other.
import { CapstanError } from '../../base/errors.ts'
import { goValueOf } from '../../lang/go/json.ts'
import type { GoMap, GoValue } from '../../lang/go/values.ts'
import { readYamlBytes } from '../../lang/yaml/bytes.ts'
import { CONVERSION_PREFIX, YamlError } from '../../lang/yaml/error.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import type { YamlValue } from '../../lang/yaml/value.ts'
import { splitDocuments } from '../plain/documents.ts'
import { MAX_VALUES_BYTES, MAX_VALUES_DEPTH } from './limits.ts'
import { mergeMaps } from './merge.ts'
import type { HelmRules } from './rules.ts'

export interface ValuesFileOptions {
  readonly maxBytes?: number
  readonly rules?: HelmRules
}

/**
 * The values of a file; its documents are merged (helm 4, loader.LoadValues). Throws `bad-input` with helm's text
 * without the file's name, and `limit` for files that are too large or nest too deep.
 */
export function readValuesFile(bytes: Uint8Array, name: string, options: ValuesFileOptions = {}): GoMap {
  const { maxBytes = MAX_VALUES_BYTES, rules } = options
  if (bytes.length > maxBytes) {
    throw new CapstanError('limit', `${name} is larger than the maximum file size ${maxBytes}`)
  }
  if (rules?.readsFirstDocument === true) return withoutContext(() => tableOf(readDocument(readText(bytes))))
  let values: GoMap = new Map()
  for (const { text } of splitDocuments(readText(bytes))) {
    const table = tableOf(readDocument(text))
    values = values.size === 0 ? table : mergeMaps(values, table)
  }
  return values
}

/** Helm 3 says no word before the reason. */
function withoutContext(read: () => GoMap): GoMap {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError(error.code, error.message.replace(/^cannot unmarshal yaml document: /, ''), { cause: error })
  }
}

function readText(bytes: Uint8Array): string {
  try {
    return readYamlBytes(bytes)
  } catch (error) {
    throw documentError(error)
  }
}

function readDocument(text: string): YamlValue {
  try {
    return parseYaml(text)
  } catch (error) {
    throw documentError(error)
  }
}

function documentError(error: unknown): unknown {
  if (!(error instanceof YamlError)) return error
  const reason = error.message.startsWith(CONVERSION_PREFIX) ? error.message : CONVERSION_PREFIX + error.message
  return new CapstanError('bad-input', `cannot unmarshal yaml document: ${reason}`, { cause: error })
}

function tableOf(document: YamlValue): GoMap {
  if (document === null) return new Map()
  const value: GoValue = goValueOf(document)
  if (value instanceof Map) {
    requireDepth(value, 0)
    return value
  }
  const kind = Array.isArray(document) ? 'array' : typeof document === 'boolean' ? 'bool' : typeof document
  throw new CapstanError(
    'bad-input',
    'cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: ' +
      `cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
  )
}

/** Throws `limit` for values that nest deeper than is allowed. */
export function requireDepth(value: GoValue, depth: number): void {
  const children = value instanceof Map ? value.values() : Array.isArray(value) ? value : undefined
  if (children === undefined) return
  if (depth >= MAX_VALUES_DEPTH) {
    throw new CapstanError('limit', `values nest more than ${MAX_VALUES_DEPTH} levels deep`)
  }
  for (const child of children) requireDepth(child, depth + 1)
}
