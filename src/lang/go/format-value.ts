// How fmt prints any value under a verb: lists, maps, structs, pointers, and what a verb cannot print.
import { formatFloatVerb, formatInteger, formatText, hexText, pad } from './format-scalar.ts'
import type { Format } from './format-scalar.ts'
import { limitError } from './error.ts'
import { sortedKeys } from './order.ts'
import { textOfBytes } from './text.ts'
import { bytesOf, elementsOf, GoComplex, GoStruct, GoTyped, integerOf, mapOfValue, targetOf, typeOf } from './values.ts'
import type { GoType, GoValue } from './values.ts'

/** How deep values may nest when printed; a map that holds itself would print forever. */
export const MAX_PRINT_DEPTH = 1000
const POINTER_TEXT = '0xc000000000'

/** One argument of Printf. */
export function formatArgument(format: Format, value: GoValue, verb: string): string {
  if (verb === 'T') return formatText(format, typeOf(value)?.name ?? '<nil>', 's') ?? ''
  if (value === null) return verb === 'v' ? pad(format, '<nil>') : badVerb(format, value, verb)
  if (verb === 'p' && typeof value === 'object' && !(value instanceof GoStruct)) return pad(format, POINTER_TEXT)
  return formatNested(format, value, verb, 0)
}

function formatNested(format: Format, value: GoValue, verb: string, depth: number): string {
  if (depth > MAX_PRINT_DEPTH) throw limitError(`value is nested more than ${MAX_PRINT_DEPTH} levels deep`)
  const own = ownText(format, value, verb)
  if (own !== undefined) return own
  const scalar = formatScalar(format, value, verb)
  return scalar ?? formatComposite(format, value, verb, depth)
}

/** What the value's own String() or Error() gives, for the verbs that use it. */
function ownText(format: Format, value: GoValue, verb: string): string | undefined {
  if (format.sharpV || !'vsxXq'.includes(verb)) return undefined
  if (!(value instanceof GoTyped || value instanceof GoStruct)) return undefined
  const text = value.type.text?.(value)
  return text === undefined ? undefined : formatText(format, text, verb)
}

function formatScalar(format: Format, value: GoValue, verb: string): string | undefined {
  switch (typeof value) {
    case 'string':
      return formatText(format, value, verb) ?? badVerb(format, value, verb)
    case 'number':
      return formatFloatVerb(format, value, verb) ?? badVerb(format, value, verb)
    case 'bigint':
      return formatInteger(format, value, verb, false) ?? badVerb(format, value, verb)
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(format, String(value)) : badVerb(format, value, verb)
    default:
      return formatTypedScalar(format, value, verb)
  }
}

function formatTypedScalar(format: Format, value: GoValue, verb: string): string | undefined {
  if (value instanceof GoComplex) return formatComplex(format, value, verb)
  if (!(value instanceof GoTyped)) return undefined
  const integer = integerOf(value)
  if (integer !== undefined) {
    return formatInteger(format, integer, verb, value.type.kind.startsWith('u')) ?? badVerb(format, value, verb)
  }
  const inner = value.value
  if (typeof inner !== 'string' && typeof inner !== 'number' && typeof inner !== 'boolean') return undefined
  return formatScalar(format, inner, verb)
}

function formatComplex(format: Format, value: GoComplex, verb: string): string {
  const real = formatFloatVerb(format, value.real, verb)
  const imaginary = formatFloatVerb({ ...format, plus: true }, value.imaginary, verb)
  return real === undefined || imaginary === undefined ? badVerb(format, value, verb) : `(${real}${imaginary}i)`
}

/** `%!d(string=x)`: the verb does not fit the value. Width and flags apply inside. */
function badVerb(format: Format, value: GoValue, verb: string): string {
  if (value === null) return `%!${verb}(<nil>)`
  return `%!${verb}(${typeOf(value)?.name ?? ''}=${formatNested(format, value, 'v', 0)})`
}

function formatComposite(format: Format, value: GoValue, verb: string, depth: number): string {
  const map = mapOfValue(value)
  if (map !== undefined) return formatMap(format, value, verb, depth)
  const bytes = bytesOf(value)
  if (bytes !== undefined) return formatBytes(format, value, bytes, verb)
  const elements = elementsOf(value)
  if (elements !== undefined) return formatList(format, value, elements, { verb, depth })
  if (value instanceof GoStruct) return formatStruct(format, value, verb, depth)
  return formatPointer(format, value, verb, depth)
}

function formatMap(format: Format, value: GoValue, verb: string, depth: number): string {
  const type = typeOf(value)
  const map = mapOfValue(value) ?? new Map<GoValue, GoValue>()
  if (format.sharpV && value instanceof GoTyped && value.value === null) return `${type?.name}(nil)`
  const entries = sortedKeys(map).map((key) => {
    const keyText = formatElement(format, key, type?.key, { verb, depth })
    return `${keyText}:${formatElement(format, map.get(key) ?? null, type?.elem, { verb, depth })}`
  })
  return format.sharpV ? `${type?.name}{${entries.join(', ')}}` : `map[${entries.join(' ')}]`
}

interface Place {
  readonly verb: string
  readonly depth: number
}

function formatList(format: Format, value: GoValue, elements: readonly GoValue[], place: Place): string {
  const type = typeOf(value)
  if (format.sharpV && value instanceof GoTyped && value.value === null) return `${type?.name}(nil)`
  const texts = elements.map((element) => formatElement(format, element, type?.elem, place))
  return format.sharpV ? `${type?.name}{${texts.join(', ')}}` : `[${texts.join(' ')}]`
}

function formatElement(format: Format, value: GoValue, type: GoType | undefined, place: Place): string {
  if (value === null) return format.sharpV ? `${type?.name ?? 'interface {}'}(nil)` : '<nil>'
  return formatNested(format, value, place.verb, place.depth + 1)
}

function formatBytes(format: Format, value: GoValue, bytes: Uint8Array, verb: string): string {
  if (verb === 'x' || verb === 'X') return hexText(format, bytes, verb)
  if (verb === 's' || verb === 'q') return formatText(format, textOfBytes(bytes), verb) ?? ''
  if (format.sharpV) {
    const hex = Array.from(bytes, (byte) => `0x${byte.toString(16)}`)
    return `${typeOf(value)?.name.replace('[]uint8', '[]byte')}{${hex.join(', ')}}`
  }
  const texts = Array.from(bytes, (byte) => formatInteger(format, BigInt(byte), verb, true) ?? '')
  return texts.includes('') ? badVerb(format, value, verb) : `[${texts.join(' ')}]`
}

function formatStruct(format: Format, value: GoStruct, verb: string, depth: number): string {
  const isNamed = format.plusV || format.sharpV
  const fields = [...value.fields].map(([name, field]) => {
    const type = value.type.fields?.find((candidate) => candidate.name === name)?.type
    const text = formatElement(format, field, type, { verb, depth })
    return isNamed ? `${name}:${text}` : text
  })
  return format.sharpV ? `${value.type.name}{${fields.join(', ')}}` : `{${fields.join(' ')}}`
}

function formatPointer(format: Format, value: GoValue, verb: string, depth: number): string {
  const target = targetOf(value)
  const isNil = value instanceof GoTyped && value.value === null
  if (target !== undefined && target !== null && depth === 0 && typeof target === 'object') {
    return `&${formatNested(format, target, verb, depth + 1)}`
  }
  if (verb !== 'v' && verb !== 'p') return badVerb(format, value, verb)
  if (format.sharpV) return `(${typeOf(value)?.name})(${isNil ? 'nil' : POINTER_TEXT})`
  return pad(format, isNil ? '<nil>' : POINTER_TEXT)
}
