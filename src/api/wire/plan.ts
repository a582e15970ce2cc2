// Message tables made ready for the wire: what reading and writing a field needs, looked up once.
import { CapstanError } from '../../base/errors.ts'
import { fieldsOf, type MessageField } from '../../crds/message-table.ts'
import { messageFields } from '../messages.ts'

/** How a value stands on the wire. */
export type WireKind =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'bytes'
  | 'message'
  | 'Time'
  | 'MicroTime'
  | 'IntOrString'
  | 'json'

export interface FieldPlan {
  /** The JSON name. */
  readonly name: string
  /** The name in the .proto file. */
  readonly proto: string
  readonly number: number
  readonly kind: WireKind
  readonly isList: boolean
  readonly isMap: boolean
  /** In JSON the message's fields stand in the parent. */
  readonly isInline: boolean
  /** A message without it is refused, and none is written without it. */
  readonly isRequired: boolean
  /** Zero is told from absent when the field is read. */
  readonly keepsZero: boolean
  /** The plan of a field of kind `message`. */
  readonly message: () => MessagePlan
}

export interface MessagePlan {
  readonly name: string
  readonly byNumber: ReadonlyMap<number, FieldPlan>
  /** The highest number first: the writer works backwards. */
  readonly descending: readonly FieldPlan[]
  readonly required: readonly FieldPlan[]
}

/** The scope of types named in the tables of src/crds: group argoproj.io and what of Kubernetes it holds. */
const RESOURCES = 'v1alpha1'

/** Packages whose .proto files say proto2 and are not made by Kubernetes' generator: every scalar has presence, some are required. */
const PROTO2 = new Set(['application', 'notification'])

const SPECIAL: Readonly<Record<string, WireKind>> = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  bytes: 'bytes',
  Time: 'Time',
  MicroTime: 'MicroTime',
  IntOrString: 'IntOrString',
  JSON: 'json',
  RawExtension: 'json',
  FieldsV1: 'json',
}

/** Derived from constant tables, and kept as long as they are. */
const plans = new Map<string, MessagePlan>()

/**
 * The plan of a message named as in `packageName`: local, `package.Name`, or `v1alpha1.Name`. Throws `internal` where the tables
 * have no such message, which is a mistake in them.
 */
export function planOf(packageName: string, name: string): MessagePlan {
  const scope = scopeOf(packageName, name)
  const local = scope === packageName ? name : name.slice(name.indexOf('.') + 1)
  const key = `${scope}/${local}`
  const known = plans.get(key)
  if (known !== undefined) return known
  const fields = scope === RESOURCES ? fieldsOf(local) : messageFields(scope, local)
  if (fields === undefined) throw new CapstanError('internal', `there is no message ${name} in package ${packageName}`)
  const made = compile(scope, local, fields)
  plans.set(key, made)
  return made
}

function scopeOf(packageName: string, name: string): string {
  if (packageName === RESOURCES || name === 'Empty') return packageName
  // settings.proto names a message with a dot of its own.
  if (messageFields(packageName, name) !== undefined && !name.startsWith(`${RESOURCES}.`)) {
    const isForeign = name.includes('.') && name !== 'oidc.Claim'
    return isForeign ? name.slice(0, name.indexOf('.')) : packageName
  }
  return RESOURCES
}

function compile(scope: string, name: string, fields: Readonly<Record<string, MessageField>>): MessagePlan {
  const all = Object.entries(fields).map(([field, row]) => compileField(scope, field, row))
  return {
    name,
    byNumber: new Map(all.map((field) => [field.number, field])),
    descending: all.toSorted((a, b) => b.number - a.number),
    required: all.filter(({ isRequired }) => isRequired),
  }
}

function compileField(scope: string, name: string, field: MessageField): FieldPlan {
  const kind = SPECIAL[field.type] ?? 'message'
  const isProto2 = PROTO2.has(scope)
  let message: MessagePlan | undefined
  return {
    name,
    proto: field.proto ?? name,
    number: field.number,
    kind,
    isList: field.list === true,
    isMap: field.map === true,
    isInline: field.inline === true,
    isRequired: isProto2 && field.required === true,
    keepsZero: isProto2 || field.required === true || field.pointer === true,
    // Some messages hold themselves, so a plan is looked up when it is first met.
    message: () => (message ??= planOf(scope, field.type)),
  }
}
