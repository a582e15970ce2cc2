// The protobuf messages of Kubernetes: numbers, JSON names and what Go says of each field, as tools/generate-kubernetes-data.ts made them.
import messageTexts from './generated/messages.json' with { type: 'json' }

export type ScalarKind = 'string' | 'bytes' | 'bool' | 'int32' | 'int64' | 'double'

/** One field of a message. */
export interface WireField {
  readonly number: number
  /** Name in JSON; undefined where the struct is inlined: its fields are the message's own in JSON. */
  readonly name: string | undefined
  /** A scalar, or the full name of a message (`io.k8s.api.core.v1.PodSpec`). */
  readonly type: string
  readonly isScalar: boolean
  /** A map from strings to values of `type`. */
  readonly isMap: boolean
  readonly isRepeated: boolean
  /** Absent and zero differ: Go has a pointer. */
  readonly isPointer: boolean
  /** Go writes zero values to JSON too (no `omitempty`). */
  readonly isKept: boolean
}

export interface WireMessage {
  readonly name: string
  readonly byNumber: ReadonlyMap<number, WireField>
}

const SCALARS: ReadonlySet<string> = new Set<ScalarKind>(['string', 'bytes', 'bool', 'int32', 'int64', 'double'])

// One line of text a message: 1,230 parsed tables would cost many times the memory of the few that are used.
const texts: Readonly<Record<string, string>> = messageTexts

/** Tables parsed so far. A cache of what is derived from constant data, so it does not tie processes together. */
const parsed = new Map<string, WireMessage>()

/** A message by the name OpenAPI gives its type; undefined where there is none. */
export function wireMessage(name: string): WireMessage | undefined {
  const known = parsed.get(name)
  if (known !== undefined) return known
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined
  if (text === undefined) return undefined
  const fields = text === '' ? [] : text.split(';').map((line) => parseField(line, name))
  const message = { name, byNumber: new Map(fields.map((field) => [field.number, field])) }
  parsed.set(name, message)
  return message
}

/** `1 name string kp`: number, JSON name or `-`, type (`.X` of the same package, `{X` a map), flags. */
function parseField(line: string, owner: string): WireField {
  const [number = '', name = '', type = '', flags = ''] = line.split(' ')
  const isMap = type.startsWith('{')
  const full = fullName(isMap ? type.slice(1) : type, owner)
  return {
    number: Number(number),
    name: name === '-' ? undefined : name,
    type: full,
    isScalar: SCALARS.has(full),
    isMap,
    isRepeated: flags.includes('r'),
    isPointer: flags.includes('p'),
    isKept: flags.includes('k'),
  }
}

function fullName(type: string, owner: string): string {
  return type.startsWith('.') ? owner.slice(0, owner.lastIndexOf('.')) + type : type
}
