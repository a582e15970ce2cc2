// The roles and bindings every cluster has, written in one transaction at its start.
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Store } from '../../storage/store.ts'
import { parseObject, withRevision } from '../objects.ts'
import { timeText } from '../strategy.ts'
import { reconciledPolicy } from './reconcile-policy.ts'

interface Row {
  readonly kind: 'ClusterRole' | 'ClusterRoleBinding' | 'Role' | 'RoleBinding'
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

const API_VERSION = 'rbac.authorization.k8s.io/v1'
const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate'
const DEFAULTS_LABEL = 'kubernetes.io/bootstrapping'

export interface BootstrapPolicyOptions {
  readonly store: Store
  readonly newUid: () => string
  readonly nowMs: number
}

/** Writes the standard roles and bindings that are missing, and adds to the others what they lack, unless they say that they are not to be updated. */
export async function bootstrapPolicy({ store, newUid, nowMs }: BootstrapPolicyOptions): Promise<void> {
  // Kubernetes 1.36.3's own lists, made by tools/generate-bootstrap-policy.ts.
  const { default: texts } = await import('./generated/bootstrap-policy.json', { with: { type: 'json' } })
  const time = timeText(nowMs)
  const objects = texts.map((text) => objectOf(JSON.parse(text) as Row, newUid(), time)) // the file is made with this shape
  // Writes of one turn share a transaction.
  await Promise.all(objects.map((object) => ensure(store, object)))
}

async function ensure(store: Store, object: KubeObject): Promise<void> {
  const stored = store.get(keyOf(object))
  const next = stored === undefined ? object : reconciledPolicy(parseObject(stored.value), object)
  if (next === undefined) return
  const encode = (revision: number): string => JSON.stringify(withRevision(next, revision))
  await store.write({ key: keyOf(object), expected: stored?.revision ?? 0, encode })
}

function keyOf({ kind, metadata: { name = '', namespace } }: KubeObject): string {
  const place = namespace === undefined ? '' : `${namespace}/`
  return `rbac.authorization.k8s.io/${kind.toLowerCase()}s/${place}${name}`
}

function objectOf({ kind, name, namespace, labels, ...parts }: Row, uid: string, time: string): KubeObject {
  const managed = {
    manager: 'kube-apiserver',
    operation: 'Update',
    apiVersion: API_VERSION,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: ownedFields(Object.keys(labels ?? {}), parts),
  }
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    creationTimestamp: time,
    labels: { [DEFAULTS_LABEL]: 'rbac-defaults', ...labels },
    annotations: { [AUTOUPDATE]: 'true' },
    managedFields: [managed],
  }
  // Rows hold JSON values only. An aggregated role has no rules before its controller finds them.
  return { kind, apiVersion: API_VERSION, metadata, ...(kind.endsWith('Role') ? { rules: null } : {}), ...parts } as unknown as KubeObject // prettier-ignore
}

/** What kube-apiserver owns of such an object: everything, and lists as a whole. */
function ownedFields(labels: readonly string[], parts: object): JsonObject {
  const names = [DEFAULTS_LABEL, ...labels].toSorted()
  const fields = Object.keys(parts).toSorted()
  return {
    ...('aggregationRule' in parts ? { 'f:aggregationRule': { '.': {}, 'f:clusterRoleSelectors': {} } } : {}),
    'f:metadata': {
      'f:annotations': { '.': {}, [`f:${AUTOUPDATE}`]: {} },
      'f:labels': { '.': {}, ...Object.fromEntries(names.map((label) => [`f:${label}`, {}])) },
    },
    ...Object.fromEntries(fields.filter((field) => field !== 'aggregationRule').map((field) => [`f:${field}`, {}])),
  }
}
