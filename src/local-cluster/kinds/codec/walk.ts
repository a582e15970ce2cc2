// Where a decoding stands, and the words of Go's decoder for what it met there.
import type { JsonValue } from '../../../kube/object.ts'

/** A field of a struct (with the embedded struct it comes from before it), a position in a list, or a key of a map. */
export type Step = string | number | { readonly key: string } | { readonly embedded: string }

/** One is made for every object and handed down. */
export interface Walk {
  readonly path: Step[]
  readonly unknown: string[]
  /** Name of the struct whose field is being read. */
  struct: string
  error: string | undefined
  /** Whole numbers beyond 32 bits lose what does not fit. */
  readonly wraps: boolean
  /** Where empty lists stand that are written even so. */
  readonly keptEmpty: (readonly (string | number)[])[]
}

/** Notes an empty list that is written. */
export function noteKept(walk: Walk): void {
  const steps = walk.path.flatMap((step) => (typeof step === 'object' ? ('key' in step ? [step.key] : []) : [step]))
  walk.keptEmpty.push(steps)
}

/** The real server reports no more unknown fields than this (sigs.k8s.io/json). */
const MAX_UNKNOWN = 100

/** Notes a field the struct does not have. */
export function reportUnknown(walk: Walk, key: string): void {
  if (walk.unknown.length >= MAX_UNKNOWN) return
  const path = pathText(walk.path)
  walk.unknown.push(`unknown field "${path === '' ? key : `${path}.${key}`}"`)
}

/** Notes the first value whose type Go cannot store, in encoding/json's words; struct fields are named, list positions and map keys are not. */
export function reportType(walk: Walk, value: JsonValue, goType: string): void {
  reportError(
    walk,
    `json: cannot unmarshal ${jsonTypeOf(value, goType)} into Go struct field ${walk.struct}.${fieldStack(walk)} of type ${goType}`,
  )
}

/** Notes any other error; Go goes on reading and tells the first. */
export function reportError(walk: Walk, text: string): void {
  if (walk.error === undefined) Object.assign(walk, { error: text })
}

function fieldStack(walk: Walk): string {
  return walk.path.flatMap((step) => (typeof step === 'number' ? [] : nameOf(step))).join('.')
}

function nameOf(step: Exclude<Step, number>): readonly string[] {
  if (typeof step === 'string') return [step]
  return 'embedded' in step ? [step.embedded] : []
}

function jsonTypeOf(value: JsonValue, goType: string): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return /^u?int/.test(goType) ? `number ${value}` : 'number'
  return typeof value
}

/** `spec.containers[0].ports` */
function pathText(path: readonly Step[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (typeof step === 'string' || 'key' in step)
      text += `${text === '' ? '' : '.'}${typeof step === 'string' ? step : step.key}`
  }
  return text
}
