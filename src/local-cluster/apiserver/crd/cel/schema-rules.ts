// The rules of a schema (`x-kubernetes-validations`): compiled once, held against objects (apiextensions `schema/cel`, v0.36.3).
import type { Environment } from '@marcbachmann/cel-js'
import { messageOf } from '../../../../base/errors.ts'
import { deepEqual, fieldOf, isObject } from '../../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { FieldFault } from '../../../kinds/contract.ts'
import { textOf } from '../../json-text.ts'
import { fault, forbiddenValue, invalidValue, requiredValue } from '../../../kinds/validation/faults.ts'
import type { Schema } from '../structural.ts'
import { CostError, CostMeter } from './cost.ts'
import { boundsOf, type Bounds } from './declared-bounds.ts'
import { createLibrary } from './library.ts'
import { MAX_MESSAGE_BYTES, MAX_SCHEMA_DEPTH } from './limits.ts'
import { compileExpression, type Program } from './program.ts'
import { optionalOf } from './register.ts'
import { costOfAll, countBelow, RuleCosts } from './rule-costs.ts'
import { declareType, escapeName, RESOURCE_FIELDS, type CelType } from './values.ts'

const KEY = 'x-kubernetes-validations'

/** One rule, ready to run. */
interface CompiledRule {
  readonly source: JsonObject
  readonly program: Program
  readonly message: Program | undefined
  readonly isOptionalOld: boolean
}

/** A place in a schema with the rules there and below. */
interface RuleNode {
  readonly schema: Schema
  readonly type: CelType | undefined
  readonly rules: readonly CompiledRule[]
  readonly properties: ReadonlyMap<string, RuleNode>
  readonly items: RuleNode | undefined
  readonly additional: RuleNode | undefined
}

/** A fault of a rule itself, for the definition that has it. */
interface RuleFault {
  readonly path: string
  readonly part: 'rule' | 'messageExpression' | 'optionalOldSelf' | 'uncorrelatable' | 'cost' | 'messageCost'
  readonly rule: JsonObject
  readonly text: string
}

/** Receives the text of a warning. */
export type Warn = (text: string) => void

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

interface Running {
  readonly meter: CostMeter
  readonly faults: FieldFault[]
  readonly warn: Warn
}

interface Validation {
  readonly value: JsonValue
  readonly old: JsonValue | undefined
  readonly warn: Warn
}

/** The budget is used up: nothing more is checked. */
class StopError extends Error {}

function runRules(node: RuleNode, { value, old, warn }: Validation): readonly FieldFault[] {
  const running: Running = { meter: new CostMeter(), faults: [], warn }
  try {
    walk(running, node, { path: '', value, old, isKept: keptFrom(value, old, () => false) })
  } catch (error) {
    if (!(error instanceof StopError)) throw error // the fault stands in the list already
  }
  return running.faults
}

interface Checked {
  readonly path: string
  readonly value: JsonValue
  readonly old: JsonValue | undefined
  /** Whether this, or where it cannot be found again what it stands in, did not change (KEP-4008). */
  readonly isKept: () => boolean
}

function keptFrom(value: JsonValue, old: JsonValue | undefined, outer: () => boolean): () => boolean {
  return old === undefined ? outer : () => deepEqual(value, old)
}

function walk(running: Running, node: RuleNode, checked: Checked): void {
  const { value, old, path, isKept } = checked
  if (value === null) return
  runHere(running, node, checked)
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (node.items === undefined) return
      const before = oldItem(node.schema, item, old)
      walk(running, node.items, { path: `${path}[${index}]`, value: item, old: before, isKept: keptFrom(item, before, isKept) }) // prettier-ignore
    }
  } else if (isObject(value)) walkFields(running, node, { path, value, old: isObject(old) ? old : {}, isKept })
}

interface CheckedFields {
  readonly path: string
  readonly value: JsonObject
  readonly old: JsonObject
  readonly isKept: () => boolean
}

function walkFields(running: Running, node: RuleNode, { path, value, old, isKept }: CheckedFields): void {
  for (const [name, child] of Object.entries(value)) {
    const property = node.properties.get(name)
    const below = property ?? node.additional
    if (below === undefined) continue
    const childPath = property === undefined ? `${path}[${name}]` : joined(path, name)
    const before = fieldOf(old, name)
    walk(running, below, { path: childPath, value: child, old: before, isKept: keptFrom(child, before, isKept) })
  }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** Items of a list of type map are found again by their keys, of other lists not at all. */
function oldItem(schema: Schema, item: JsonValue, old: JsonValue | undefined): JsonValue | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return undefined
  const keys = Array.isArray(schema['x-kubernetes-list-map-keys']) ? schema['x-kubernetes-list-map-keys'].map(String) : [] // prettier-ignore
  const keyOf = (one: JsonValue): JsonValue => keys.map((key) => (isObject(one) ? (one[key] ?? null) : null))
  const wanted = keyOf(item)
  return old.find((one) => deepEqual(keyOf(one), wanted))
}

function runHere(running: Running, node: RuleNode, checked: Checked): void {
  const { type, rules } = node
  if (type === undefined || rules.length === 0) return
  const self = type.convert(checked.value)
  const before = checked.old ?? undefined
  const old = before === undefined ? undefined : type.convert(before)
  for (const rule of rules.filter((one) => applies(one, before !== undefined))) {
    const oldSelf = rule.isOptionalOld ? optionalOf(old) : old
    const found = runRule(running, rule, { ...checked, schema: node.schema, variables: { self, oldSelf } })
    if (found === undefined) continue
    // What was wrong before and did not change may stay.
    if (!rule.program.usesOldSelf && checked.isKept()) running.warn(`${found.field}: ${found.message}`)
    else running.faults.push(found)
  }
}

/** Rules about a change need one. */
function applies(rule: CompiledRule, hasOld: boolean): boolean {
  return hasOld || rule.isOptionalOld || !rule.program.usesOldSelf
}

interface RuleRun extends Checked {
  readonly schema: Schema
  readonly variables: Readonly<Record<string, unknown>>
}

/** The fault where a rule says no; what goes wrong meanwhile is noted. */
function runRule(running: Running, rule: CompiledRule, run: RuleRun): FieldFault | undefined {
  const { meter, faults } = running
  meter.begin()
  try {
    return rule.program.run(run.variables, meter) === true ? undefined : ruleFault(meter, rule, run)
  } catch (error) {
    if (!(error instanceof CostError)) {
      faults.push(typeFault(run, `${summaryOf(error)} evaluating rule: ${nameOf(rule.source)}`))
      return undefined
    }
    const text = error.isWhole
      ? 'validation failed due to running out of cost budget, no further validation rules will be run'
      : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${nameOf(rule.source)}`
    faults.push(typeFault(run, text))
    throw new StopError(text)
  }
}

function summaryOf(error: unknown): string {
  const { summary } = error as { readonly summary?: unknown }
  const text = typeof summary === 'string' ? summary : messageOf(error)
  return text.replace(/^No such key: index/, 'index').replace(/^No such key/, 'no such key')
}

/** Faults of running a rule tell the type instead of the value. */
function typeFault({ path, schema }: RuleRun, text: string): FieldFault {
  return invalidValue(path === '' ? '<nil>' : path, textOf(schema['type']), text)
}

function nameOf(rule: JsonObject): string {
  const message = textOf(rule['message'])
  return (message === '' ? textOf(rule['rule']) : message).trim()
}

function ruleFault(meter: CostMeter, rule: CompiledRule, run: RuleRun): FieldFault {
  const { source } = rule
  const path = run.path + fieldPathOf(textOf(source['fieldPath']))
  const field = path === '' ? '<nil>' : path.replace(/^\./, '')
  const message = textOf(source['message'])
  const detail =
    expressed(meter, rule, run) ?? (message === '' ? `failed rule: ${textOf(source['rule']).trim()}` : message.trim())
  const isShown = typeof run.value !== 'object'
  switch (source['reason']) {
    case 'FieldValueForbidden':
      return forbiddenValue(field, detail)
    case 'FieldValueRequired':
      return requiredValue(field, detail)
    case 'FieldValueDuplicate':
      return fault(
        'FieldValueDuplicate',
        field,
        isShown ? `Duplicate value: ${JSON.stringify(run.value)}` : 'Duplicate value',
      )
    default:
      return isShown
        ? invalidValue(field, run.value, detail)
        : fault('FieldValueInvalid', field, `Invalid value: ${detail}`)
  }
}

/** The message of a messageExpression; undefined where it gives none of one line. */
function expressed(meter: CostMeter, { message }: CompiledRule, { variables }: RuleRun): string | undefined {
  if (message === undefined) return undefined
  try {
    const text = message.run(variables, meter)
    if (typeof text !== 'string' || Buffer.byteLength(text) > MAX_MESSAGE_BYTES) return undefined
    const trimmed = text.trim()
    return trimmed === '' || trimmed.includes('\n') ? undefined : trimmed
  } catch (error) {
    if (error instanceof CostError) throw error
    return undefined // upstream falls back to the message, and logs
  }
}

const PATH_STEP = /\.(?<field>[A-Za-z_][\w-]*)|\['(?<quoted>(?:[^'\\]|\\.)*)'\]/g

/** `.a['b.c']` as faults write it. */
function fieldPathOf(path: string): string {
  let text = ''
  for (const { groups } of path.matchAll(PATH_STEP)) {
    const name = groups?.['field'] ?? (groups?.['quoted'] ?? '').replace(/\\(.)/g, '$1')
    text += groups?.['field'] !== undefined || escapeName(name) === name ? `.${name}` : `[${name}]`
  }
  return text
}
