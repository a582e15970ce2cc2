// How tables of values are laid over each other: files over files, parents over children, users over charts.
import { GoError } from '../../lang/go/error.ts'
import { formatValue, sprintf } from '../../lang/go/print.ts'
import type { GoMap, GoValue } from '../../lang/go/values.ts'
import { deepCopy } from '../../lang/sprig/maps.ts'
import type { Chart } from './chart.ts'

/** `coalesce`: nulls delete what they meet; `merge`: they stay. */
export type MergeMode = 'coalesce' | 'merge'

export interface MergeRules {
  readonly mode: MergeMode
  /** Nulls of charts' own values stay (helm 3). */
  readonly keepsNulls: boolean
  /** Values that were copied for charts with dependencies may be changed: nobody asks for them again, and no two charts share them. */
  readonly usesUp?: boolean
}

/** A copy of `base` with `over` laid on it, tables deep (helm v4.2.1 loader.MergeMaps). */
export function mergeMaps(base: GoMap, over: GoMap): GoMap {
  const merged: GoMap = new Map(base)
  for (const [key, value] of over) {
    const known = merged.get(key)
    merged.set(key, known instanceof Map && value instanceof Map ? mergeMaps(known, value) : value)
  }
  return merged
}

/**
 * The values of a chart with those given laid over its own, and the same for every chart inside it (helm v4.2.1
 * util.CoalesceValues, util.MergeValues). Neither is changed, but charts that may be used up. Throws where a subchart's values are no table.
 */
export function chartValues(chart: Chart, given: GoMap, rules: MergeRules): GoMap {
  const copy = copyMap(given)
  coalesceChart(chart, copy, rules)
  return copy
}

function coalesceChart(chart: Chart, target: GoMap, rules: MergeRules): void {
  coalesceOwn(chart, target, rules)
  for (const inside of chart.dependencies) {
    const { name } = inside.metadata
    const own = target.has(name) ? (target.get(name) ?? null) : new Map<GoValue, GoValue>()
    if (!(own instanceof Map)) throw new GoError(`type mismatch on ${name}: ${sprintf('%t', [own])}`)
    target.set(name, own)
    coalesceGlobals(own, target)
    coalesceChart(inside, own, rules)
  }
}

const GLOBAL = 'global'

/** Lays the parent's globals over the child's. */
function coalesceGlobals(child: GoMap, parent: GoMap): void {
  const target = child.has(GLOBAL) ? child.get(GLOBAL) : new Map<GoValue, GoValue>()
  const source = parent.has(GLOBAL) ? parent.get(GLOBAL) : new Map<GoValue, GoValue>()
  if (!(target instanceof Map) || !(source instanceof Map)) return
  for (const [key, value] of source) {
    const own = target.get(key)
    if (!(value instanceof Map)) {
      if (!(own instanceof Map)) target.set(key, value)
    } else if (own === undefined) {
      target.set(key, new Map(value))
    } else if (own instanceof Map) {
      target.set(key, mergeTables(new Map(value), own, 'merge'))
    }
  }
  child.set(GLOBAL, target)
}

/**
 * Lays what is given over the chart's own values; a null deletes the chart's. The chart's own nulls do not reach the
 * result, but in what a parent says of a chart inside it, where the user says something of that chart too.
 */
function coalesceOwn(chart: Chart, target: GoMap, { mode, keepsNulls, usesUp = false }: MergeRules): void {
  const cleans = mode === 'coalesce' && !keepsNulls
  for (const [key, value] of usesUp ? ownOf(chart) : copyMap(chart.values)) {
    const inner = isSubchart(chart, key) ? 'merge' : mode
    if (cleans && (!target.has(key) || inner === 'coalesce')) dropNullsOf(value)
    if (target.has(key)) layOver(target, { key, value, mode, inner })
    else if (value !== null || !cleans) target.set(key, value)
  }
}

/** Values of charts without dependencies are as they were read, where aliases may share tables. */
function ownOf({ metadata, values }: Chart): GoMap {
  return metadata.dependencies.length > 0 ? values : copyMap(values)
}

interface Default {
  readonly key: GoValue
  readonly value: GoValue
  readonly mode: MergeMode
  /** How tables under the key are laid over each other. */
  readonly inner: MergeMode
}

/** What is given for a key counts; a null given takes the key away, and tables are filled up. */
function layOver(target: GoMap, { key, value, mode, inner }: Default): void {
  const given = target.get(key)
  if (given === null && mode === 'coalesce') target.delete(key)
  else if (given instanceof Map && value instanceof Map) mergeTables(given, value, inner)
}

function isSubchart(chart: Chart, key: GoValue): boolean {
  return chart.dependencies.some(({ metadata }) => metadata.name === key)
}

/**
 * Adds to `target` what it lacks of `source`; `target` is changed and returned, and so are tables inside both. A null
 * of the target reaches the source too, which shows where the source is part of other values (imports).
 */
export function mergeTables(target: GoMap, source: GoMap, mode: MergeMode): GoMap {
  for (const [key, value] of source) {
    const own = target.get(key)
    if (own === undefined) target.set(key, value)
    else if (own === null) {
      source.set(key, null)
      // A null over a null was not meant to delete anything.
      if (mode === 'coalesce' && value !== null) target.delete(key)
    } else if (own instanceof Map && value instanceof Map) mergeTables(own, value, mode)
  }
  return target
}

function dropNullsOf(value: GoValue): void {
  if (value instanceof Map) dropNulls(value)
}

/** Takes nulls out of tables, also those inside. */
export function dropNulls(map: GoMap): void {
  for (const [key, value] of map) {
    if (value === null) map.delete(key)
    else if (value instanceof Map) dropNulls(value)
  }
}

/** A copy that shares nothing with the original. */
export function copyMap(map: GoMap): GoMap {
  const copy = deepCopy(map)
  return copy instanceof Map ? copy : new Map()
}

/** The table at a dotted path; undefined where there is none. */
export function tableAt(values: GoMap, path: string): GoMap | undefined {
  let table: GoValue | undefined = values
  for (const key of path.split('.')) table = table instanceof Map ? table.get(key) : undefined
  return table instanceof Map ? table : undefined
}

/** The value at a dotted path that is no table; undefined where there is none. */
export function scalarAt(values: GoMap, path: string): GoValue | undefined {
  const cut = path.lastIndexOf('.')
  const table = cut < 0 ? values : tableAt(values, path.slice(0, cut))
  const value = table?.get(path.slice(cut + 1))
  return value instanceof Map ? undefined : value
}

/** A value as `%v` prints it, for keys that should be texts. */
export function textOfValue(value: GoValue | undefined): string {
  return formatValue(value ?? null)
}
