// How the fields of a message are written, worked out once a message: the tables of wire-table.ts in the order of writing.
import { CapstanError } from '../../base/errors.ts'
import { specialType, type SpecialType } from './special-types.ts'
import { wireMessage, type WireField, type WireMessage } from './wire-table.ts'

/** A field with all that writing it needs. */
export interface FieldPlan extends WireField {
  /** Go writes the field even where it is empty: it is no pointer, list, map or slice of bytes. */
  readonly isAlways: boolean
  readonly special: SpecialType | undefined
  /** The value of a map's entry, as a field of the entry's message. */
  readonly entry: FieldPlan | undefined
  /** The plan of the field's message; throws `internal` for scalars. */
  readonly message: () => MessagePlan
}

export interface MessagePlan {
  readonly descending: readonly FieldPlan[]
}

/** Derived from constant tables, and kept as long as they are. */
const plans = new WeakMap<WireMessage, MessagePlan>()

/** The plan of a message. */
export function planOf(message: WireMessage): MessagePlan {
  const known = plans.get(message)
  if (known !== undefined) return known
  const descending = [...message.byNumber.values()].sort((a, b) => b.number - a.number).map(fieldPlan)
  const made = { descending }
  plans.set(message, made)
  return made
}

function fieldPlan(field: WireField): FieldPlan {
  let plan: MessagePlan | undefined
  return {
    ...field,
    isAlways: !field.isMap && !field.isRepeated && !field.isPointer && field.type !== 'bytes',
    special: field.isScalar ? undefined : specialType(field.type),
    entry: field.isMap ? fieldPlan({ ...field, number: 2, isMap: false }) : undefined,
    // Schemas hold schemas, so a message is looked up when it is first met.
    message: () => (plan ??= planOf(messageOf(field))),
  }
}

function messageOf({ type }: WireField): WireMessage {
  const message = wireMessage(type)
  if (message === undefined) throw new CapstanError('internal', `there is no message ${type}`)
  return message
}
