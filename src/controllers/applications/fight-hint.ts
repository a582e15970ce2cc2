// Tells a person that self-heal and another controller keep undoing each other: over which fields, with whom, and what ends it.
import { deepEqual, isObject } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../kube/object.ts'
import { keyText } from '../../kube/object.ts'
import { FIELD_MANAGER } from '../../sync/annotations.ts'
import type { Comparison } from './comparison-result.ts'
import type { Condition } from './conditions.ts'

/** So often an application has to be healed in a row before it counts as a fight. */
export const FIGHT_ATTEMPTS = 2
/** How many fields are named: enough to recognise the opponent. */
const MAX_FIELDS = 5

/** A warning with the fields that differ again; none where nothing that exists on both sides differs. */
export function fightCondition({ objects, differences }: Comparison): readonly Condition[] {
  const fields: string[] = []
  for (const { key, target, live, isModified } of objects) {
    if (!isModified || target === undefined || live === undefined) continue
    const difference = differences.get(keyText(key))
    const paths = differingPaths(difference?.normalizedLive, difference?.predictedLive)
    const name = [key.group, key.kind, key.name].filter((part) => part !== '').join('/')
    fields.push(...paths.map((path) => `${name}: ${pointer(path)}${opponent(live, path)}`))
  }
  if (fields.length === 0) return []
  const named = fields.slice(0, MAX_FIELDS).join(', ')
  const more = fields.length > MAX_FIELDS ? ` and ${fields.length - MAX_FIELDS} more` : ''
  const message =
    `Self-heal keeps undoing changes that come back: ${named}${more}. If another controller owns these fields, ` +
    'name them in spec.ignoreDifferences (jsonPointers) and add the sync option RespectIgnoreDifferences=true'
  return [{ type: 'SelfHealLoopWarning', message }]
}

type Path = readonly string[]

/** The deepest places where two values differ; lists of different length differ as a whole. */
function differingPaths(a: unknown, b: unknown, path: Path = []): readonly Path[] {
  // Compared objects are JSON values, absent where a side lacks the field.
  const [left, right] = [a, b] as readonly [JsonValue | undefined, JsonValue | undefined]
  if (left !== undefined && right !== undefined) {
    if (deepEqual(left, right)) return []
    if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
      return left.flatMap((item, index) => differingPaths(item, right[index], [...path, String(index)]))
    }
    if (isObject(left) && isObject(right)) {
      const keys = new Set([...Object.keys(left), ...Object.keys(right)])
      return [...keys].flatMap((key) => differingPaths(left[key], right[key], [...path, key]))
    }
  }
  return left === right ? [] : [path]
}

function pointer(path: Path): string {
  return path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Who wrote the field last, as managedFields have it; inside lists who wrote something of the list. */
function opponent({ metadata }: KubeObject, path: Path): string {
  const others = (metadata.managedFields ?? []).filter(
    (entry) => entry['manager'] !== FIELD_MANAGER && owns(entry['fieldsV1'], path),
  )
  const manager = others.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))[0]?.['manager']
  return typeof manager === 'string' ? ` (last set by ${manager})` : ''
}

function owns(fields: JsonValue | undefined, [step, ...rest]: Path): boolean {
  if (fields === undefined || !isObject(fields)) return false
  if (step === undefined) return true
  const below = fields[`f:${step}`]
  return below === undefined ? Object.keys(fields).some((key) => /^[kv]:/.test(key)) : owns(below, rest)
}

function timeOf(entry: JsonObject): string {
  return typeof entry['time'] === 'string' ? entry['time'] : ''
}
