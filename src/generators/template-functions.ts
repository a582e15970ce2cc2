// The functions of ApplicationSet templates: Sprig's, less those that look outside, and upstream's own.
import { randomBytes } from 'node:crypto'
import { CapstanError } from '../base/errors.ts'
import { GoError } from '../lang/go/error.ts'
import { goValueOf, jsonOf } from '../lang/go/json.ts'
import { ANY, GoFunction, STRING, stringOf, typeOf } from '../lang/go/values.ts'
import type { GoValue } from '../lang/go/values.ts'
import { sprigFunctions } from '../lang/sprig/functions.ts'
import { CONVERSION_PREFIX } from '../lang/yaml/error.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { stringifyYaml } from '../lang/yaml/write.ts'
import { DEFAULT_SLUG, makeSlug, sanitizeName } from './names.ts'

/** By name; `env`, `expandenv` and `getHostByName` are not among them (argo-cd v3.5.1 `applicationset/utils/utils.go`). */
export function templateFunctions(nowMs: () => number): ReadonlyMap<string, GoFunction> {
  const functions = sprigFunctions({ random: (count) => randomBytes(count), nowMs, timeZone: 'UTC' })
  functions.delete('getHostByName')
  functions.set('normalize', new GoFunction([STRING], ([name]) => sanitizeName(textOf(name))))
  functions.set('slugify', new GoFunction([ANY], slugify, true))
  functions.set('toYaml', new GoFunction([ANY], ([value = null]) => toYaml(value)))
  functions.set('fromYaml', new GoFunction([STRING], ([text]) => fromYaml(textOf(text), 'object')))
  functions.set('fromYamlArray', new GoFunction([STRING], ([text]) => fromYaml(textOf(text), 'array')))
  return functions
}

/** The executor has checked that it is one. */
function textOf(value: GoValue | undefined): string {
  return stringOf(value ?? null) ?? ''
}

/** `slugify [max] [smart] name`; arguments of another type are Go's panic. */
function slugify(args: readonly GoValue[]): GoValue {
  const name = args.at(-1) ?? ''
  if (typeof name !== 'string') throw notOfType(name, 'string')
  const [maxLength, isSmart] = args.slice(0, -1)
  if (maxLength !== undefined && typeof maxLength !== 'bigint') throw notOfType(maxLength, 'int')
  if (isSmart !== undefined && typeof isSmart !== 'boolean') throw notOfType(isSmart, 'bool')
  return makeSlug(sanitizeName(name), {
    maxLength: maxLength === undefined ? DEFAULT_SLUG.maxLength : Number(maxLength),
    isSmart: isSmart ?? DEFAULT_SLUG.isSmart,
  })
}

function notOfType(value: GoValue, wanted: string): GoError {
  const type = typeOf(value)?.name ?? 'nil'
  return new GoError(`interface conversion: interface {} is ${type}, not ${wanted}`)
}

function toYaml(value: GoValue): string {
  return stringifyYaml(jsonOf(value)).replace(/\n$/, '')
}

const GO_TYPES = { object: 'map[string]interface {}', array: '[]interface {}' } as const

function fromYaml(text: string, shape: 'object' | 'array'): GoValue {
  const json = parsed(text)
  if (json === null) return shape === 'object' ? new Map<GoValue, GoValue>() : []
  const kind = Array.isArray(json) ? 'array' : typeof json
  if (kind === shape) return goValueOf(json)
  throw new GoError(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind === 'boolean' ? 'bool' : kind} into Go value of type ${GO_TYPES[shape]}`,
  )
}

function parsed(text: string): ReturnType<typeof parseYaml> {
  try {
    return parseYaml(text)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new GoError(CONVERSION_PREFIX + error.message.replace(CONVERSION_PREFIX, ''), { cause: error })
  }
}
