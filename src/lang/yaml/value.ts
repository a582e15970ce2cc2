// The values a text becomes: plain JSON, safe keys, exact integers.

export type YamlValue = null | boolean | number | string | YamlValue[] | YamlObject
export interface YamlObject {
  [key: string]: YamlValue
}

export interface YamlOptions {
  /**
   * Integers beyond 2^53: `float` (default) rounds them as Helm's values do; `exact` keeps those of 64 bits as
   * bigint, which counts as a number in every JSON value; `JSON.stringify` refuses it, the writer here prints it.
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
  return value as unknown as number // the convention above: a type of its own would be met by every reader of JSON
}
