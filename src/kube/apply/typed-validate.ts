// Whether a value fits its type (structured-merge-diff v6 `typed/validate.go`).
import { goValueOf } from '../../lang/go/json.ts'
import { sprintf } from '../../lang/go/print.ts'
import { isList, isObject } from '../json-value.ts'
import type { JsonValue } from '../object.ts'
import { variantOf, type ApplyType, type ListType, type MapType, type ScalarType } from './apply-type.ts'
import { elementOf } from './list-element.ts'
import { fieldElement, formatElement, type PathElement } from './path-element.ts'
import { faultAt, TypedError } from './typed-error.ts'

interface Validation {
  readonly allowDuplicates: boolean
  readonly faults: string[]
  /** Steps from the root to here; pushed and popped on the way. */
  readonly path: PathElement[]
}

/** Throws `TypedError` with every fault: unknown fields, wrong kinds, items without or with the same key. */
export function validateTyped(
  value: JsonValue | undefined,
  type: ApplyType,
  options: { readonly allowDuplicates: boolean },
): void {
  const validation: Validation = { ...options, faults: [], path: [] }
  validate(value ?? null, type, validation)
  if (validation.faults.length > 0) throw new TypedError(validation.faults)
}

function validate(value: JsonValue, type: ApplyType, validation: Validation): void {
  switch (variantOf(type, value)) {
    case 'map':
      if (type.map !== undefined) validateMap(value, type.map, validation)
      break
    case 'list':
      if (type.list !== undefined) validateList(value, type.list, validation)
      break
    case 'scalar': {
      const fault = scalarFault(type.scalar ?? 'untyped', value)
      if (fault !== undefined) addFault(validation, fault)
    }
  }
}

/** What is wrong with a scalar; undefined where nothing is. Null fits every type. */
export function scalarFault(type: ScalarType, value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  const kind = typeof value
  const isNumber = kind === 'number' || kind === 'bigint'
  switch (type) {
    case 'numeric':
      return isNumber ? undefined : `expected numeric (int or float), got ${goType(value)}`
    case 'string':
      return kind === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goText('%#v', value)}}`
    case 'boolean':
      return kind === 'boolean' ? undefined : `expected boolean, got &{${goText('%v', value)}}`
    case 'untyped':
      return kind === 'object' ? `expected any scalar, got &{${goText('%v', value)}}` : undefined
  }
}

/** A value as fmt prints it: fault texts hold what Go keeps values in. */
function goText(format: '%v' | '%#v', value: JsonValue): string {
  const exact = typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
  return sprintf(format, [goValueOf(exact)])
}

function goType(value: JsonValue): string {
  if (isObject(value)) return 'map[string]interface {}'
  if (isList(value)) return '[]interface {}'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function validateMap(value: JsonValue, type: MapType, validation: Validation): void {
  if (value === null) return
  if (!isObject(value)) {
    addFault(validation, `expected map, got &{${goText('%v', value)}}`)
    return
  }
  for (const name in value) {
    validation.path.push(fieldElement(name))
    const inner = type.field(name) ?? type.element
    if (inner === undefined) addFault(validation, 'field not declared in schema')
    else validate(value[name] ?? null, inner, validation)
    validation.path.pop()
  }
}

function addFault({ faults, path }: Validation, text: string): void {
  faults.push(faultAt(path, text))
}

function validateList(value: JsonValue, type: ListType, validation: Validation): void {
  if (value === null) return
  if (!isList(value)) {
    addFault(validation, `expected list, got &{${goText('%v', value)}}`)
    return
  }
  const seen = new Set<string>()
  for (const [index, item] of value.entries()) {
    const element = type.isAtomic ? `i:${index}` : elementOf(type, item)
    if (typeof element !== 'string') {
      addFault(validation, `element ${index}: ${element.reason}`)
      return
    }
    if (seen.has(element) && !validation.allowDuplicates) {
      addFault(validation, `duplicate entries for key ${formatElement(element)}`)
    }
    seen.add(element)
    validation.path.push(element)
    validate(item, type.element, validation)
    validation.path.pop()
  }
}
