// The functions only a chart's templates have: include, tpl, required, fail, lookup.
import { GoError } from '../../lang/go/error.ts'
import { quoteText } from '../../lang/go/quote.ts'
import { goValueOf } from '../../lang/go/json.ts'
import { ANY, GoFunction, int64, STRING } from '../../lang/go/values.ts'
import type { GoValue } from '../../lang/go/values.ts'
import { executeTemplate } from '../../lang/go-template/execute.ts'
import type { Budget, ExecuteOptions } from '../../lang/go-template/run.ts'
import { findTemplate, overlayTemplateSet } from '../../lang/go-template/template-set.ts'
import type { TemplateSet } from '../../lang/go-template/template-set.ts'
import { messageOf } from '../../base/errors.ts'
import { textAt, valueAt } from '../../lang/sprig/define.ts'
import { MAX_INCLUDE_DEPTH, MAX_TPL_DEPTH } from './limits.ts'
import type { TemplateCache } from './template-cache.ts'

/** What the functions of one rendering share. */
export interface FunctionScope {
  readonly set: TemplateSet
  /** All functions without those made here. */
  readonly base: ReadonlyMap<string, GoFunction>
  readonly budget: Budget
  readonly cache: TemplateCache
  /** How often each name is being included right now. */
  readonly including: Map<string, number>
  readonly tplDepth: number
}

/** `required` and `fail` mark their texts so that the outermost error finds them (helm v4.2.1 pkg/engine). */
export const WARNING_START = 'HELM_ERR_START'
export const WARNING_END = 'HELM_ERR_END'

/** The name under which `tpl` texts run; errors show it. */
const TPL_NAME = 'gotpl'

/** All functions for templates of the scope's set. */
export function chartFunctions(scope: FunctionScope): ReadonlyMap<string, GoFunction> {
  const functions = new Map(scope.base)
  const inner: InnerScope = { ...scope, functions }
  functions.set('include', new GoFunction([STRING, ANY], (args) => include(inner, textAt(args, 0), valueAt(args, 1))))
  functions.set('tpl', new GoFunction([STRING, ANY], (args) => tpl(inner, textAt(args, 0), valueAt(args, 1))))
  return functions
}

/** The names that templates may call although Sprig has them not. */
export const CHART_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map([
  ['required', new GoFunction([STRING, ANY], (args) => required(textAt(args, 0), valueAt(args, 1)))],
  ['fail', new GoFunction([STRING], (args) => fail(textAt(args, 0)))],
  // There is no cluster to look in: every lookup finds nothing, as with helm template.
  ['lookup', new GoFunction([STRING, STRING, STRING, STRING], () => new Map<GoValue, GoValue>())],
])

/** An object, or with an empty name a list of them. */
export interface LookUpQuery {
  readonly apiVersion: string
  readonly kind: string
  /** Empty: all namespaces, or none. */
  readonly namespace: string
  readonly name: string
}

/** JSON of what the cluster has; an empty object where it has nothing. */
export type LookUp = (query: LookUpQuery) => unknown

/** `lookup` against a cluster (helm v4.2.1 pkg/engine/lookup_func.go). */
export function lookUpFunction(lookUp: LookUp): GoFunction {
  return new GoFunction([STRING, STRING, STRING, STRING], (args) => {
    const [apiVersion, kind, namespace, name] = [0, 1, 2, 3].map((index) => textAt(args, index))
    if (apiVersion === undefined || kind === undefined || namespace === undefined || name === undefined) return null
    return liveValueOf(lookUp({ apiVersion, kind, namespace, name }))
  })
}

/** Integers of live objects are int64, unlike those of values. */
function liveValueOf(json: unknown): GoValue {
  if (typeof json === 'bigint') return int64(json)
  if (typeof json === 'number') return Number.isSafeInteger(json) ? int64(BigInt(json)) : json
  if (Array.isArray(json)) return json.map(liveValueOf)
  if (typeof json !== 'object' || json === null) return goValueOf(json)
  return new Map<GoValue, GoValue>(Object.entries(json).map(([key, value]) => [key, liveValueOf(value)]))
}

interface InnerScope extends FunctionScope {
  readonly functions: ReadonlyMap<string, GoFunction>
}

function run(scope: InnerScope, set: TemplateSet, name: string, data: GoValue): string {
  const options: ExecuteOptions = { missingKey: 'zero', budget: scope.budget }
  return executeTemplate(set, name, { data, functions: scope.functions, options })
}

function include(scope: InnerScope, name: string, data: GoValue): string {
  const depth = scope.including.get(name) ?? 0
  if (depth > MAX_INCLUDE_DEPTH) {
    throw new GoError(`rendering template has a nested reference name: ${name}: unable to execute template`)
  }
  if (findTemplate(scope.set, name) === undefined) {
    throw new GoError(`template: no template ${quoteText(name)} associated with template "${TPL_NAME}"`)
  }
  scope.including.set(name, depth + 1)
  try {
    return run(scope, scope.set, name, data)
  } finally {
    scope.including.set(name, depth)
  }
}

/** Runs a text as a template; what it defines is gone afterwards. */
function tpl(scope: InnerScope, text: string, data: GoValue): string {
  if (!text.includes('{{')) return text.replaceAll('<no value>', '')
  if (scope.tplDepth >= MAX_TPL_DEPTH) {
    throw new GoError(`tpl runs more than ${MAX_TPL_DEPTH} times inside itself`, { code: 'limit' })
  }
  const set = overlayTemplateSet(scope.set)
  try {
    scope.cache.addText(set, TPL_NAME, { key: text, text })
  } catch (error) {
    throw new GoError(`cannot parse template ${quoteText(text)}: ${messageOf(error)}`, { cause: error })
  }
  const inner = { ...scope, set, tplDepth: scope.tplDepth + 1 }
  try {
    return run({ ...inner, functions: chartFunctions(inner) }, set, TPL_NAME, data).replaceAll('<no value>', '')
  } catch (error) {
    const reason = `error during tpl function execution for ${quoteText(text)}: ${messageOf(error)}`
    throw new GoError(reason, { cause: error })
  }
}

function required(message: string, value: GoValue): GoValue {
  if (value === null || value === '') throw new GoError(WARNING_START + message + WARNING_END)
  return value
}

function fail(message: string): GoValue {
  throw new GoError(WARNING_START + message + WARNING_END)
}
