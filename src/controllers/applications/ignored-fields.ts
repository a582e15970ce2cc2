// RespectIgnoreDifferences=true: what a comparison ignores is applied as it is live.
import { builtinSchema } from '../../kube/schema/schema.ts'
import type { DeleteByJq, IgnoreRule } from '../../diff/contract.ts'
import { asJson, asObject, withoutKeys } from '../../diff/edit.ts'
import { removeIgnored, rulesFor } from '../../diff/ignore.ts'
import { kindOf, type KubeObject } from '../../kube/object.ts'
import { applyMergePatch, createMergePatch } from '../../kube/patch/merge-patch.ts'
import { applyStrategicPatch } from '../../kube/patch/strategic-apply.ts'
import { createTwoWayStrategicPatch } from '../../kube/patch/strategic-diff.ts'

/** The target with ignored fields as the live object has them; never the status (facts section 9). */
export function keepIgnoredFields(
  target: KubeObject,
  live: KubeObject,
  rules: readonly IgnoreRule[],
  deleteByJq?: DeleteByJq,
): KubeObject {
  const fitting = rulesFor(rules, live)
  if (fitting.length === 0) return target
  const bare = removeIgnored(live, fitting, deleteByJq)
  const base = asJson(removeIgnored(target, fitting, deleteByJq))
  const schema = builtinSchema(kindOf(target))
  if (schema === undefined) {
    const patch = withoutKeys(createMergePatch(asJson(bare), asJson(live)), ['status'])
    return asObject(applyMergePatch(base, patch))
  }
  const patch = withoutKeys(createTwoWayStrategicPatch(asJson(bare), asJson(live), schema), ['status'])
  return asObject(applyStrategicPatch(base, patch, schema))
}
