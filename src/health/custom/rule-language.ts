// The words in which health rules of custom resources are written: tests of fields and conditions, and verdicts with texts.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { isObject, objectsIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** Judges an object; undefined where it has nothing to say. */
export type Assess = (object: KubeObject) => Health | undefined
export type Test = (object: KubeObject) => boolean
/**
 * A health and its text. In texts `{status.phase}` stands for a field of the object, `{.message}` for one of the condition at hand,
 * `{kind|none}` for a field with a word where it is absent.
 */
export type Verdict = readonly [status: HealthStatusCode, text?: string]
/** `Ready=False:Failed`: type, value and reason of a condition, `*` for any; the reason may be left out. */
export type ConditionClause = readonly [match: string, ...verdict: Verdict]
/** Keys down to a field: `status.phase`, or a list where a key holds a dot. */
export type Path = string | readonly string[]

/** The first step that has something to say, else the verdict. */
export function rule(otherwise: Verdict, ...steps: readonly Assess[]): Assess {
  const last = sayer(otherwise)
  return (object) => {
    for (const step of steps) {
      const health = step(object)
      if (health !== undefined) return health
    }
    return last(object)
  }
}

/** A verdict where all tests hold. */
export function when(tests: Test | readonly Test[], ...verdict: Verdict): Assess {
  const all = typeof tests === 'function' ? [tests] : tests
  const say = sayer(verdict)
  return (object) => (all.every((holds) => holds(object)) ? say(object) : undefined)
}

/** The verdict for the word in a field; absent words and others are left to the next step. */
export function word(path: Path, verdicts: Readonly<Record<string, Verdict>>): Assess {
  const keys = keysOf(path)
  const sayers = new Map(Object.entries(verdicts).map(([name, verdict]) => [name, sayer(verdict)]))
  return (object) => {
    const value = valueAt(object, keys)
    return typeof value === 'string' ? sayers.get(value)?.(object) : undefined
  }
}

/** Goes through the conditions in their order; the first that a clause fits decides. */
export function conditions(...clauses: readonly ConditionClause[]): Assess {
  const parsed = clauses.map(([match, ...verdict]) => ({ matches: conditionTest(match), say: sayer(verdict) }))
  return (object) => {
    for (const condition of conditionsOf(object)) {
      for (const { matches, say } of parsed) if (matches(condition)) return say(object, condition)
    }
    return undefined
  }
}

/** One step or another, as the test says. */
export function choose(test: Test, then: Assess, otherwise: Assess): Assess {
  return (object) => (test(object) ? then : otherwise)(object)
}

/** Takes the clauses in their order; the first that fits any condition decides. */
export function clausesInOrder(...clauses: readonly ConditionClause[]): Assess {
  const steps = clauses.map((clause) => conditions(clause))
  return (object) => {
    for (const step of steps) {
      const health = step(object)
      if (health !== undefined) return health
    }
    return undefined
  }
}

/** True where the field has one of the values; `undefined` among them stands for an absent field. */
export function is(path: Path, ...values: readonly unknown[]): Test {
  const keys = keysOf(path)
  return (object) => values.includes(valueAt(object, keys))
}

/** True where the field is there, whatever it holds. */
export function has(path: Path): Test {
  return not(lacks(path))
}

/** True where the field is absent or null. */
export function lacks(path: Path): Test {
  return is(path, undefined)
}

/** True where two fields are equal; two absent ones are. */
export function same(one: Path, other: Path): Test {
  const [keys, otherKeys] = [keysOf(one), keysOf(other)]
  return (object) => valueAt(object, keys) === valueAt(object, otherKeys)
}

export function not(test: Test): Test {
  return (object) => !test(object)
}

/** True where a condition fits, in the words of ConditionClause. */
export function hasCondition(match: string): Test {
  const matches = conditionTest(match)
  return (object) => conditionsOf(object).some(matches)
}

/** The controller has not seen the newest spec. */
export const isUnobserved: Test = not(same('metadata.generation', 'status.observedGeneration'))

/** The objects in `status.conditions`. */
export function conditionsOf(object: unknown): readonly JsonObject[] {
  const status = isObject(object) ? object['status'] : undefined
  return isObject(status) ? objectsIn(status, 'conditions') : []
}

/** What stands under the keys; null counts as absent. */
export function valueAt(held: unknown, keys: readonly string[]): unknown {
  let value = held
  for (const key of keys) value = isObject(value) ? value[key] : undefined
  return value ?? undefined
}

export function keysOf(path: Path): readonly string[] {
  return typeof path === 'string' ? path.split('.') : path
}

function conditionTest(match: string): (condition: JsonObject) => boolean {
  const [type = '', rest = '*'] = match.split('=')
  const [status = '*', reason = '*'] = rest.split(':')
  return (condition) =>
    (type === '*' || condition['type'] === type) &&
    (status === '*' || condition['status'] === status) &&
    (reason === '*' || condition['reason'] === reason)
}

type Part = string | { readonly keys: readonly string[]; readonly ofCondition: boolean; readonly absent: string }

/** A verdict whose text is taken apart once, when the rules are loaded. */
function sayer([status, text = '']: Verdict): (object: KubeObject, condition?: JsonObject) => Health {
  const parts = partsOf(text)
  const [only] = parts
  if (parts.length === 1 && typeof only === 'string') {
    const health = Object.freeze(healthOf(status, only))
    return () => health
  }
  return (object, condition) => healthOf(status, parts.map((part) => printPart(part, object, condition)).join(''))
}

function partsOf(text: string): readonly Part[] {
  const pieces = text.split(/\{(?<field>[^{}]*)\}/u)
  return pieces
    .map((piece, index) => (index % 2 === 0 ? piece : fieldPart(piece)))
    .filter((piece) => piece !== '' || text === '')
}

function fieldPart(field: string): Part {
  const [path = '', absent = ''] = field.split('|')
  const ofCondition = path.startsWith('.')
  return { keys: keysOf(ofCondition ? path.slice(1) : path), ofCondition, absent }
}

function printPart(part: Part, object: KubeObject, condition: JsonObject | undefined): string {
  if (typeof part === 'string') return part
  const value = valueAt(part.ofCondition ? condition : object, part.keys)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : part.absent
}
