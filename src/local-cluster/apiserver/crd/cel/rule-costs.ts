// What the rules of a definition may cost, each and all together (apiextensions-apiserver v0.36.3 `apis/apiextensions/validation`).
import { formatFloat } from '../../../../lang/go/numbers.ts'
import type { FieldFault } from '../../../kinds/contract.ts'
import { forbiddenValue } from '../../../kinds/validation/faults.ts'
import type { Schema } from '../structural.ts'
import { isObject } from '../../../../kube/json-value.ts'
import { MAX_REQUEST_BYTES, type Bounds } from './declared-bounds.ts'
import { MAX_DEFINITION_ESTIMATE, MAX_RULE_ESTIMATE } from './limits.ts'
import { times } from './size-range.ts'

/** Rules that are named where all together cost too much. */
const NAMED = 4
/** The part of the whole that makes a rule worth naming. */
const WORTH_NAMING: number = MAX_DEFINITION_ESTIMATE / 100

interface RuleCost {
  readonly path: string
  readonly cost: number
}

/** Adds up what the rules of one schema may cost. */
export class RuleCosts {
  #total = 0
  #highest: readonly RuleCost[] = []

  /** Notes an expression; gives what is said of one that costs too much by itself. */
  note(path: string, cost: number): string | undefined {
    this.#total += cost
    if (cost >= WORTH_NAMING) {
      this.#highest = [...this.#highest, { path, cost }].sort((a, b) => b.cost - a.cost).slice(0, NAMED)
    }
    return cost > MAX_RULE_ESTIMATE ? excess(cost, MAX_RULE_ESTIMATE) : undefined
  }

  /** Faults of all rules together; `start` is where the schema stands. */
  totalFaults(start: string): readonly FieldFault[] {
    if (this.#total <= MAX_DEFINITION_ESTIMATE) return []
    const part = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
    const whole = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
    return [
      ...this.#highest.map(({ path }) => forbiddenValue(`${start}${path}`, part)),
      forbiddenValue(start, `${whole} ${excess(this.#total, MAX_DEFINITION_ESTIMATE)}`),
    ]
  }
}

function excess(cost: number, limit: number): string {
  const factor = cost / limit
  const shown = factor > 100 ? 'more than 100' : formatFloat(factor, 'f', factor < 1.5 ? 6 : 1)
  return `exceeds budget by factor of ${shown}x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}

/** The cost of a rule in every place it is held against: as many as are declared, or as fit into a request. */
export function costOfAll(cost: number, count: number | undefined, { minSize }: Bounds): number {
  return times(cost, count ?? Math.floor(MAX_REQUEST_BYTES / (minSize + 1)))
}

/** How many values stand below a schema, of which there are `count`; undefined for no bound. */
export function countBelow(schema: Schema, count: number | undefined): number | undefined {
  const most = mostBelow(schema)
  return count === undefined || most === undefined ? undefined : times(count, most)
}

function mostBelow(schema: Schema): number | undefined {
  if (schema['type'] === 'array') return limitOf(schema['maxItems'])
  return schema['type'] === 'object' && isObject(schema['additionalProperties']) ? limitOf(schema['maxProperties']) : 1
}

function limitOf(limit: unknown): number | undefined {
  return typeof limit === 'number' ? Math.max(0, limit) : undefined
}
