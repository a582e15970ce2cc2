// Lets an apply leave alone what the ignore rules hide: the wanted object with the live values in those fields.
import { isObject } from '../kube/json-value.ts'
import { kindOf, type JsonObject, type KubeObject } from '../kube/object.ts'
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
  if (schema !== undefined) {
    return asObject(applyStrategicPatch(target, createTwoWayStrategicPatch(before, after, schema), schema))
  }
  const result = applyMergePatch(target, createMergePatch(before, after))
  return isObject(result) ? asObject(result) : wanted
}

function withoutStatus(object: KubeObject): JsonObject {
  return withoutKeys(asJson(object), ['status'])
}
