// What a backup of a control plane holds, how its objects are written, and what an import makes of a live one (argo-cd v3.5.1 cmd/argocd/commands/admin).
import { isDeepStrictEqual } from 'node:util'
import { type JsonObject, type JsonValue, kindOf, type KubeObject } from '../kube/object.ts'
import { SECRET_TYPE_LABEL } from './repositories.ts'

/** The config maps that are part of a backup, in its order; those of the original's format and no others. */
export const BACKUP_CONFIG_MAPS = [
  'argocd-cm',
  'argocd-rbac-cm',
  'argocd-ssh-known-hosts-cm',
  'argocd-tls-certs-cm',
] as const

/** The kinds of a backup, in its order. */
export const BACKUP_KINDS = ['ConfigMap', 'Secret', 'AppProject', 'Application', 'ApplicationSet'] as const
export type BackupKind = (typeof BACKUP_KINDS)[number]

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id'
const INSTANCE_LABEL = 'app.kubernetes.io/instance'
const MANAGED_BY = 'managed-by'

type Any = KubeObject & JsonObject

/** An object of the cluster is JSON. */
export function asJson(object: KubeObject): Any {
  return object as Any
}

/** The kind of a backup an object is of; undefined for every other. */
export function backupKind(object: KubeObject): BackupKind | undefined {
  const { group, kind } = kindOf(object)
  const isOurs = kind === 'ConfigMap' || kind === 'Secret' ? group === '' : group === 'argoproj.io'
  return isOurs ? BACKUP_KINDS.find((known) => known === kind) : undefined
}

/** Settings, credentials of repositories and clusters, and what the API has made. */
export function isControlPlaneSecret({ metadata }: KubeObject): boolean {
  if (metadata.name === 'argocd-secret') return true
  if (metadata.labels?.[SECRET_TYPE_LABEL] !== undefined) return true
  return metadata.annotations?.[MANAGED_BY] === 'argocd.argoproj.io'
}

export function isControlPlaneMap({ metadata }: KubeObject): boolean {
  return BACKUP_CONFIG_MAPS.some((name) => name === metadata.name)
}

/** The object without what only its cluster knows of it; a namespace is written where it is not the control plane's. */
export function exportedForm(object: KubeObject, controlNamespace: string): JsonObject {
  const { name = '', namespace = '', labels, annotations, finalizers } = object.metadata
  const { metadata: _metadata, ...rest } = asJson(object)
  return {
    ...rest,
    metadata: {
      name,
      ...(namespace === controlNamespace || namespace === '' ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
    },
  }
}

/** True where an import has nothing to write: times of comparisons and kubectl's own annotation do not count. */
export function isSameAsBackup(backup: KubeObject, live: KubeObject): boolean {
  const [a, b] = [backup, live].map((object) => {
    const { [LAST_APPLIED]: _own, ...annotations } = object.metadata.annotations ?? {}
    const { labels = {}, finalizers = [] } = object.metadata
    return { annotations, labels, finalizers, ...contentOf(object) }
  })
  return isDeepStrictEqual(a, b)
}

function contentOf(object: KubeObject): JsonObject {
  const json = asJson(object)
  switch (backupKind(object)) {
    case 'Secret':
    case 'ConfigMap':
      return { data: json['data'] ?? {} }
    case 'Application': {
      const { reconciledAt: _reconciled, observedAt: _observed, ...status } = fieldsOf(json['status'])
      return { spec: json['spec'] ?? {}, status }
    }
    default:
      return { spec: json['spec'] ?? {} }
  }
}

/** The live object with what the backup says of it; status stays where the backup has none. */
export function withBackup(backup: KubeObject, live: KubeObject, isOperationStopped: boolean): KubeObject {
  const { labels, annotations, finalizers } = backup.metadata
  const { labels: _labels, annotations: _annotations, finalizers: _finalizers, ...rest } = live.metadata
  const metadata = {
    ...rest,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
  }
  const kind = backupKind(live)
  const from = asJson(backup)
  const to = asJson({ ...live, metadata })
  if (kind === 'Secret' || kind === 'ConfigMap') return replaced(to, 'data', from['data'])
  const next = replaced(to, 'spec', from['spec'])
  if (kind !== 'Application') return next
  const withStatus = from['status'] === undefined ? next : replaced(asJson(next), 'status', from['status'])
  return isOperationStopped ? replaced(asJson(withStatus), 'operation', undefined) : withStatus
}

function replaced(object: Any, field: string, value: JsonValue | undefined): KubeObject {
  const { [field]: _old, ...rest } = object
  return (value === undefined ? rest : { ...rest, [field]: value }) as Any // only one field of many is another one
}

/** An object that is delivered by an application itself keeps the mark of that one (`--ignore-tracking`). */
export function withLiveTracking(backup: KubeObject, live: KubeObject): KubeObject {
  const { annotations, labels } = backup.metadata
  return {
    ...backup,
    metadata: {
      ...backup.metadata,
      ...kept('annotations', annotations, live.metadata.annotations?.[TRACKING_ANNOTATION], TRACKING_ANNOTATION),
      ...kept('labels', labels, live.metadata.labels?.[INSTANCE_LABEL], INSTANCE_LABEL),
    },
  }
}

function kept(
  field: 'annotations' | 'labels',
  own: Readonly<Record<string, string>> | undefined,
  value: string | undefined,
  key: string,
): object {
  return own?.[key] === undefined || value === undefined ? {} : { [field]: { ...own, [key]: value } }
}

function fieldsOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {} // not a list
}
