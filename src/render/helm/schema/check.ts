// Holds a value against a JSON schema, drafts 4 to 2020-12, with the texts of the validator helm uses.
import { isDeepStrictEqual } from 'node:util'
import { CapstanError } from '../../../base/errors.ts'
import { checkArray } from './check-array.ts'
import type { Check } from './check-context.ts'
import { checkObject } from './check-object.ts'
import { checkNumber, checkText } from './check-scalar.ts'
import { formatProblem } from './formats.ts'
import { isObject, resolveRef } from './document.ts'
import type { Json, JsonObject, SchemaDocument } from './document.ts'
import { fault, grouped, quoted, referenced, shownNumber } from './fault.ts'
import type { Fault } from './fault.ts'

/** What is wrong with the value; undefined where nothing is. Throws `limit` where it takes more than allowed. */
export function checkValue(document: SchemaDocument, value: Json, limits: CheckLimits): Fault | undefined {
  const check: Check = {
    document,
    steps: limits.steps,
    depth: limits.depth,
    inside: (schema, inner, at) => checkInside(check, schema, { value: inner, at }),
  }
  return check.inside(document.root, value, '')
}

export interface CheckLimits {
  readonly steps: number
  /** Schemas in schemas. */
  readonly depth: number
}

function checkInside(check: Check, schema: Json, subject: Subject): Fault | undefined {
  if (check.steps <= 0 || check.depth <= 0) {
    throw new CapstanError('limit', 'checking values against values.schema.json takes too long')
  }
  Object.assign(check, { steps: check.steps - 1, depth: check.depth - 1 })
  const found = checkSchema(check, schema, subject)
  Object.assign(check, { depth: check.depth + 1 })
  return found
}

/** A value and where it stands. */
export interface Subject {
  readonly value: Json
  readonly at: string
}

function checkSchema(check: Check, schema: Json, subject: Subject): Fault | undefined {
  if (schema === false) return fault(subject.at, 'false schema')
  if (!isObject(schema)) return undefined
  const ref = schema['$ref']
  const hasOnlyRef = typeof ref === 'string' && check.document.draft < 2019
  if (!hasOnlyRef) {
    const wrong = checkType(schema, subject) ?? checkMembership(schema, subject) ?? checkFormat(check, schema, subject)
    if (wrong !== undefined) return wrong
  }
  const faults: (Fault | undefined)[] = []
  if (typeof ref === 'string') {
    faults.push(referenced(check.inside(resolveRef(check.document, ref), subject.value, subject.at)))
  }
  if (!hasOnlyRef) faults.push(...checkByType(check, schema, subject), ...checkCombined(check, schema, subject))
  const found = faults.filter((one) => one !== undefined)
  return grouped(subject.at, found)
}

function checkByType(check: Check, schema: JsonObject, { value, at }: Subject): (Fault | undefined)[] {
  if (typeof value === 'string') return checkText(schema, value, at)
  if (typeof value === 'number') return checkNumber(schema, value, at)
  if (Array.isArray(value)) return checkArray(check, schema, { value: value as readonly Json[], at })
  return isObject(value) ? checkObject(check, schema, { value, at }) : []
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function checkType(schema: JsonObject, { value, at }: Subject): Fault | undefined {
  const { type } = schema
  const types: readonly Json[] = type === undefined ? [] : Array.isArray(type) ? (type as readonly Json[]) : [type]
  if (types.length === 0) return undefined
  const found = typeName(value)
  const isInteger = typeof value === 'number' && Number.isInteger(value)
  if (types.includes(found) || (isInteger && types.includes('integer'))) return undefined
  return fault(at, `got ${found}, want ${orderTypes(types).join(' or ')}`)
}

const TYPE_ORDER: readonly string[] = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']

function orderTypes(types: readonly Json[]): string[] {
  return TYPE_ORDER.filter((type) => types.includes(type))
}

function checkMembership(schema: JsonObject, { value, at }: Subject): Fault | undefined {
  const wanted = schema['const']
  if (wanted !== undefined && !isDeepStrictEqual(value, wanted)) {
    return fault(at, isScalar(wanted) ? `value must be ${shownScalar(wanted)}` : "'const' failed")
  }
  const choices = schema['enum']
  if (!Array.isArray(choices)) return undefined
  const allowed = choices as readonly Json[]
  if (allowed.some((choice) => isDeepStrictEqual(value, choice))) return undefined
  if (!allowed.every(isScalar)) return fault(at, "'enum' failed")
  const shown = allowed.map(shownScalar)
  return fault(at, shown.length === 1 ? `value must be ${shown[0]}` : `value must be one of ${shown.join(', ')}`)
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value === null
}

function shownScalar(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return shownNumber(value)
  return value === null ? '<nil>' : JSON.stringify(value)
}

/** Formats are asserted up to draft 7; later drafts only note them. */
function checkFormat(check: Check, schema: JsonObject, { value, at }: Subject): Fault | undefined {
  const { format } = schema
  if (typeof format !== 'string' || typeof value !== 'string' || check.document.draft >= 2019) return undefined
  const problem = formatProblem(format, value)
  return problem === undefined ? undefined : fault(at, `${quoted(value)} is not valid ${format}: ${problem}`)
}

function checkCombined(check: Check, schema: JsonObject, subject: Subject): (Fault | undefined)[] {
  const { value, at } = subject
  const { not } = schema
  const holds = (one: Json): boolean => check.inside(one, value, at) === undefined
  return [
    not !== undefined && holds(not) ? fault(at, "'not' failed") : undefined,
    checkAllOf(check, schema['allOf'], subject),
    checkAnyOf(check, schema['anyOf'], subject),
    checkOneOf(check, schema['oneOf'], subject),
    checkCondition(check, schema, subject),
  ]
}

type Results = readonly (Fault | undefined)[]

function resultsOf(check: Check, schemas: Json | undefined, { value, at }: Subject): Results {
  return Array.isArray(schemas) ? (schemas as readonly Json[]).map((one) => check.inside(one, value, at)) : []
}

function failed(results: Results): Fault[] {
  return results.filter((result) => result !== undefined)
}

function checkAllOf(check: Check, schemas: Json | undefined, subject: Subject): Fault | undefined {
  const faults = failed(resultsOf(check, schemas, subject))
  return faults.length === 0 ? undefined : fault(subject.at, "'allOf' failed", faults)
}

function checkAnyOf(check: Check, schemas: Json | undefined, subject: Subject): Fault | undefined {
  const results = resultsOf(check, schemas, subject)
  if (results.length === 0 || results.includes(undefined)) return undefined
  return fault(subject.at, "'anyOf' failed", failed(results))
}

function checkOneOf(check: Check, schemas: Json | undefined, subject: Subject): Fault | undefined {
  const results = resultsOf(check, schemas, subject)
  if (results.length === 0) return undefined
  const holding = [...results.keys()].filter((index) => results[index] === undefined)
  if (holding.length === 1) return undefined
  if (holding.length === 0) return fault(subject.at, "'oneOf' failed, none matched", failed(results))
  return fault(subject.at, `'oneOf' failed, subschemas ${holding.slice(0, 2).join(', ')} matched`)
}

function checkCondition(check: Check, schema: JsonObject, { value, at }: Subject): Fault | undefined {
  const condition = schema['if']
  if (condition === undefined) return undefined
  const chosen = check.inside(condition, value, at) === undefined ? schema['then'] : schema['else']
  return chosen === undefined ? undefined : check.inside(chosen, value, at)
}
