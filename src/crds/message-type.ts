// TypeScript types of messages, computed from their tables.
import type { JsonObject, JsonValue, ObjectMeta } from '../kube/object.ts'
import type { MessageName, Messages, ScalarType } from './message-table.ts'

/** What a scalar is in JSON; times are RFC 3339 strings, bytes base64. */
interface ScalarValues extends Record<ScalarType, unknown> {
  readonly string: string
  readonly bool: boolean
  readonly int32: number
  readonly int64: number
  readonly bytes: string
  readonly Time: string
  readonly IntOrString: number | string
  readonly JSON: JsonValue
  readonly RawExtension: JsonObject
  readonly FieldsV1: JsonObject
}

type ValueOf<Type> = Type extends 'ObjectMeta'
  ? ObjectMeta
  : Type extends keyof ScalarValues
    ? ScalarValues[Type]
    : Type extends MessageName
      ? Message<Type>
      : never

type ElementOf<Field> = Field extends { values: readonly (infer Value)[] }
  ? Value
  : Field extends { type: infer Type }
    ? ValueOf<Type>
    : never

type FieldValue<Field> = Field extends { list: true }
  ? readonly ElementOf<Field>[]
  : Field extends { map: true }
    ? Readonly<Record<string, ElementOf<Field>>>
    : ElementOf<Field>

type Plain<Fields> = {
  readonly [Name in keyof Fields as Fields[Name] extends { required: true } ? Name : never]: FieldValue<Fields[Name]>
} & {
  readonly [
    Name in keyof Fields as Fields[Name] extends { required: true } | { inline: true } ? never : Name
  ]?: FieldValue<Fields[Name]>
}

type InlineType<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends { inline: true; type: infer Type } ? Type : never
}[keyof Fields]

type Inlined<Type> = [Type] extends [never] ? unknown : Everything<Type extends MessageName ? [Message<Type>] : never>

/** The intersection of all members of a union, each wrapped so that unions inside stay whole. */
type Everything<Union> = (Union extends [infer Member] ? (member: Member) => void : never) extends (
  whole: infer Whole,
) => void
  ? Whole
  : never

/** The JSON form of a message: readonly, everything optional but what its table calls required. */
export type Message<Name extends MessageName> = Plain<Messages[Name]> & Inlined<InlineType<Messages[Name]>>
