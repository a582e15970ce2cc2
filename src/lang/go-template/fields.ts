// Finds what `.name` means on a value: a method, a struct's field, a map's entry.
import { GoFunction, GoStruct, GoTyped, mapOfValue, typeOf, zeroValue } from '../go/values.ts'
import type { GoMap, GoType, GoValue } from '../go/values.ts'
import { fault } from './run.ts'
import type { Evaluated, Run } from './run.ts'

/** A method found on a value: still to be called. */
export class BoundMethod {
  readonly target: GoFunction

  constructor(target: GoFunction) {
    this.target = target
  }
}

/** The value of `.name` on the receiver, or its method of that name. Sets `run.isBoxed` for what it returns. */
export function lookUpField(
  run: Run,
  receiver: Evaluated,
  name: string,
  hasArguments: boolean,
): Evaluated | BoundMethod {
  if (receiver instanceof Map) return mapEntry({ run, name, hasArguments, elem: undefined }, receiver)
  if (receiver === undefined) {
    if (run.missingKey === 'error') throw fault(run, `nil data; no entry for key "${name}"`)
    return undefined
  }
  if (receiver === null) throw fault(run, `nil pointer evaluating interface {}.${name}`)
  const method = methodOf(receiver, name)
  if (method !== undefined) return new BoundMethod(method)
  return fieldOf(run, receiver, name, hasArguments)
}

function fieldOf(run: Run, receiver: GoValue, name: string, hasArguments: boolean): Evaluated {
  const typeName = run.isBoxed ? 'interface {}' : typeOf(receiver)?.name
  const value = pointedAt(receiver)
  const lookUp = { run, name, hasArguments }
  if (value instanceof GoStruct) {
    const owner = ownerOf(value, name)
    if (owner !== undefined) return structField(lookUp, owner, typeName)
  } else if (value === undefined) {
    if (mayHaveField(typeOf(receiver), name)) throw fault(run, `nil pointer evaluating ${typeName}.${name}`)
  } else {
    const map = mapOfValue(value)
    const type = typeOf(value)
    if (map !== undefined && takesTextKeys(type)) return mapEntry({ ...lookUp, elem: type?.elem }, map)
  }
  throw fault(run, `can't evaluate field ${name} in type ${typeName}`)
}

interface LookUp {
  readonly run: Run
  readonly name: string
  readonly hasArguments: boolean
}

function takesTextKeys(type: GoType | undefined): boolean {
  return type?.key === undefined || type.key.name === 'string' || type.key.kind === 'interface'
}

/** The value behind pointers; undefined behind a nil pointer. */
function pointedAt(receiver: GoValue): GoValue | undefined {
  let value = receiver
  while (value instanceof GoTyped && value.type.kind === 'ptr') {
    if (value.value === null || value.value instanceof Uint8Array) return undefined
    value = value.value
  }
  return value
}

function hasField(type: GoType, name: string): boolean {
  return type.fields?.some((field) => field.name === name) === true
}

/** The struct that has a field: this one, or one embedded in it. */
function ownerOf(struct: GoStruct, name: string): GoStruct | undefined {
  if (hasField(struct.type, name)) return struct
  for (const field of struct.type.fields ?? []) {
    const inner = field.isEmbedded === true ? struct.fields.get(field.name) : undefined
    const owner = inner instanceof GoStruct ? ownerOf(inner, name) : undefined
    if (owner !== undefined) return owner
  }
  return undefined
}

function mayHaveField(type: GoType | undefined, name: string): boolean {
  return type?.elem?.kind !== 'struct' || hasField(type.elem, name)
}

/** An entry; a missing one is nothing, the zero value or an error, as `missingKey` says. */
function mapEntry(lookUp: LookUp & { readonly elem: GoType | undefined }, map: GoMap): Evaluated {
  const { run, name, elem } = lookUp
  if (lookUp.hasArguments) throw fault(run, `${name} is not a method but has arguments`)
  run.isBoxed = elem === undefined || elem.kind === 'interface'
  const value = map.get(name)
  if (value !== undefined) return value
  if (run.missingKey === 'error') throw fault(run, `map has no entry for key "${name}"`)
  if (run.missingKey === 'default') return undefined
  return elem === undefined ? null : zeroValue(elem)
}

function structField(lookUp: LookUp, struct: GoStruct, typeName: string | undefined): Evaluated {
  const { run, name } = lookUp
  if (!/^\p{Lu}/u.test(name)) throw fault(run, `${name} is an unexported field of struct type ${typeName}`)
  if (lookUp.hasArguments) throw fault(run, `${name} has arguments but cannot be invoked as function`)
  const type = struct.type.fields?.find((field) => field.name === name)?.type
  run.isBoxed = type?.kind === 'interface'
  return struct.fields.get(name) ?? (type === undefined ? null : zeroValue(type))
}

function methodOf(receiver: GoValue, name: string): GoFunction | undefined {
  const methods = typeOf(receiver)?.methods
  if (methods === undefined || !Object.hasOwn(methods, name)) return undefined
  const method = methods[name]
  if (method === undefined) return undefined
  return new GoFunction(method.params, (args) => method.call(receiver, args), method.variadic === true)
}
