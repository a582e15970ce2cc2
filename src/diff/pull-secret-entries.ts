// Entries for propagated pull secrets in ServiceAccounts: they are nobody's drift, and no apply takes them away.
import { LAST_APPLIED_ANNOTATION } from '../kube/apply/last-applied.ts'
import { parseJson } from '../kube/json-digits.ts'
import { deepEqual, isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'

/** Names of the Secrets that registry credentials are propagated as begin so. */
export const PULL_SECRET_PREFIX = 'argocd-image-pull-secret-'
/** Of a ServiceAccount. */
export const PULL_SECRETS_FIELD = 'imagePullSecrets'

/**
 * What is wanted, with the entries that propagation has put into the live ServiceAccount; any other object as it is. The list is
 * atomic for every way of applying (core/v1 `ServiceAccount.imagePullSecrets`), so whoever has one in Git would take ours out
 * with each apply. A list that is the live one but for them comes in the live order: that is no difference.
 */
export function withPropagatedEntries<T extends KubeObject>(wanted: T, live: KubeObject | undefined): T {
  if (live === undefined || wanted.kind !== 'ServiceAccount' || wanted.apiVersion !== 'v1') return wanted
  const current = entriesOf(live)
  const ours = current.filter(isPropagated)
  if (ours.length === 0) return wanted
  // Where Git has no list and had none, an apply leaves the live one alone: one of ours alone would take others' entries out.
  if (!hasList(wanted) && !hadList(live)) return wanted
  const own = entriesOf(wanted)
  const added = ours.filter((entry) => !own.some((other) => nameOf(other) === nameOf(entry)))
  if (added.length === 0) return wanted
  const names = new Set(added.map(nameOf))
  const others = current.filter((entry) => !names.has(nameOf(entry)))
  const imagePullSecrets = deepEqual(others, own) ? current : [...own, ...added]
  return { ...wanted, imagePullSecrets }
}

function hasList(account: KubeObject): boolean {
  return PULL_SECRETS_FIELD in account
}

/** Whether the list was in what a client-side apply wrote last. */
function hadList({ metadata }: KubeObject): boolean {
  const text = metadata.annotations?.[LAST_APPLIED_ANNOTATION]
  if (text === undefined) return false
  try {
    const value = parseJson(text)
    return isObject(value) && PULL_SECRETS_FIELD in value
  } catch {
    return false // as never applied, which it is for every apply
  }
}

function isPropagated(entry: JsonValue): boolean {
  return nameOf(entry).startsWith(PULL_SECRET_PREFIX)
}

function nameOf(entry: JsonValue): string {
  const name = isObject(entry) ? entry['name'] : undefined
  return typeof name === 'string' ? name : ''
}

function entriesOf(account: KubeObject): readonly JsonValue[] {
  const list = (account as unknown as JsonObject)[PULL_SECRETS_FIELD] // an object is its fields
  // JSON values that are lists are lists of JSON values.
  return Array.isArray(list) ? (list as readonly JsonValue[]) : []
}
