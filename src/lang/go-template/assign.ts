// Which values and constants a parameter of a type takes, and Go's words for those it does not.
import { GoComplex, GoTyped, isIntegerKind, targetOf, typeOf } from '../go/values.ts'
import type { GoType, GoValue } from '../go/values.ts'
import type { BoolNode, NumberNode, StringNode } from './nodes.ts'
import { nodeText } from './node-text.ts'
import { fault } from './run.ts'
import type { Evaluated, Run } from './run.ts'

/** The value as the parameter gets it (a named map as its plain one); throws where its type does not fit. */
export function assignValue(run: Run, value: Evaluated, type: GoType): GoValue {
  if (value === undefined) {
    if (canBeNil(type)) return null
    throw fault(run, `invalid value; expected ${type.name}`)
  }
  if (takesAnything(type)) return value
  if (value === null) throw fault(run, `wrong type for value; expected ${type.name}; got interface {}`)
  const assigned = assignTyped(value, type)
  if (assigned !== undefined) return assigned
  const target = typeOf(value)
  if (target?.kind === 'ptr' && target.elem?.name === type.name) {
    const pointed = targetOf(value)
    if (pointed === undefined) throw fault(run, `dereference of nil pointer of type ${type.name}`)
    return pointed
  }
  throw fault(run, `wrong type for value; expected ${type.name}; got ${target?.name}`)
}

/** A value for a type it is assignable to, else undefined (reflect's AssignableTo). */
export function assignTyped(value: GoValue, type: GoType): GoValue | undefined {
  const own = typeOf(value)
  if (own === undefined) return undefined
  if (own === type || own.name === type.name) return value
  if (type.kind === 'func' && own.kind === 'func') return value
  if (!hasSameForm(own, type)) return undefined
  return value instanceof GoTyped ? withoutName(value, type) : new GoTyped(type, value)
}

/** A named list or map type and the plain one with the same elements. */
function hasSameForm(own: GoType, type: GoType): boolean {
  if (own.kind !== type.kind || (own.isNamed === true) === (type.isNamed === true)) return false
  return own.elem !== undefined && own.elem.name === type.elem?.name && own.key?.name === type.key?.name
}

function withoutName(value: GoTyped, type: GoType): GoValue {
  const inner = value.value
  const isPlain = (inner instanceof Map || Array.isArray(inner)) && type.elem?.kind === 'interface'
  return isPlain ? inner : new GoTyped(type, inner)
}

/** True for parameter types that nil can be passed to. */
export function canBeNil(type: GoType): boolean {
  return takesAnything(type) || ['slice', 'map', 'ptr', 'func'].includes(type.kind)
}

function takesAnything(type: GoType): boolean {
  return type.kind === 'interface' || type.name === 'reflect.Value'
}

/** A constant as the parameter's type; throws `expected integer; found "x"` where it is of another kind. */
export function assignConstant(run: Run, node: BoolNode | NumberNode | StringNode, type: GoType): GoValue {
  if (takesAnything(type)) return constantValue(run, node)
  const { kind } = type
  if (kind === 'string') {
    if (node.kind === 'string') return node.text
    throw fault(run, `expected string; found ${nodeText(node)}`)
  }
  if (kind === 'bool') {
    if (node.kind === 'bool') return node.value
    throw fault(run, `expected bool; found ${nodeText(node)}`)
  }
  if (isIntegerKind(kind)) return integerConstant(run, node, type)
  if (kind === 'float64' || kind === 'complex128') return floatConstant(run, node, kind)
  throw fault(run, `can't handle ${nodeText(node)} for arg of type ${type.name}`)
}

function constantValue(run: Run, node: BoolNode | NumberNode | StringNode): GoValue {
  if (node.kind === 'string') return node.text
  return node.kind === 'bool' ? node.value : idealConstant(run, node)
}

function integerConstant(run: Run, node: BoolNode | NumberNode | StringNode, type: GoType): GoValue {
  const isUnsigned = type.kind.startsWith('u')
  const integer = node.kind === 'number' ? (isUnsigned ? node.uint : node.int) : undefined
  if (integer === undefined) {
    throw fault(run, `expected ${isUnsigned ? 'unsigned integer' : 'integer'}; found ${nodeText(node)}`)
  }
  return type.kind === 'int' ? integer : new GoTyped(type, integer)
}

function floatConstant(run: Run, node: BoolNode | NumberNode | StringNode, kind: 'float64' | 'complex128'): GoValue {
  const number = node.kind === 'number' ? node : undefined
  if (kind === 'float64') {
    if (number?.float !== undefined) return number.float
    throw fault(run, `expected float; found ${nodeText(node)}`)
  }
  if (number?.complex !== undefined) return number.complex
  if (number?.float !== undefined) return new GoComplex(number.float, 0)
  throw fault(run, `expected complex; found ${nodeText(node)}`)
}

/** The value of a constant where no type is asked for: an int if it is one, else a float. */
export function idealConstant(run: Run, node: NumberNode): GoValue {
  if (node.complex !== undefined) return node.complex
  const isHexInteger = /^0[xX]/.test(node.text) && !/[pP]/.test(node.text)
  const isFloatText = !isHexInteger && !node.text.startsWith("'") && /[.eEpP]/.test(node.text)
  if (node.float !== undefined && isFloatText) return node.float
  if (node.int !== undefined) return node.int
  throw fault(run, `${node.text} overflows int`)
}
