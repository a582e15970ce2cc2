// Times of Kubernetes: RFC 3339 text in JSON, seconds and nanoseconds on the wire.
import { CapstanError } from '../../base/errors.ts'
import { malformed } from '../../kube/protobuf/wire-reader.ts'

/** Go's zero time, which is what an unset time is. */
const ZERO_SECONDS = -62_135_596_800

export interface WireTime {
  readonly seconds: number
  readonly nanos: number
}

/** Reads RFC 3339 text. Throws `internal` for other text: times are written by this program alone. */
export function timeOf(text: string): WireTime {
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) throw new CapstanError('internal', `${JSON.stringify(text)} is no RFC 3339 time`)
  const dot = text.indexOf('.')
  const fraction = dot < 0 ? '' : (/^\d{1,9}/.exec(text.slice(dot + 1))?.[0] ?? '')
  return { seconds: Math.floor(milliseconds / 1000), nanos: fraction === '' ? 0 : Number(fraction.padEnd(9, '0')) }
}

/** RFC 3339 text with `digits` of the second's fraction; undefined for the zero time. */
export function textOfTime({ seconds, nanos }: WireTime, digits: 0 | 6): string | undefined {
  if ((seconds === 0 && nanos === 0) || seconds === ZERO_SECONDS) return undefined
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) throw malformed('a time is out of range')
  const text = date.toISOString().replace(/\.\d+Z$/, '')
  if (digits === 0) return `${text}Z`
  return `${text}.${String(Math.trunc(nanos / 1000)).padStart(digits, '0')}Z`
}
