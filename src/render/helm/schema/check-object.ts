// What schemas ask of objects.
import type { Check } from './check-context.ts'
import { checkCounts, matchesPattern } from './check-scalar.ts'
import { isObject } from './document.ts'
import type { Json, JsonObject } from './document.ts'
import { fault, quoted } from './fault.ts'
import type { Fault } from './fault.ts'

export interface ObjectSubject {
  readonly value: JsonObject
  readonly at: string
}

export function checkObject(check: Check, schema: JsonObject, subject: ObjectSubject): (Fault | undefined)[] {
  const { value, at } = subject
  return [
    ...checkCounts(schema, { count: Object.keys(value).length, at }, ['minProperties', 'maxProperties']),
    checkRequired(schema['required'], subject),
    ...checkDependencies(check, schema, subject),
    ...checkProperties(check, schema, subject),
    ...checkNames(check, schema['propertyNames'], subject),
  ]
}

function listOf(names: readonly string[]): string {
  return names.map(quoted).join(', ')
}

function textsOf(value: Json | undefined): string[] {
  const items: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : []
  return items.filter((item) => typeof item === 'string')
}

function checkRequired(required: Json | undefined, { value, at }: ObjectSubject): Fault | undefined {
  const missing = textsOf(required).filter((name) => !Object.hasOwn(value, name))
  if (missing.length === 0) return undefined
  return fault(at, `missing ${missing.length === 1 ? 'property' : 'properties'} ${listOf(missing)}`)
}

/** `dependencies` of older drafts, `dependentRequired` and `dependentSchemas` of newer ones. */
function checkDependencies(check: Check, schema: JsonObject, subject: ObjectSubject): (Fault | undefined)[] {
  const found: (Fault | undefined)[] = []
  for (const keyword of ['dependencies', 'dependentRequired', 'dependentSchemas']) {
    const table = schema[keyword]
    if (!isObject(table)) continue
    for (const [name, wanted] of Object.entries(table)) {
      if (Object.hasOwn(subject.value, name)) found.push(checkDependency(check, { name, wanted }, subject))
    }
  }
  return found
}

interface Dependency {
  readonly name: string
  readonly wanted: Json
}

function checkDependency(check: Check, { name, wanted }: Dependency, { value, at }: ObjectSubject): Fault | undefined {
  if (!Array.isArray(wanted)) return check.inside(wanted, value, at)
  const missing = textsOf(wanted).filter((other) => !Object.hasOwn(value, other))
  return missing.length === 0
    ? undefined
    : fault(at, `properties ${listOf(missing)} required, if ${quoted(name)} exists`)
}

function checkProperties(check: Check, schema: JsonObject, { value, at }: ObjectSubject): (Fault | undefined)[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const patterns = isObject(schema['patternProperties']) ? Object.entries(schema['patternProperties']) : []
  const others = schema['additionalProperties']
  const found: (Fault | undefined)[] = []
  const additional: string[] = []
  for (const [name, item] of Object.entries(value)) {
    const schemas = patterns.filter(([pattern]) => matchesPattern(pattern, name)).map(([, inside]) => inside)
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (own !== undefined) schemas.push(own)
    if (schemas.length === 0 && others !== undefined) {
      if (others === false) additional.push(name)
      else schemas.push(others)
    }
    for (const inside of schemas) found.push(check.inside(inside, item, `${at}/${escaped(name)}`))
  }
  if (additional.length > 0) found.push(fault(at, `additional properties ${listOf(additional)} not allowed`))
  return found
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The original gives these faults no place. */
function checkNames(check: Check, schema: Json | undefined, { value }: ObjectSubject): (Fault | undefined)[] {
  if (schema === undefined) return []
  return Object.keys(value).map((name) => {
    const wrong = check.inside(schema, name, '')
    return wrong === undefined ? undefined : fault('', `invalid propertyName ${quoted(name)}`, [wrong])
  })
}
