// Who uses a credential, and how it stands: what controllers write down, and servers and people read.
import { sha256Hex } from '../base/digest.ts'
import { parseJson } from '../kube/json-digits.ts'
import { isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'

/** Where it is propagated to. */
export interface UsedNamespace {
  /** The cluster's server. */
  readonly cluster: string
  readonly namespace: string
}

export interface CredentialUsage {
  /** `namespace/name` of Applications, sorted; as many as fit. */
  readonly applications: readonly string[]
  readonly namespaces: readonly UsedNamespace[]
  /** Servers of the clusters of those, sorted. */
  readonly clusters: readonly string[]
  /** How many there are, whatever fits into the lists. */
  readonly applicationCount: number
  readonly namespaceCount: number
  /** RFC 3339; absent for logins that do not expire. */
  readonly expiresAt?: string
  /** RFC 3339; absent where this login was not issued. */
  readonly renewedAt?: string
  /** What is wrong now; holds nothing secret. */
  readonly errors: readonly string[]
}

/** Label of the ConfigMaps in the control plane's namespace that hold usage, one for each shard of controllers. */
export const USAGE_LABEL = 'capstan.dev/registry-usage'
export const USAGE_CONFIG_MAP = 'argocd-registry-usage'
/** A ConfigMap holds 1 MiB; a hundred credentials fit. */
export const MAX_LISTED = 50
export const MAX_ERRORS = 10

/** Usage by id of the credential, that of all shards together. What cannot be read is left out. */
export function usageOf(configMaps: Iterable<KubeObject>): ReadonlyMap<string, CredentialUsage> {
  const usage = new Map<string, CredentialUsage>()
  for (const configMap of configMaps) {
    if (configMap.metadata.labels?.[USAGE_LABEL] === undefined) continue
    const { data = {} } = configMap as KubeObject & { readonly data?: Readonly<Record<string, unknown>> }
    for (const text of Object.values(data)) {
      const entry = readEntry(text)
      if (entry === undefined) continue
      const known = usage.get(entry.id)
      usage.set(entry.id, known === undefined ? entry.usage : joined(known, entry.usage))
    }
  }
  return usage
}

/** The ConfigMap for some usage; the same usage gives the same map. `shard` is empty where there is one. */
export function usageConfigMap(
  usage: ReadonlyMap<string, CredentialUsage>,
  namespace: string,
  shard: string,
): KubeObject & JsonObject {
  const data: Record<string, string> = {}
  for (const [id, one] of [...usage].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    data[keyOf(id)] = JSON.stringify({ id, ...shortened(one) })
  }
  const name = shard === '' ? USAGE_CONFIG_MAP : `${USAGE_CONFIG_MAP}-${shard}`
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { [USAGE_LABEL]: shard === '' ? 'all' : shard } },
    data,
  }
}

/** Names of Secrets are keys of ConfigMaps as they are, but for those of other lengths. */
function keyOf(id: string): string {
  return /^[-._a-zA-Z0-9]{1,253}$/.test(id) ? id : sha256Hex(id)
}

function shortened(usage: CredentialUsage): CredentialUsage {
  const { applications, namespaces, errors } = usage
  return {
    ...usage,
    applications: applications.slice(0, MAX_LISTED),
    namespaces: namespaces.slice(0, MAX_LISTED),
    errors: errors.slice(0, MAX_ERRORS),
  }
}

function joined(a: CredentialUsage, b: CredentialUsage): CredentialUsage {
  const unique = (...lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())].toSorted()
  const earliest = [a.expiresAt, b.expiresAt].filter((time) => time !== undefined).toSorted()[0]
  const latest = [a.renewedAt, b.renewedAt]
    .filter((time) => time !== undefined)
    .toSorted()
    .at(-1)
  return {
    applications: unique(a.applications, b.applications),
    namespaces: [...a.namespaces, ...b.namespaces],
    clusters: unique(a.clusters, b.clusters),
    applicationCount: a.applicationCount + b.applicationCount,
    namespaceCount: a.namespaceCount + b.namespaceCount,
    ...(earliest === undefined ? {} : { expiresAt: earliest }),
    ...(latest === undefined ? {} : { renewedAt: latest }),
    errors: unique(a.errors, b.errors),
  }
}

function readEntry(text: unknown): { readonly id: string; readonly usage: CredentialUsage } | undefined {
  let value: JsonValue
  try {
    value = parseJson(typeof text === 'string' ? text : '')
  } catch {
    return undefined // somebody's edit; the controller writes it anew
  }
  if (!isObject(value) || typeof value['id'] !== 'string') return undefined
  const { id, expiresAt, renewedAt } = value
  const namespaces = listOf(value['namespaces']).flatMap((entry) => {
    if (!isObject(entry)) return []
    return [{ cluster: textOf(entry['cluster']), namespace: textOf(entry['namespace']) }]
  })
  const usage = {
    applications: textsOf(value['applications']),
    namespaces,
    clusters: textsOf(value['clusters']),
    applicationCount: Number(value['applicationCount'] ?? 0),
    namespaceCount: Number(value['namespaceCount'] ?? 0),
    ...(typeof expiresAt === 'string' ? { expiresAt } : {}),
    ...(typeof renewedAt === 'string' ? { renewedAt } : {}),
    errors: textsOf(value['errors']),
  }
  return { id, usage }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return listOf(value).filter((item) => typeof item === 'string')
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  // JSON values that are lists are lists of JSON values.
  return Array.isArray(value) ? (value as readonly JsonValue[]) : []
}
