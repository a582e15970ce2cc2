// What a start adds to the standard roles and bindings: what an older version, or somebody, left out; what was added stays (component-helpers/auth/rbac/reconciliation, v0.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonValue, KubeObject } from '../../../kube/object.ts'
import { compactRules, uncovered, type PolicyRule } from './policy-rule.ts'

const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate'

interface PolicyObject extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly JsonValue[] }
  readonly subjects?: readonly Subject[]
  readonly roleRef?: JsonValue
}

interface Subject {
  readonly kind: string
  readonly apiGroup?: string
  readonly name: string
  readonly namespace?: string
}

/** The object with what it lacks; undefined where it lacks nothing, or may not be touched (autoupdate `false`). */
export function reconciledPolicy(existing: KubeObject, expected: KubeObject): KubeObject | undefined {
  if (existing.metadata.annotations?.[AUTOUPDATE] === 'false') return undefined
  const [old, wanted]: readonly [PolicyObject, PolicyObject] = [existing, expected]
  // A binding cannot be turned to another role: it is made anew.
  if (!deepEqual(old.roleRef ?? null, wanted.roleRef ?? null)) return expected
  const { metadata } = old
  const next = {
    ...old,
    metadata: { ...metadata, ...merged('labels', metadata, wanted.metadata), ...merged('annotations', metadata, wanted.metadata) }, // prettier-ignore
    ...missingParts(old, wanted),
  }
  return deepEqual(next as unknown as JsonValue, old as unknown as JsonValue) ? undefined : next
}

/** Labels or annotations of both; those that are there win. */
function merged(
  part: 'labels' | 'annotations',
  old: KubeObject['metadata'],
  wanted: KubeObject['metadata'],
): KubeObject['metadata'] {
  return wanted[part] === undefined ? {} : { [part]: { ...wanted[part], ...old[part] } }
}

function missingParts(old: PolicyObject, wanted: PolicyObject): Partial<PolicyObject> {
  if (wanted.kind.endsWith('Binding')) return missingSubjects(old.subjects ?? [], wanted.subjects ?? [])
  if (wanted.aggregationRule !== undefined) return missingSelectors(old, wanted)
  const missing = uncovered(old.rules ?? [], wanted.rules ?? [])
  return missing.length === 0 ? {} : { rules: [...(old.rules ?? []), ...compactRules(missing)] }
}

function missingSubjects(known: readonly Subject[], wanted: readonly Subject[]): Partial<PolicyObject> {
  const missing = wanted.filter((one) => !known.some((other) => isSameSubject(one, other)))
  return missing.length === 0 ? {} : { subjects: [...known, ...missing] }
}

function missingSelectors(old: PolicyObject, wanted: PolicyObject): Partial<PolicyObject> {
  const known = old.aggregationRule?.clusterRoleSelectors ?? []
  const selectors = wanted.aggregationRule?.clusterRoleSelectors ?? []
  const missing = selectors.filter((one) => !known.some((other) => deepEqual(one, other)))
  return missing.length === 0 ? {} : { aggregationRule: { clusterRoleSelectors: [...known, ...missing] } }
}

function isSameSubject(a: Subject, b: Subject): boolean {
  return a.kind === b.kind && a.name === b.name && a.namespace === b.namespace && a.apiGroup === b.apiGroup
}
