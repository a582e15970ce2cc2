// The rules of a schema (`x-kubernetes-validations`): compiled once, with what is wrong with them (apiextensions `schema/cel`, v0.36.3).
import type { Environment } from '@marcbachmann/cel-js'
import { messageOf } from '../../../../base/errors.ts'
import { isObject } from '../../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { FieldFault } from '../../../kinds/contract.ts'
import { textOf } from '../../json-text.ts'
import { fault, forbiddenValue, invalidValue } from '../../../kinds/validation/faults.ts'
import type { Schema } from '../structural.ts'
import { boundsOf, type Bounds } from './declared-bounds.ts'
import { createLibrary } from './library.ts'
import { MAX_SCHEMA_DEPTH } from './limits.ts'
import { compileExpression, type Program } from './program.ts'
import { costOfAll, countBelow, RuleCosts } from './rule-costs.ts'
import { runRules, type CompiledRule, type RuleNode, type Warn } from './rule-runs.ts'
import { declareType, RESOURCE_FIELDS, type CelType } from './values.ts'

const KEY = 'x-kubernetes-validations'

/** A fault of a rule itself, for the definition that has it. */
interface RuleFault {
  readonly path: string
  readonly part: 'rule' | 'messageExpression' | 'optionalOldSelf' | 'uncorrelatable' | 'cost' | 'messageCost'
  readonly rule: JsonObject
  readonly text: string
}

export interface SchemaRules {
  /** What is wrong with the rules; `path` is where the schema stands in its definition. Where it was there before (`isKnown`), each of its rules may cost what it likes. */
  readonly definitionFaults: (path: string, isKnown?: boolean) => readonly FieldFault[]
  /** What the rules say of an object; `old` on updates. `warn` hears of faults that were there before and may stay. */
  readonly validate: (value: JsonValue, old: JsonValue | undefined, warn?: Warn) => readonly FieldFault[]
}

const COSTS: ReadonlySet<RuleFault['part']> = new Set(['cost', 'messageCost'])

interface Compiling {
  readonly environment: Environment
  readonly faults: RuleFault[]
  readonly costs: RuleCosts
  /** Types need names of their own. */
  next: number
}

interface Place {
  readonly path: string
  readonly depth: number
  /** The list or untyped part in which old values cannot be found again; empty where they can. */
  readonly uncorrelatable: string
  /** How many of these values an object may have; undefined for no bound but the size of a request. */
  readonly count: number | undefined
}

/** Compiles all rules of a schema; faults come with `definitionFaults`, and rules that have some are left out. */
export function compileSchemaRules(schema: Schema): SchemaRules {
  const environment = createLibrary()
  const compiling: Compiling = { environment, faults: [], costs: new RuleCosts(), next: 0 }
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  // Every object has these, and of its metadata its names alone.
  const root = { ...schema, properties: { ...properties, ...RESOURCE_FIELDS } }
  const node = compileNode(compiling, root, { path: '', depth: 0, uncorrelatable: '', count: 1 })
  return {
    definitionFaults: (path, isKnown = false) => [
      ...compiling.faults.filter(({ part }) => !isKnown || !COSTS.has(part)).map((one) => definitionFault(one, path)),
      ...compiling.costs.totalFaults(path),
    ],
    validate: (value, old, warn = () => undefined) => (node === undefined ? [] : runRules(node, { value, old, warn })),
  }
}

function compileNode(compiling: Compiling, schema: Schema, place: Place): RuleNode | undefined {
  if (place.depth > MAX_SCHEMA_DEPTH) return undefined
  const { environment } = compiling
  const sources = Array.isArray(schema[KEY]) ? schema[KEY].filter(isObject) : []
  const below = childNodes(compiling, schema, place)
  if (
    sources.length === 0 &&
    below.properties.size === 0 &&
    below.items === undefined &&
    below.additional === undefined
  )
    return undefined
  if (sources.length === 0) return { schema, type: undefined, rules: [], ...below }
  const own = environment.clone()
  const type = declareType(own, schema, `Self${compiling.next++}`)
  const bounds = boundsOf(schema)
  const rules = type === undefined ? [] : sources.flatMap((source, index) => compileRule(compiling, own, { source, index, type, place, bounds })) // prettier-ignore
  return { schema, type, rules, ...below }
}

function childNodes(
  compiling: Compiling,
  schema: Schema,
  { path, depth, uncorrelatable, count }: Place,
): Pick<RuleNode, 'properties' | 'items' | 'additional'> {
  const found = new Map<string, RuleNode>()
  const most = countBelow(schema, count)
  const below = (child: JsonValue | undefined, step: string, lost = uncorrelatable): RuleNode | undefined =>
    isObject(child)
      ? compileNode(compiling, child, { path: path + step, depth: depth + 1, uncorrelatable: lost, count: most })
      : undefined
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  for (const [name, child] of Object.entries(properties)) {
    const node = below(child, `.properties[${name}]`)
    if (node !== undefined) found.set(name, node)
  }
  const isMap = schema['x-kubernetes-list-type'] === 'map'
  return {
    properties: found,
    items: below(schema['items'], '.items', isMap ? uncorrelatable : path),
    additional: below(schema['additionalProperties'], '.additionalProperties'),
  }
}

interface RuleSource {
  readonly source: JsonObject
  readonly index: number
  readonly type: CelType
  readonly place: Place
  readonly bounds: Bounds | undefined
}

function compileRule(
  compiling: Compiling,
  types: Environment,
  { source, index, type, place, bounds }: RuleSource,
): readonly CompiledRule[] {
  const path = `${place.path}.${KEY}[${index}]`
  const refuse = (part: RuleFault['part'], text: string): readonly CompiledRule[] => {
    compiling.faults.push({ path, part, rule: source, text })
    return []
  }
  const isOptionalOld = source['optionalOldSelf'] === true
  const environment = types.clone()
  environment.registerVariable('self', type.name)
  environment.registerVariable('oldSelf', isOptionalOld ? `optional<${type.name}>` : type.name)
  let program: Program
  try {
    program = compileExpression(environment, textOf(source['rule']))
  } catch (error) {
    return refuse('rule', messageOf(error))
  }
  noteCost(compiling, program, { source, path, place, bounds })
  if (!fitsType(program, 'bool')) return refuse('rule', 'compilation failed: cel expression must evaluate to a bool')
  if (program.usesOldSelf && place.uncorrelatable !== '') return refuse('uncorrelatable', place.uncorrelatable)
  if (!program.usesOldSelf && source['optionalOldSelf'] !== undefined)
    return refuse('optionalOldSelf', 'may not be set if oldSelf is not used in rule')
  const rule = { source, program, message: undefined, isOptionalOld }
  const expression = textOf(source['messageExpression'])
  if (expression === '') return [rule]
  const message = compileMessage(environment, expression)
  if (typeof message === 'string') return refuse('messageExpression', message)
  noteMessageCost(compiling, message, { source, path, place, bounds })
  return [{ ...rule, message }]
}

interface Costing {
  readonly source: JsonObject
  readonly path: string
  readonly place: Place
  readonly bounds: Bounds | undefined
}

/** What a rule may cost in all places of an object together. */
function noteCost({ costs, faults }: Compiling, program: Program, { source, path, place, bounds }: Costing): void {
  if (bounds === undefined) return
  const text = costs.note(`${path}.rule`, costOfAll(program.highestCost(bounds), place.count, bounds))
  if (text !== undefined) faults.push({ path, part: 'cost', rule: source, text: `estimated rule cost ${text}` })
}

/** A message is made once. */
function noteMessageCost({ costs, faults }: Compiling, message: Program, { source, path, bounds }: Costing): void {
  if (bounds === undefined) return
  const text = costs.note(`${path}.messageExpression`, message.highestCost(bounds))
  if (text === undefined) return
  faults.push({ path, part: 'messageCost', rule: source, text: `estimated messageExpression cost ${text}` })
}

/** The program of a message, or what is wrong with it. */
function compileMessage(environment: Environment, expression: string): Program | string {
  try {
    const message = compileExpression(environment, expression)
    return fitsType(message, 'string') ? message : 'messageExpression must evaluate to a string'
  } catch (error) {
    return messageOf(error).replace(/^compilation failed/, 'messageExpression compilation failed')
  }
}

function fitsType({ type }: Program, wanted: string): boolean {
  return type === wanted || type === 'dyn'
}

function definitionFault({ path, part, rule, text }: RuleFault, start: string): FieldFault {
  switch (part) {
    case 'uncorrelatable':
      return invalidValue(
        `${start}${path}.rule`,
        rule['rule'] ?? '',
        `oldSelf cannot be used on the uncorrelatable portion of the schema within ${start}${text}`,
      )
    case 'optionalOldSelf':
      return invalidValue(`${start}${path}.optionalOldSelf`, rule['optionalOldSelf'] ?? false, text)
    case 'cost':
      return forbiddenValue(`${start}${path}.rule`, text)
    case 'messageCost':
      return forbiddenValue(`${start}${path}.messageExpression`, text)
    case 'rule':
    case 'messageExpression':
      return fault('FieldValueInvalid', `${start}${path}.${part}`, `Invalid value: ${internalRule(rule)}: ${text}`)
  }
}

/** A rule as Go prints the internal type, `<`, `>` and `&` escaped. */
function internalRule(rule: JsonObject): string {
  const shown = {
    Rule: rule['rule'] ?? '',
    Message: rule['message'] ?? '',
    MessageExpression: rule['messageExpression'] ?? '',
    Reason: rule['reason'] ?? null,
    FieldPath: rule['fieldPath'] ?? '',
    OptionalOldSelf: rule['optionalOldSelf'] ?? null,
  }
  return JSON.stringify(shown).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
}
