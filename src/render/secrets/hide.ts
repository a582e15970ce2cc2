// Numbers and times that were encrypted: templates compute with them in clear, what was rendered holds names again.
import { Secret } from '../../base/secret.ts'
import { jsonText } from '../../kube/json-digits.ts'
import { isObject } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../kube/object.ts'
import { heldName, heldNumberName, type HeldValues } from './held.ts'

/** A value that stands in clear in an opened file. */
export interface ClearValue {
  /** How templates print it, with the name for each form. */
  readonly forms: readonly (readonly [string, string])[]
  /** Undefined for a time. */
  readonly number: { readonly value: number; readonly name: string } | undefined
}

/** Shorter ones, and switches, occur in every manifest: hiding them would tell more than it hides. */
export const MIN_HIDDEN_LENGTH = 4

/** The value with what stands for it; undefined for one that is too short to be told from others. */
export function clearValue(
  text: string,
  { dataKey, place, isNumber }: { readonly dataKey: Buffer; readonly place: string; readonly isNumber: boolean },
): { readonly clear: ClearValue; readonly held: HeldValues } | undefined {
  if (text.replaceAll(/[^0-9]/g, '').length < MIN_HIDDEN_LENGTH) return undefined
  const texts = isNumber ? [...new Set([text, exponentForm(text)])] : [text]
  const forms = texts.map((form) => [form, heldName(dataKey, place, Buffer.from(form))] as const)
  const held = new Map(forms.map(([form, name]) => [name, new Secret(form)]))
  const number = isNumber ? { value: Number(text), name: heldNumberName(forms[0]?.[1] ?? '') } : undefined
  if (number !== undefined) held.set(number.name, new Secret(text))
  return { clear: { forms, number }, held }
}

/** As Go prints large numbers by itself: `1.2345678e+07`. */
function exponentForm(text: string): string {
  const [digits = '', exponent = '0'] = Number(text).toExponential().split('e')
  return `${digits}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`
}

/** Puts names where the values stand, in the data of Secrets too. Objects without them are the same ones. */
export function hideValues(manifests: readonly KubeObject[], values: readonly ClearValue[]): readonly KubeObject[] {
  if (values.length === 0) return manifests
  const hiding = new Hiding(values)
  return manifests.map((manifest) => hiding.object(manifest))
}

/** Read before anything is filled in: what names an object cannot be hidden. */
const NAMING: ReadonlySet<string> = new Set(['name', 'namespace', 'generateName'])

class Hiding {
  readonly #numbers: ReadonlyMap<number, string>
  readonly #large: ReadonlyMap<string, string>
  readonly #names: ReadonlyMap<string, string>
  readonly #pattern: RegExp

  constructor(values: readonly ClearValue[]) {
    this.#numbers = new Map(values.flatMap(({ number }) => (number === undefined ? [] : [[number.value, number.name]])))
    this.#large = new Map(
      values.flatMap(({ forms, number }) => (number === undefined ? [] : [[forms[0]?.[0] ?? '', number.name]])),
    )
    this.#names = new Map(values.flatMap(({ forms }) => forms))
    // The longest first, none inside a longer number.
    const texts = [...this.#names.keys()].toSorted((a, b) => b.length - a.length)
    this.#pattern = new RegExp(`(?<![0-9])(?:${texts.map((text) => RegExp.escape(text)).join('|')})(?![0-9])`, 'g')
  }

  object(manifest: KubeObject): KubeObject {
    const { apiVersion, kind, metadata, ...rest } = manifest as unknown as JsonObject & KubeObject // any object is JSON
    const isSecret = kind === 'Secret'
    const hidden = this.#fields(rest, (value, key) => {
      return isSecret && key === 'data' && isObject(value) ? this.#encoded(value) : this.#value(value)
    })
    if (!isObject(metadata as unknown as JsonValue)) return manifest
    const meta = this.#fields(metadata as unknown as JsonObject, (value, key) => {
      return NAMING.has(key) ? value : this.#value(value)
    })
    if (hidden === rest && (meta as unknown) === metadata) return manifest
    return { apiVersion, kind, metadata: meta, ...hidden } as unknown as KubeObject // built from one
  }

  #value(value: JsonValue): JsonValue {
    if (typeof value === 'number') return this.#numbers.get(value) ?? value
    // JSON text with more digits than a number holds is read as a bigint, which the type does not say.
    if (typeof (value as unknown) === 'bigint') return this.#large.get(jsonText(value)) ?? value
    if (typeof value === 'string') return this.#text(value)
    if (Array.isArray(value)) {
      const items = value as readonly JsonValue[]
      const hidden = items.map((item) => this.#value(item))
      return hidden.every((item, index) => item === items[index]) ? value : hidden
    }
    return isObject(value) ? this.#fields(value, (one) => this.#value(one)) : value
  }

  #text(text: string): string {
    return text.replaceAll(this.#pattern, (found) => this.#names.get(found) ?? found)
  }

  #encoded(data: JsonObject): JsonObject {
    return this.#fields(data, (value) => {
      if (typeof value !== 'string') return value
      const text = Buffer.from(value, 'base64').toString('utf8')
      const hidden = this.#text(text)
      return hidden === text ? value : Buffer.from(hidden, 'utf8').toString('base64')
    })
  }

  #fields(fields: JsonObject, change: (value: JsonValue, key: string) => JsonValue): JsonObject {
    let hasChanged = false
    const changed = Object.entries(fields).map(([key, value]) => {
      const one = change(value, key)
      if (one !== value) hasChanged = true
      return [key, one] as const
    })
    return hasChanged ? Object.fromEntries(changed) : fields
  }
}
