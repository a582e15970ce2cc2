// The live object as kubectl's client-side apply would leave it.
import { isList, isObject } from '../kube/json-value.ts'
import { kindOf, type JsonObject, type JsonValue, type KubeObject } from '../kube/object.ts'
import { applyMergePatch, createThreeWayMergePatch } from '../kube/patch/merge-patch.ts'
import { applyStrategicPatch } from '../kube/patch/strategic-apply.ts'
import { createThreeWayStrategicPatch } from '../kube/patch/strategic-diff.ts'
import type { TypeSchema } from '../kube/schema/schema.ts'
import { asJson, asObject, removeAt, restrictTo, withKey } from './edit.ts'

export interface ThreeWayInput {
  /** What was applied last; the wanted object itself where nobody knows. */
  readonly original: KubeObject
  readonly wanted: KubeObject
  readonly live: KubeObject
  /** Of built-in kinds; a kind without one is patched by plain merge. */
  readonly schema: TypeSchema | undefined
}

/**
 * Applies the patch from `original` and `wanted` to `live`; defaults are not yet filled in
 * (gitops-engine `pkg/diff/diff.go` `ThreeWayDiff`, argo-cd v3.5.1). Throws a PatchError where no patch can be made.
 */
export function predictByThreeWay(input: ThreeWayInput): KubeObject {
  const original = withoutPlace(input.original)
  const modified = withoutPlace(input.wanted)
  const live = asJson(input.live)
  if (input.schema === undefined) {
    // Fields that others filled in would count as removed: only those that were once applied take part.
    const current = restrictTo(original, live)
    const patch = createThreeWayMergePatch(original, modified, isObject(current) ? current : {})
    return asObject(applyMergePatch(live, patch))
  }
  const current = withPlainClaims(input.live, original, live)
  const patch = createThreeWayStrategicPatch({ original, modified, current }, input.schema, { overwrite: true })
  return asObject(applyStrategicPatch(live, patch, input.schema))
}

/** The namespace stands in every live object and not in every manifest; empty annotations are none. */
function withoutPlace(object: KubeObject): JsonObject {
  const value = removeAt(asJson(object), ['metadata', 'namespace'])
  const { annotations } = object.metadata ?? {}
  const isEmpty = annotations !== undefined && Object.keys(annotations ?? {}).length === 0
  const result = isEmpty ? removeAt(value, ['metadata', 'annotations']) : value
  return isObject(result) ? result : {}
}

/** The server fills in fields of claim templates that no defaulting function explains. */
function withPlainClaims(object: KubeObject, original: JsonObject, live: JsonObject): JsonObject {
  const { group, kind } = kindOf(object)
  if (kind !== 'StatefulSet' || (group !== 'apps' && group !== 'extensions')) return live
  const model = claimsOf(original)
  const held = claimsOf(live)
  if (model === undefined || held === undefined) return live
  const spec = live['spec']
  if (!isObject(spec)) return live
  return withKey(live, 'spec', withKey(spec, 'volumeClaimTemplates', restrictTo(model, held)))
}

function claimsOf(object: JsonObject): readonly JsonValue[] | undefined {
  const spec = object['spec']
  const claims = isObject(spec) ? spec['volumeClaimTemplates'] : undefined
  return isList(claims) ? claims : undefined
}
