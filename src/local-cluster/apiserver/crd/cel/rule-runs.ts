// Holds compiled rules of a schema against objects: where which rule runs, what it costs, what it says (apiextensions `schema/cel`, v0.36.3).
import { messageOf } from '../../../../base/errors.ts'
import { deepEqual, fieldOf, isObject } from '../../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { FieldFault } from '../../../kinds/contract.ts'
import { fault, forbiddenValue, invalidValue, requiredValue } from '../../../kinds/validation/faults.ts'
import { textOf } from '../../json-text.ts'
import type { Schema } from '../structural.ts'
import { CostError, CostMeter } from './cost.ts'
import { MAX_MESSAGE_BYTES } from './limits.ts'
import type { Program } from './program.ts'
import { optionalOf } from './register.ts'
import { escapeName, type CelType } from './values.ts'

/** One rule, ready to run. */
export interface CompiledRule {
  readonly source: JsonObject
  readonly program: Program
  readonly message: Program | undefined
  readonly isOptionalOld: boolean
}

/** A place in a schema with the rules there and below. */
export interface RuleNode {
  readonly schema: Schema
  readonly type: CelType | undefined
  readonly rules: readonly CompiledRule[]
  readonly properties: ReadonlyMap<string, RuleNode>
  readonly items: RuleNode | undefined
  readonly additional: RuleNode | undefined
}

/** Receives the text of a warning. */
export type Warn = (text: string) => void

interface Running {
  readonly meter: CostMeter
  readonly faults: FieldFault[]
  readonly warn: Warn
}

export interface Validation {
  readonly value: JsonValue
  readonly old: JsonValue | undefined
  readonly warn: Warn
}

/** The budget is used up: nothing more is checked. */
class StopError extends Error {}

/** What the rules of a node and below say of a value, in the order of its parts. */
export function runRules(node: RuleNode, { value, old, warn }: Validation): readonly FieldFault[] {
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
    if (node.items === undefined) return
    const oldItemOf = oldItems(node.schema, old)
    for (const [index, item] of value.entries()) {
      const before = oldItemOf(item)
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
function oldItems(schema: Schema, old: JsonValue | undefined): (item: JsonValue) => JsonValue | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return () => undefined
  const listKeys = schema['x-kubernetes-list-map-keys']
  const keys = Array.isArray(listKeys) ? listKeys.map(String) : []
  const keyOf = (one: JsonValue): string =>
    JSON.stringify(keys.map((key) => (isObject(one) ? (one[key] ?? null) : null)))
  // The first of several with the same keys counts.
  const known = new Map(old.toReversed().map((one) => [keyOf(one), one]))
  return (item) => known.get(keyOf(item))
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
