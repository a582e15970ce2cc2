// What is evened out in every object before it is compared.
import { isList, isObject } from '../kube/json-value.ts'
import { splitApiVersion, type JsonObject, type JsonValue, type KubeObject } from '../kube/object.ts'
import { asJson, asObject, removeAt, withKey, withoutKeys } from './edit.ts'
import { normalizeEndpoints } from './endpoints.ts'

/**
 * Drops the creation time, brings Secrets, Roles and Endpoints into the form in which the cluster keeps them
 * (gitops-engine `pkg/diff/diff.go` `Normalize`, argo-cd v3.5.1).
 */
export function normalizeObject(object: KubeObject, ignoreAggregatedRoles: boolean = false): KubeObject {
  const value = removeAt(asJson(object), ['metadata', 'creationTimestamp'])
  if (!isObject(value)) return object
  const { group } = splitApiVersion(object.apiVersion ?? '')
  const kind = `${group}/${object.kind}`
  switch (kind) {
    case '/Secret':
      return asObject(normalizeSecret(value))
    case '/Endpoints':
      return asObject(normalizeEndpoints(value))
    case 'rbac.authorization.k8s.io/Role':
    case 'rbac.authorization.k8s.io/ClusterRole':
      return asObject(normalizeRole(value, ignoreAggregatedRoles))
    default:
      return asObject(value)
  }
}

/** `stringData` goes into `data` as base64, as the API server does on write; values without content become "". */
export function normalizeSecret(secret: JsonObject): JsonObject {
  const data = secret['data']
  const plain = secret['stringData']
  const merged: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(isObject(data) ? data : {})) merged[key] = joined(value ?? '')
  const additions = Object.entries(isObject(plain) ? plain : {})
  for (const [key, value] of additions) merged[key] = typeof value === 'string' ? encodeBase64(value) : value
  if (additions.length === 0 && !isObject(data)) return secret
  const rest = additions.length === 0 ? secret : withoutKeys(secret, ['stringData'])
  // Go's type keeps no empty map.
  return withKey(rest, 'data', Object.keys(merged).length === 0 ? null : merged)
}

/** Base64 in lines, as kustomize breaks it, is one line once the API server has read it. */
function joined(value: JsonValue): JsonValue {
  return typeof value === 'string' && value.includes('\n') ? value.replaceAll(/[\r\n]/g, '') : value
}

function encodeBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

/** An empty list of rules is null on the server; the rules of an aggregated role are the cluster's own. */
function normalizeRole(role: JsonObject, ignoreAggregatedRoles: boolean): JsonObject {
  const rules = role['rules']
  const isEmpty = isList(rules) && rules.length === 0
  const isAggregated = ignoreAggregatedRoles && isObject(role['aggregationRule'])
  return isEmpty || isAggregated ? withKey(role, 'rules', null) : role
}
