// The values a text becomes: plain JSON, safe keys, exact integers.

export type YamlValue = null | boolean | number | string | YamlValue[] | YamlObject
export interface YamlObject {
  [key: string]: YamlValue
}

export interface YamlOptions {
  /**
   * Integers beyond 2^53: `float` (default) rounds them as Helm's values do; `exact` keeps those of 64 bits as
   * `JSON.rawJSON` values (`{ rawJSON: '9007199254740993' }`), which `JSON.stringify` prints digit by digit.
   * Such a value does not survive structured cloning: hand documents with them to a worker as JSON text.
   */
  readonly bigIntegers?: 'float' | 'exact'
  /** A key that comes again: the later one wins (default), or it is an error that names all of them, as strict decoding has it. */
  readonly duplicateKeys?: 'last' | 'error'
}

/** Sets a key that may be `__proto__`: it becomes an own property, as JSON.parse makes it. */
export function setOwn(object: YamlObject, key: string, value: YamlValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    // eslint-disable-next-line no-param-reassign -- filling the object is what the function is for
    object[key] = value
  }
}

const MAX_INT64 = 2n ** 63n - 1n

/** An integer beyond 2^53 as JSON: Kubernetes decodes int64 exactly and rounds what is larger. */
export function jsonNumber(value: bigint, mode: YamlOptions['bigIntegers']): YamlValue {
  if (mode !== 'exact' || value > MAX_INT64) return Number(value)
  return rawJson.rawJSON(String(value)) as unknown as YamlObject // at run time an object with one text field
}

/** The digits of an integer that was kept exact, undefined for any other value. */
export function exactDigits(value: unknown): string | undefined {
  return rawJson.isRawJSON(value) ? JSON.stringify(value) : undefined
}

// The compiler's library does not know these two yet; the pinned Node has them.
const rawJson: { rawJSON(text: string): unknown; isRawJSON(value: unknown): boolean } = JSON as never
