// Lets an apply leave alone what the ignore rules hide: the wanted object with the live values in those fields.
import { deepEqual, fieldOf, isObject, setField } from '../kube/json-value.ts'
import { kindOf, type JsonObject, type JsonValue, type KubeObject } from '../kube/object.ts'
import { applyMergePatch, createMergePatch } from '../kube/patch/merge-patch.ts'
import { applyStrategicPatch } from '../kube/patch/strategic-apply.ts'
import { createTwoWayStrategicPatch } from '../kube/patch/strategic-diff.ts'
import { builtinSchema } from '../kube/schema/schema.ts'
import type { DiffOptions } from './contract.ts'
import { asJson, asObject, withoutKeys } from './edit.ts'
import { removeIgnored, rulesFor } from './ignore.ts'
import { removeTrusted } from './managed-fields.ts'

/**
 * The object to apply under sync option `RespectIgnoreDifferences=true`: hidden fields have their live value, or none where the
 * live object has none; status is never taken over (argo-cd v3.5.1 `controller/sync.go` `normalizeTargetResources`).
 * Throws like `removeIgnored`.
 */
export function keepIgnoredFields(
  wanted: KubeObject,
  live: KubeObject,
  options: Pick<DiffOptions, 'ignore' | 'deleteByJq' | 'schemaOf'>,
): KubeObject {
  const rules = rulesFor(options.ignore ?? [], wanted)
  if (rules.length === 0) return wanted
  const gvk = kindOf(wanted)
  const schema = builtinSchema(gvk)
  const trusted = new Set(rules.flatMap((rule) => rule.managedFieldsManagers ?? []))
  const hidden = removeTrusted(
    {
      wanted: removeIgnored(wanted, rules, options.deleteByJq),
      live: removeIgnored(live, rules, options.deleteByJq),
    },
    trusted,
    schema ?? options.schemaOf?.(gvk),
  )
  const target = asJson(hidden.wanted)
  const before = withoutStatus(hidden.live)
  const after = withoutStatus(live)
  const patched =
    schema === undefined
      ? applyMergePatch(target, createMergePatch(before, after))
      : applyStrategicPatch(target, createTwoWayStrategicPatch(before, after, schema), schema)
  return asObject(withVisible(patched, { wanted: asJson(wanted), target, live: asJson(hidden.live) }))
}

interface Sides {
  readonly wanted: JsonObject
  /** Without what the rules hide. */
  readonly target: JsonObject
  /** Without what the rules hide. */
  readonly live: JsonObject | undefined
}

/**
 * Undoes what a patch did to fields that no rule hides: one of a part that is replaced as a whole (the selector of a
 * PodDisruptionBudget) brings all of that part along (argo-cd v3.5.1 `controller/sync.go` `restoreNonIgnoredFields`).
 */
function withVisible(patched: JsonValue, sides: Sides): JsonValue {
  if (!isObject(patched)) return patched
  const { wanted, live = {} } = sides
  const result: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(patched)) {
    // Only the live object has it, and no rule hides it there: it came along.
    const cameAlong = fieldOf(wanted, key) === undefined && fieldOf(live, key) !== undefined
    if (!cameAlong) setField(result, key, value)
  }
  for (const key of Object.keys(wanted)) {
    const value = visibleField(key, fieldOf(result, key), sides)
    if (value !== undefined) setField(result, key, value)
  }
  return result
}

/** A field that no rule hides has its wanted value; undefined where it is to stay as the patch left it. */
function visibleField(key: string, left: JsonValue | undefined, sides: Sides): JsonValue | undefined {
  const value = fieldOf(sides.wanted, key)
  const shown = fieldOf(sides.target, key)
  if (isObject(left) && isObject(value) && isObject(shown)) {
    const held = fieldOf(sides.live ?? {}, key)
    return withVisible(left, { wanted: value, target: shown, live: isObject(held) ? held : undefined })
  }
  return shown !== undefined && deepEqual(shown, value) ? value : undefined
}

function withoutStatus(object: KubeObject): JsonObject {
  return withoutKeys(asJson(object), ['status'])
}
