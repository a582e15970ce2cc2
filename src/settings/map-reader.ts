// Reads typed values out of the text maps of Secrets and ConfigMaps; every error names the map, the key and the way out.
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseDurationMs } from '../lang/go/time/duration.ts'

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** Values by key, and where they came from. Empty text counts as absent. */
export class MapReader {
  readonly #values: ReadonlyMap<string, string>
  /** `Secret argocd/repo-1`: fit for messages. */
  readonly place: string

  constructor(place: string, values: ReadonlyMap<string, string>) {
    this.place = place
    this.#values = values
  }

  keys(): readonly string[] {
    return [...this.#values.keys()]
  }

  text(key: string): string | undefined {
    const value = this.#values.get(key)
    return value === '' ? undefined : value
  }

  /** Throws `bad-input` where the key is absent or empty. */
  requiredText(key: string): string {
    const value = this.text(key)
    if (value === undefined) throw new CapstanError('bad-input', `${this.place}: key ${key} is missing: add it`)
    return value
  }

  secret(key: string): Secret | undefined {
    const value = this.text(key)
    return value === undefined ? undefined : new Secret(value)
  }

  /** What Go's strconv.ParseBool reads. */
  boolean(key: string): boolean | undefined {
    const value = this.text(key)?.trim()
    if (value === undefined || value === '') return undefined
    if (TRUE.has(value)) return true
    if (FALSE.has(value)) return false
    throw this.wrong(key, `holds ${JSON.stringify(value)}: write true or false`)
  }

  integer(key: string): number | undefined {
    const value = this.text(key)?.trim()
    if (value === undefined || value === '') return undefined
    const number = Number(value)
    if (/^[+-]?\d+$/.test(value) && Number.isSafeInteger(number)) return number
    throw this.wrong(key, `holds ${JSON.stringify(value)}: write a whole number`)
  }

  durationMs(key: string): number | undefined {
    const value = this.text(key)?.trim()
    if (value === undefined || value === '') return undefined
    const duration = parseDurationMs(value)
    if (duration === undefined)
      throw this.wrong(key, `holds ${JSON.stringify(value)}: write a duration such as 3m or 90s`)
    return duration
  }

  /** The parts of a comma-separated list, without blanks and empty parts. */
  list(key: string): readonly string[] {
    return splitList(this.text(key) ?? '')
  }

  /** One of a closed set of words. */
  choice<Choice extends string>(key: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(key)?.trim()
    if (value === undefined || value === '') return undefined
    const found = choices.find((choice) => choice === value)
    if (found === undefined) throw this.wrong(key, `holds ${JSON.stringify(value)}: write ${choices.join(', ')}`)
    return found
  }

  /** YAML as plain values; throws `bad-input` with the parser's own message. The text is not repeated: it may hold secrets. */
  yaml(key: string): unknown {
    const value = this.text(key)
    if (value === undefined) return undefined
    try {
      return parseYaml(value)
    } catch (error) {
      throw this.wrong(key, `is no YAML: ${error instanceof Error ? error.message : String(error)}`, error)
    }
  }

  /** An error about one key. */
  wrong(key: string, problem: string, cause?: unknown): CapstanError {
    return new CapstanError('bad-input', `${this.place}: key ${key} ${problem}`, { cause })
  }
}

/** `a, b,,c` → `a`, `b`, `c`. */
export function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** The text values of a ConfigMap. */
export function readConfigMap(configMap: KubeObject): MapReader {
  const values = new Map<string, string>()
  for (const [key, value] of fieldsOf(configMap, 'data')) if (typeof value === 'string') values.set(key, value)
  return new MapReader(placeOf(configMap), values)
}

/** The values of a Secret, base64 undone; `stringData` of a Secret that was not stored yet wins. */
export function readSecret(secret: KubeObject): MapReader {
  const values = new Map<string, string>()
  for (const [key, value] of fieldsOf(secret, 'data')) {
    if (typeof value === 'string') values.set(key, Buffer.from(value, 'base64').toString('utf8'))
  }
  for (const [key, value] of fieldsOf(secret, 'stringData')) if (typeof value === 'string') values.set(key, value)
  return new MapReader(placeOf(secret), values)
}

function placeOf({ kind, metadata }: KubeObject): string {
  const name = metadata.name ?? ''
  return `${kind} ${metadata.namespace === undefined ? name : `${metadata.namespace}/${name}`}`
}

function fieldsOf(object: KubeObject, field: 'data' | 'stringData'): [string, unknown][] {
  const value = (object as unknown as Readonly<Record<string, unknown>>)[field] // any object is a JSON object
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
