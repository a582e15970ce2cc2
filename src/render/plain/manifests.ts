// The manifests in one file: streams of YAML documents, single JSON objects, lists.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { readYamlBytes } from '../../lang/yaml/bytes.ts'
import { CONVERSION_PREFIX, YamlError } from '../../lang/yaml/error.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { parseJson } from '../../kube/json-digits.ts'
import type { JsonValue, KubeObject } from '../../kube/object.ts'
import { splitDocuments } from './documents.ts'

/**
 * The objects of a YAML file (argo-cd v3.5.1 getObjsFromYAMLOrJson). A file that cannot be read is an error only if it
 * looks like a manifest; else what stands before the fault counts. Throws `bad-input` that names file and line.
 */
export function readYamlManifests(path: string, bytes: Uint8Array): KubeObject[] {
  const found: KubeObject[] = []
  try {
    readStream(found, bytes)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    if (looksLikeManifest(bytes)) throw fileError(path, `failed to unmarshal manifest: ${describe(error)}`, error)
  }
  return found
}

/** The objects of a text that is nothing but manifests, such as a program's output. Throws `bad-input` with the line. */
export function readPrintedManifests(text: string): KubeObject[] {
  const found: KubeObject[] = []
  try {
    readStream(found, Buffer.from(text, 'utf8'))
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError('bad-input', `failed to unmarshal manifest: ${describe(error)}`, { cause: error })
  }
  return found
}

function readStream(found: KubeObject[], bytes: Uint8Array): void {
  for (const document of splitDocuments(readYamlBytes(bytes))) {
    const value = readDocument(document.text, document.line)
    if (value !== null) addManifest(found, value)
  }
}

/** The object of a JSON file, which may hold only one. */
export function readJsonManifest(path: string, bytes: Uint8Array): KubeObject[] {
  const found: KubeObject[] = []
  let value: JsonValue
  try {
    value = parseJson(readYamlBytes(bytes))
  } catch (error) {
    if (/after JSON|Unexpected non-whitespace/.test(messageOf(error))) {
      const name = JSON.stringify(baseName(path))
      throw new CapstanError(
        'bad-input',
        `Found multiple objects in ${name}. Only single objects are allowed in JSON files. (${path})`,
        { cause: error },
      )
    }
    throw fileError(path, messageOf(error), error)
  }
  try {
    if (value !== null) addManifest(found, value)
  } catch (error) {
    throw fileError(path, messageOf(error), error)
  }
  return found
}

/** A document; one in braces is read as JSON first, which is much faster. */
function readDocument(text: string, line: number): JsonValue {
  if (/^\s*\{/.test(text)) {
    try {
      return parseJson(text)
    } catch {
      // Not JSON after all: YAML's flow style starts with a brace too, and its reader words the error.
    }
  }
  try {
    return parseYaml(text, { bigIntegers: 'exact' })
  } catch (error) {
    if (error instanceof YamlError && error.line > 0) {
      throw new YamlError(error.message, error.line + line - 1, error.column)
    }
    throw error
  }
}

function describe(error: CapstanError): string {
  return error instanceof YamlError ? CONVERSION_PREFIX + error.message : error.message
}

function fileError(path: string, problem: string, cause: unknown): CapstanError {
  const place = cause instanceof YamlError && cause.line > 0 ? `:${cause.line}:${cause.column}` : ''
  const message = `Failed to unmarshal ${JSON.stringify(baseName(path))}: ${problem} (${path}${place})`
  return new CapstanError('bad-input', message, { cause })
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function looksLikeManifest(bytes: Uint8Array): boolean {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return ['apiVersion:', 'kind:', 'metadata:'].every((word) => content.includes(word))
}

const DECODING = 'error unmarshaling JSON: while decoding JSON: '

/** Adds an object, or the items of a list of any kind. */
function addManifest(found: KubeObject[], value: JsonValue): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    throw new CapstanError(
      'bad-input',
      `${DECODING}json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
    )
  }
  const object = value as { readonly [key: string]: JsonValue } // neither a list nor null
  if (typeof object['kind'] !== 'string' || object['kind'] === '') {
    throw new CapstanError('bad-input', `${DECODING}Object 'Kind' is missing in '${JSON.stringify(value)}'`)
  }
  const { items } = object
  if (Array.isArray(items)) for (const item of items as readonly JsonValue[]) addManifest(found, item)
  else if (!isNullList(object)) found.push(value as unknown as KubeObject) // has a kind, the controller checks the rest
}

/** `items: null` in what has neither spec nor status is an empty list. */
function isNullList(object: { readonly [key: string]: JsonValue }): boolean {
  return object['items'] === null && object['spec'] === undefined && object['status'] === undefined
}
