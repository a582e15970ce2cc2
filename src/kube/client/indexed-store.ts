// The objects an informer keeps: by namespace and name, and by the indexes it was given.
import type { KubeObject } from '../object.ts'

/** The values an object is found under in one index. */
export type IndexFunction<T> = (object: T) => readonly string[]

const NOTHING: ReadonlySet<never> = new Set()

/** A map of objects with indexes that are kept up with every change. */
export class IndexedStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>()
  readonly #indexes = new Map<string, Index<T>>()

  /** Adds an index over what is kept now and later; one that exists stays as it is. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return
    const index = new Index(valuesOf)
    for (const object of this.#objects.values()) index.add(object)
    this.#indexes.set(name, index)
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys()
  }

  values(): IterableIterator<T> {
    return this.#objects.values()
  }

  /** Objects under `value`; throws where the index does not exist. */
  byIndex(index: string, value: string): ReadonlySet<T> {
    const found = this.#indexes.get(index)
    if (found === undefined) throw new RangeError(`no index ${index}`)
    return found.get(value)
  }

  set(key: string, object: T): void {
    this.delete(key)
    this.#objects.set(key, object)
    for (const index of this.#indexes.values()) index.add(object)
  }

  delete(key: string): void {
    const object = this.#objects.get(key)
    if (object === undefined) return
    this.#objects.delete(key)
    for (const index of this.#indexes.values()) index.remove(object)
  }
}

class Index<T> {
  readonly #valuesOf: IndexFunction<T>
  readonly #found = new Map<string, Set<T>>()

  constructor(valuesOf: IndexFunction<T>) {
    this.#valuesOf = valuesOf
  }

  get(value: string): ReadonlySet<T> {
    return this.#found.get(value) ?? NOTHING
  }

  add(object: T): void {
    for (const value of this.#valuesOf(object)) {
      const found = this.#found.get(value)
      if (found === undefined) this.#found.set(value, new Set([object]))
      else found.add(object)
    }
  }

  remove(object: T): void {
    for (const value of this.#valuesOf(object)) {
      const found = this.#found.get(value)
      found?.delete(object)
      if (found?.size === 0) this.#found.delete(value)
    }
  }
}

/** How a store names an object: `namespace/name`, `/name` for cluster scope. */
export function storeKey(namespace: string | undefined, name: string | undefined): string {
  return `${namespace ?? ''}/${name ?? ''}`
}
