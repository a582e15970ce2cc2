// Zeros of Go's types of Kubernetes: which are not written, and what is written where nothing is set.
import type { JsonObject, JsonValue } from '../kube/object.ts'
import type { WireField } from '../kube/protobuf/wire-table.ts'
import { goFields, isPlainValue, SPECIAL } from './go-fields.ts'

/** True for a zero that Go leaves out of a field. */
export function isOmittedZero(value: JsonValue, field: WireField | undefined): boolean {
  if (value !== '' && value !== 0 && value !== false) return false
  return field !== undefined && field.isScalar && isPlainValue(field) && !field.isKept
}

/** A struct nobody has set, as Go writes it: structs inside it, and fields without `omitempty`. */
export function zeroStruct(definition: string): JsonObject {
  const written: Record<string, JsonValue> = {}
  for (const [name, field] of goFields(definition) ?? []) {
    const zero = zeroOf(field)
    if (zero !== undefined) written[name] = zero
  }
  return written
}

/** Undefined where Go writes nothing. */
export function zeroOf(field: WireField): JsonValue | undefined {
  if (!isPlainValue(field)) return field.isKept ? null : undefined
  if (field.isScalar) return field.isKept ? zeroScalar(field.type) : undefined
  switch (field.type) {
    case SPECIAL.quantity:
      return '0'
    case SPECIAL.intOrString:
      return 0
    case SPECIAL.duration:
      return '0s'
    case SPECIAL.time:
      // The one time that Go leaves out (`omitzero`), and the one that is no pointer in many places.
      return field.name === 'creationTimestamp' ? undefined : null
    case SPECIAL.microTime:
    case SPECIAL.raw:
    case SPECIAL.fields:
      return null
    default:
      return zeroStruct(field.type)
  }
}

function zeroScalar(type: string): JsonValue {
  if (type === 'string') return ''
  if (type === 'bytes') return null
  return type === 'bool' ? false : 0
}
