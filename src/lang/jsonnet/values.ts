// The values of a running program: JSON's, functions, and everything put off until it is needed.
import { compareText } from '../go/text.ts'
import { RuntimeFault, tooDeep } from './error.ts'
import type { Visibility } from './syntax.ts'

export type Value = null | boolean | number | string | ArrayValue | ObjectValue | FunctionValue

/** Compiled code: the value of a node where its variables are those of `env`. */
export type Code = (env: Env) => Value

/** What is known at one place: variables of one scope, the scopes around, and the object `self` is. */
export class Env {
  readonly parent: Env | undefined
  readonly slots: Thunk[]
  readonly self: ObjectValue | undefined
  /** Which layer of `self` the code stands in: `super` is what lies below. */
  readonly layer: number

  constructor(
    parent: Env | undefined,
    slots: Thunk[],
    self: ObjectValue | undefined = parent?.self,
    layer: number = parent?.layer ?? 0,
  ) {
    this.parent = parent
    this.slots = slots
    this.self = self
    this.layer = layer
  }
}

/** A value that is computed when somebody asks, and once. */
export class Thunk {
  #compute: (() => Value) | undefined
  #value: Value
  #isRunning = false

  private constructor(compute: (() => Value) | undefined, value: Value) {
    this.#compute = compute
    this.#value = value
  }

  static of(value: Value): Thunk {
    return new Thunk(undefined, value)
  }

  static later(compute: () => Value): Thunk {
    return new Thunk(compute, null)
  }

  /** The value. A fault is met again by everyone who asks. Throws where computing it needs itself. */
  force(): Value {
    const compute = this.#compute
    if (compute === undefined) return this.#value
    if (this.#isRunning) throw tooDeep()
    this.#isRunning = true
    try {
      this.#value = compute()
      this.#compute = undefined
    } finally {
      this.#isRunning = false
    }
    return this.#value
  }
}

export class ArrayValue {
  readonly items: readonly Thunk[]

  constructor(items: readonly Thunk[]) {
    this.items = items
  }

  static of(values: readonly Value[]): ArrayValue {
    return new ArrayValue(values.map((value) => Thunk.of(value)))
  }

  static ofLater<T>(list: readonly T[], compute: (item: T, index: number) => Value): ArrayValue {
    return new ArrayValue(list.map((item, index) => Thunk.later(() => compute(item, index))))
  }
}

export interface Field {
  readonly visibility: Visibility
  /** The value in the object `self`, where the field stands in layer number `layer` of it. */
  readonly evaluate: (self: ObjectValue, layer: number) => Value
}

/** What one pair of braces says; shared by all objects that are made of it. */
export interface Layer {
  readonly fields: ReadonlyMap<string, Field>
  /** Each throws where its condition does not hold. */
  readonly asserts: readonly ((self: ObjectValue, layer: number) => void)[]
  /** A name that so many layers below lose for whoever looks from above; `super` down there still finds it. */
  readonly removed?: { readonly name: string; readonly layers: number }
}

type Cached = { readonly value: Value } | 'running'

/** An object: layers of fields, each over what it extends; a field is computed once per object it is asked of. */
export class ObjectValue {
  /** The last one is the outermost: its fields win. */
  readonly layers: readonly Layer[]
  readonly #cache = new Map<string, Cached>()
  readonly #scopes: unknown[] = []
  #asserts: 'unchecked' | 'checked' | 'failed' = 'unchecked'
  #visible: readonly string[] | undefined
  #failure: unknown

  constructor(layers: readonly Layer[]) {
    this.layers = layers
  }

  /** An object of plain fields. */
  static of(values: Iterable<readonly [string, () => Value]>): ObjectValue {
    const fields = new Map<string, Field>()
    for (const [name, evaluate] of values) fields.set(name, { visibility: ':', evaluate })
    return new ObjectValue([{ fields, asserts: [] }])
  }

  /** The field's value, after the object's asserts held. Undefined where there is none. */
  get(name: string): Value | undefined {
    this.checkAsserts()
    return this.fromBelow(name, this.layers.length)
  }

  /** The field as the layers below number `top` have it: what `super` gives. */
  fromBelow(name: string, top: number): Value | undefined {
    const index = this.#layerOf(name, top)
    const field = this.layers[index]?.fields.get(name)
    return field === undefined ? undefined : this.#compute(name, field, index)
  }

  hasBelow(name: string, top: number): boolean {
    return this.#layerOf(name, top) >= 0
  }

  /** The number of the layer whose field wins; negative where there is none. */
  #layerOf(name: string, top: number): number {
    for (let index = top - 1; index >= 0; index--) {
      const layer = this.layers[index]
      if (layer?.fields.has(name) === true) return index
      if (layer?.removed?.name === name) index -= layer.removed.layers
    }
    return -1
  }

  has(name: string, includesHidden: boolean): boolean {
    if (!this.hasBelow(name, this.layers.length)) return false
    return includesHidden || this.isVisible(name)
  }

  isVisible(name: string): boolean {
    for (let index = this.layers.length - 1; index >= 0; index--) {
      const layer = this.layers[index]
      const visibility = layer?.fields.get(name)?.visibility ?? ':'
      if (visibility !== ':') return visibility === ':::'
      if (layer?.removed?.name === name) index -= layer.removed.layers
    }
    return true
  }

  /** Names in the order of their bytes. */
  names(includesHidden: boolean): readonly string[] {
    if (includesHidden) return this.#allNames()
    this.#visible ??= this.#allNames().filter((name) => this.isVisible(name))
    return this.#visible
  }

  #allNames(): string[] {
    const names = new Set<string>()
    for (const { fields } of this.layers) for (const name of fields.keys()) names.add(name)
    const isWhole = this.layers.every(({ removed }) => removed === undefined)
    return [...names].filter((name) => isWhole || this.hasBelow(name, this.layers.length)).toSorted(compareText)
  }

  /** Runs the asserts of all layers, the outermost first, once; one that failed fails again. */
  checkAsserts(): void {
    if (this.#asserts === 'failed') throw this.#failure
    if (this.#asserts === 'checked') return
    // Set before they run: what they look at are fields of this object.
    this.#asserts = 'checked'
    try {
      for (let index = this.layers.length - 1; index >= 0; index--) {
        for (const check of this.layers[index]?.asserts ?? []) check(this, index)
      }
    } catch (error) {
      this.#asserts = 'failed'
      this.#failure = error
      throw error
    }
  }

  /** The scope of a layer's code in this object, made when first needed. */
  scopeOf<T>(layer: number, make: () => T): T {
    // Each layer asks with its own type, and nobody else writes here.
    return (this.#scopes[layer] ??= make()) as T
  }

  #compute(name: string, field: Field, layer: number): Value {
    const key = `${layer} ${name}`
    const cached = this.#cache.get(key)
    if (cached === 'running') throw tooDeep()
    if (cached !== undefined) return cached.value
    this.#cache.set(key, 'running')
    try {
      const value = field.evaluate(this, layer)
      this.#cache.set(key, { value })
      return value
    } catch (error) {
      this.#cache.delete(key)
      throw error
    }
  }
}

/** The fault of a name given twice in one object. */
export function duplicateField(name: string): RuntimeFault {
  return new RuntimeFault(`Duplicate field name: "${name}"`)
}

export interface FunctionParameter {
  readonly name: string
  /** The value of a parameter nobody passed, given the others; undefined where it must be passed. */
  readonly fallback: ((env: Env) => Value) | undefined
}

/** A call in tail position, marked `tailstrict`: the caller makes it once its own frame is gone. */
export class TailCall {
  readonly target: FunctionValue
  readonly slots: Thunk[]

  constructor(target: FunctionValue, slots: Thunk[]) {
    this.target = target
    this.slots = slots
  }
}

export class FunctionValue {
  readonly parameters: readonly FunctionParameter[]
  /** Runs with a slot per parameter, in order. */
  readonly body: (slots: Thunk[]) => Value | TailCall
  /** The scope fallbacks are computed in, given the slots. */
  readonly scope: (slots: Thunk[]) => Env

  constructor(
    parameters: readonly FunctionParameter[],
    body: (slots: Thunk[]) => Value | TailCall,
    scope: (slots: Thunk[]) => Env = (slots) => new Env(undefined, slots),
  ) {
    this.parameters = parameters
    this.body = body
    this.scope = scope
  }
}

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'function'

export function typeOf(value: Value): TypeName {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'number':
      return 'number'
    case 'string':
      return 'string'
    default:
      return value instanceof ArrayValue ? 'array' : value instanceof FunctionValue ? 'function' : 'object'
  }
}

/** The fault of a value of the wrong type (go-jsonnet interpreter.go `typeErrorSpecific`). */
export function wrongType(value: Value, expected?: TypeName): RuntimeFault {
  const wanted = expected === undefined ? '' : `, expected ${expected}`
  return new RuntimeFault(`Unexpected type ${typeOf(value)}${wanted}`)
}

export function asString(value: Value): string {
  if (typeof value !== 'string') throw wrongType(value, 'string')
  return value
}

export function asNumber(value: Value): number {
  if (typeof value !== 'number') throw wrongType(value, 'number')
  return value
}

export function asBoolean(value: Value): boolean {
  if (typeof value !== 'boolean') throw wrongType(value, 'boolean')
  return value
}

export function asArray(value: Value): ArrayValue {
  if (!(value instanceof ArrayValue)) throw wrongType(value, 'array')
  return value
}

export function asObject(value: Value): ObjectValue {
  if (!(value instanceof ObjectValue)) throw wrongType(value, 'object')
  return value
}

export function asFunction(value: Value): FunctionValue {
  if (!(value instanceof FunctionValue)) throw wrongType(value, 'function')
  return value
}

/** A number that can be shown: no operation may give infinity or what is no number. */
export function checkNumber(value: number): number {
  if (Number.isNaN(value)) throw new RuntimeFault('Not a number')
  if (!Number.isFinite(value)) throw new RuntimeFault('Overflow')
  return value
}
