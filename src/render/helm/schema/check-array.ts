// What schemas ask of arrays.
import { isDeepStrictEqual } from 'node:util'
import type { Check } from './check-context.ts'
import { checkCounts } from './check-scalar.ts'
import type { Json, JsonObject } from './document.ts'
import { fault } from './fault.ts'
import type { Fault } from './fault.ts'

export interface ArraySubject {
  readonly value: readonly Json[]
  readonly at: string
}

export function checkArray(check: Check, schema: JsonObject, subject: ArraySubject): (Fault | undefined)[] {
  const { value, at } = subject
  return [
    ...checkCounts(schema, { count: value.length, at }, ['minItems', 'maxItems']),
    schema['uniqueItems'] === true ? checkUnique(subject) : undefined,
    ...checkItems(check, schema, subject),
    checkContains(check, schema, subject),
  ]
}

function checkUnique({ value, at }: ArraySubject): Fault | undefined {
  const seen = new Map<string, number[]>()
  for (const [index, item] of value.entries()) {
    // Equal values have texts of equal length, so only few are compared.
    const key = `${typeof item}${JSON.stringify(item).length}`
    const others = seen.get(key) ?? []
    const same = others.find((other) => isDeepStrictEqual(value[other], item))
    if (same !== undefined) return fault(at, `items at ${same} and ${index} are equal`)
    others.push(index)
    seen.set(key, others)
  }
  return undefined
}

/** Fixed places first (`prefixItems`, or a list of `items` in older drafts), then the rest. */
function checkItems(check: Check, schema: JsonObject, { value, at }: ArraySubject): (Fault | undefined)[] {
  const { items } = schema
  const isOld = Array.isArray(items)
  const places = isOld ? (items as readonly Json[]) : (schema['prefixItems'] as readonly Json[] | undefined)
  const fixed = Array.isArray(places) ? places : []
  const rest = isOld ? schema['additionalItems'] : items
  const more = value.length - fixed.length
  if (isOld && rest === false && more > 0) {
    const faults = fixed.map((place, index) => check.inside(place, value[index] ?? null, `${at}/${index}`))
    return [...faults, fault(at, `last ${more} additionalItem(s) not allowed`)]
  }
  return value.map((item, index) => {
    const isFixed = index < fixed.length
    const own = isFixed ? fixed[index] : rest
    // Behind prefixItems the original counts from 0 again.
    const shown = isFixed || isOld ? index : index - fixed.length
    return own === undefined ? undefined : check.inside(own, item, `${at}/${shown}`)
  })
}

function checkContains(check: Check, schema: JsonObject, { value, at }: ArraySubject): Fault | undefined {
  const { contains } = schema
  if (contains === undefined) return undefined
  const results = value.map((item, index) => check.inside(contains, item, `${at}/${index}`))
  const matched = [...results.keys()].filter((index) => results[index] === undefined)
  const least = schema['minContains']
  const most = schema['maxContains']
  const shown = `matched ${matched.length} items at [${matched.join(' ')}]`
  if (typeof least === 'number' && matched.length < least) {
    const found = matched.length === 0 ? 'none matched' : shown
    return fault(at, `min ${least} items required to match contains schema, but ${found}`)
  }
  if (typeof most === 'number' && matched.length > most) {
    return fault(at, `max ${most} items required to match contains schema, but ${shown}`)
  }
  if (matched.length > 0 || least === 0) return undefined
  return fault(
    at,
    'no items match contains schema',
    results.filter((result) => result !== undefined),
  )
}
