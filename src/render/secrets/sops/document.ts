// A SOPS file as its authentication code sees it: values in the order of the text, each as the bytes that are hashed.

export type LeafType = 'str' | 'int' | 'float' | 'bool' | 'time' | 'bytes' | 'comment' | 'null'

/** A value; `bytes` are what SOPS hashes and encrypts of it (sops v3.13.3 ToBytes): `True`, `42`, RFC 3339, UTF-8. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly type: LeafType
  readonly bytes: Buffer
}

export interface Entry {
  readonly key: string
  readonly value: Node
}

/** Keys in the order of the text. */
export interface Branch {
  readonly kind: 'map'
  readonly entries: readonly Entry[]
}

export interface List {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export type Node = Leaf | Branch | List

export type Format = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary'

/** The format by the name of a file (sops v3.13.3 formats.FormatForPath). */
export function formatOf(path: string): Format {
  if (/\.ya?ml$/.test(path)) return 'yaml'
  if (path.endsWith('.json')) return 'json'
  if (path.endsWith('.env')) return 'dotenv'
  return path.endsWith('.ini') ? 'ini' : 'binary'
}

export function leaf(type: LeafType, text: string | Buffer): Leaf {
  return { kind: 'leaf', type, bytes: typeof text === 'string' ? Buffer.from(text, 'utf8') : text }
}

/** A float as Go's strconv.FormatFloat(x, 'f', -1, 64) prints it: no exponent, the fewest digits. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const text = Object.is(value, -0) ? '-0' : String(value)
  const match = /^(?<sign>-?)(?<whole>\d+)(?:\.(?<fraction>\d+))?e(?<exponent>[+-]\d+)$/.exec(text)
  if (match?.groups === undefined) return text
  const { sign = '', whole = '', fraction = '', exponent = '0' } = match.groups
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}
