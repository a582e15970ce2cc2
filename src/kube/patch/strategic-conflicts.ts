// Whether two strategic merge patches contradict each other (apimachinery v0.36.3 `MergingMapsHaveConflicts`).
import { deepEqual, fieldOf, isList, isObject } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import type { TypeSchema } from '../schema/schema.ts'
import { deduplicate, sortScalars, type Items } from './strategic-lists.ts'
import {
  DIRECTIVE,
  goText,
  itemKind,
  mergeKeyOf,
  planForList,
  planForObject,
  RETAIN_KEYS,
  type FieldPlan,
} from './strategic-schema.ts'

const NO_PLAN = { strategy: '', mergeKey: '', retainKeys: false } as const

/** True where both patches set the same thing to different values. */
export function haveConflicts(left: JsonObject, right: JsonObject, schema: TypeSchema | undefined): boolean {
  return valuesConflict(left, right, { ...NO_PLAN, schema })
}

function valuesConflict(left: JsonValue, right: JsonValue, plan: FieldPlan): boolean {
  if (isObject(left)) return !isObject(right) || objectsConflict(left, right, plan)
  if (isList(left)) return !isList(right) || listsConflict(left, right, plan)
  return !deepEqual(left, right)
}

function objectsConflict(left: JsonObject, right: JsonObject, plan: FieldPlan): boolean {
  if (fieldOf(left, DIRECTIVE) !== fieldOf(right, DIRECTIVE)) return true
  if (plan.strategy === 'replace') return false
  return Object.entries(left).some(([key, value]) => {
    const other = fieldOf(right, key)
    if (other === undefined || key === DIRECTIVE || key === RETAIN_KEYS) return false
    return valuesConflict(value, other, planFor(plan.schema, key, value))
  })
}

function planFor(schema: TypeSchema | undefined, key: string, value: JsonValue): FieldPlan {
  if (isList(value)) return planForList(schema, key)
  return isObject(value) ? planForObject(schema, key) : { ...NO_PLAN, schema: undefined }
}

function listsConflict(left: Items, right: Items, plan: FieldPlan): boolean {
  const kind = itemKind(left, right)
  if (kind === undefined) return true
  const inner = { ...NO_PLAN, schema: plan.schema }
  if (plan.strategy === 'merge') return kind === 'object' && mergingListsConflict(left, right, plan)
  if (left.length !== right.length) return true
  const [a, b] = kind === 'object' ? [left, right] : [sortScalars(deduplicate(left)), sortScalars(deduplicate(right))]
  return a.some((item, index) => valuesConflict(item, b[index] ?? null, inner))
}

function mergingListsConflict(left: Items, right: Items, plan: FieldPlan): boolean {
  const others = new Map(right.map((item) => [goText(mergeKeyOf(item, plan.mergeKey)), item]))
  return left.some((item) => {
    const other = others.get(goText(mergeKeyOf(item, plan.mergeKey)))
    return other !== undefined && valuesConflict(item, other, { ...NO_PLAN, schema: plan.schema })
  })
}
