// Workloads written in API versions that Kubernetes has removed: compared by today's types, with the defaults of their own day.
import { isList, isObject } from '../kube/json-value.ts'
import { kindOf, type GroupVersionKind, type JsonObject, type JsonValue, type KubeObject } from '../kube/object.ts'
import { asJson, asObject, withKey, withoutKeys } from './edit.ts'
import { zeroStruct } from './zero-values.ts'

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'])
const REMOVED = new Set(['apps/v1beta1', 'apps/v1beta2', 'extensions/v1beta1'])

/** The kind whose type and defaults stand in for a removed one; the kind itself where it is not removed. */
export function currentKind(gvk: GroupVersionKind): GroupVersionKind {
  const isRemoved = WORKLOADS.has(gvk.kind) && REMOVED.has(`${gvk.group}/${gvk.version}`)
  return isRemoved ? { group: 'apps', version: 'v1', kind: gvk.kind } : gvk
}

/** A spec of a removed kind that is null becomes what Go made of it in its day; anything else stays. */
export function fillNullSpec(object: KubeObject): KubeObject {
  const gvk = kindOf(object)
  const value = asJson(object)
  if (value['spec'] !== null || currentKind(gvk) === gvk) return object
  return asObject(withKey(value, 'spec', zeroStruct(`io.k8s.api.${gvk.group}.${gvk.version}.${gvk.kind}Spec`)))
}

/** Applies the defaults of the kind that stands in for the object's own, after those that were the old version's alone. */
export function applyCurrentDefaults(
  object: KubeObject,
  applyDefaults: (object: KubeObject) => KubeObject,
): KubeObject {
  const gvk = kindOf(object)
  if (currentKind(gvk) === gvk) return withClaimsOf(object, applyDefaults(object))
  const current = applyDefaults({ ...oldDefaults(object, gvk), apiVersion: 'apps/v1' })
  return { ...withPlainClaims(current), apiVersion: object.apiVersion }
}

/** The API server names the kind of claim templates when it stores them, upstream's defaults do not. */
function withClaimsOf(before: KubeObject, after: KubeObject): KubeObject {
  if (after.kind !== 'StatefulSet' || after === before) return after
  const [claims, written] = [before, after].map((object) => at(asJson(object), 'spec', 'volumeClaimTemplates'))
  return isList(claims) && isList(written) && !claims.some((claim) => at(claim ?? null, 'kind') !== undefined)
    ? withPlainClaims(after)
    : after
}

/** Only apps/v1 writes what claim templates are. */
function withPlainClaims(object: KubeObject): KubeObject {
  const value = asJson(object)
  const spec = value['spec']
  const claims = at(value, 'spec', 'volumeClaimTemplates')
  if (!isObject(spec) || !isList(claims)) return object
  const plain = claims.map((claim) => (isObject(claim) ? withoutKeys(claim, ['apiVersion', 'kind']) : claim))
  return asObject(withKey(value, 'spec', withKey(spec, 'volumeClaimTemplates', plain)))
}

/** Kubernetes 1.15 `pkg/apis/apps/v1beta1/defaults.go` and `pkg/apis/extensions/v1beta1/defaults.go`; v1beta2 had v1's. */
function oldDefaults(object: KubeObject, gvk: GroupVersionKind): KubeObject {
  const value = asJson(object)
  const spec = value['spec']
  if (gvk.version === 'v1beta2' || !isObject(spec)) return object
  const labels = at(spec, 'template', 'metadata', 'labels')
  const metadata = at(value, 'metadata')
  const hasLabels = isObject(metadata) && isObject(metadata['labels']) && Object.keys(metadata['labels']).length > 0
  let result: JsonObject = value
  if (isObject(labels) && isObject(metadata) && !hasLabels) {
    result = withKey(result, 'metadata', withKey(metadata, 'labels', labels))
  }
  return asObject(withKey(result, 'spec', { ...specDefaults(gvk, labels), ...spec }))
}

function specDefaults(gvk: GroupVersionKind, labels: JsonValue | undefined): JsonObject {
  const selector: JsonObject = isObject(labels) ? { selector: { matchLabels: labels } } : {}
  if (gvk.kind === 'StatefulSet') return { ...selector, updateStrategy: { type: 'OnDelete' } }
  return gvk.kind === 'Deployment' && gvk.group === 'apps' ? { ...selector, revisionHistoryLimit: 2 } : selector
}

function at(value: JsonValue, ...path: readonly string[]): JsonValue | undefined {
  let held: JsonValue | undefined = value
  for (const key of path) held = isObject(held) ? held[key] : undefined
  return held
}
