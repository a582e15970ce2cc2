// A control plane as a backup sees it: its cluster, its namespaces, and the objects that belong to it.
import type { BackupFlags } from '../cli/admin/backup.ts'
import { API_GROUP } from '../crds/application.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import { matchesName } from '../policy/name-pattern.ts'
import { BACKUP_CONFIG_MAPS, type BackupKind, isControlPlaneMap, isControlPlaneSecret } from '../settings/backup.ts'
import { readConfigMap } from '../settings/map-reader.ts'

/** A control plane in its cluster. */
export interface BackupPlace {
  readonly client: KubeClient
  readonly namespace: string
  /** Whether objects of a kind in a namespace belong to it. */
  readonly isEnabled: (kind: BackupKind, namespace: string) => boolean
  readonly signal: AbortSignal
}

/** The control plane's own namespace, and those of the flags or of argocd-cmd-params-cm. */
export async function enabledNamespaces(
  client: KubeClient,
  { namespace, applicationNamespaces, applicationsetNamespaces }: BackupFlags,
  signal: AbortSignal,
): Promise<BackupPlace['isEnabled']> {
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' }, signal)
  const map = type && (await client.get({ type, namespace, name: 'argocd-cmd-params-cm' }, signal))
  const listed = (key: string): readonly string[] =>
    (map === undefined ? '' : (readConfigMap(map).text(key) ?? ''))
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
  const patterns: Readonly<Partial<Record<BackupKind, readonly string[]>>> = {
    Application: applicationNamespaces ?? listed('application.namespaces'),
    ApplicationSet: applicationsetNamespaces ?? listed('applicationsetcontroller.namespaces'),
  }
  return (kind, name) => name === namespace || (patterns[kind] ?? []).some((pattern) => matchesName(pattern, name))
}

/** The live objects of a backup's kind; none where the cluster does not serve it. */
export async function liveObjects(
  { client, namespace, isEnabled, signal }: BackupPlace,
  kind: BackupKind,
): Promise<readonly KubeObject[]> {
  const isCore = kind === 'ConfigMap' || kind === 'Secret'
  const type = await client.resourceOf({ group: isCore ? '' : API_GROUP, kind }, signal)
  if (type === undefined) return []
  const isAnywhere = kind === 'Application' || kind === 'ApplicationSet'
  const { items } = await client.list(type, { ...(isAnywhere ? {} : { namespace }), signal })
  const found = items.map((item) => ({ ...item, apiVersion: apiVersionOf(isCore), kind }))
  if (kind === 'ConfigMap') return found.filter(isControlPlaneMap).toSorted(byPlace)
  if (kind === 'Secret') return found.filter(isControlPlaneSecret)
  return found.filter(({ metadata }) => isEnabled(kind, metadata.namespace ?? ''))
}

function apiVersionOf(isCore: boolean): string {
  return isCore ? 'v1' : `${API_GROUP}/v1alpha1`
}

function byPlace(a: KubeObject, b: KubeObject): number {
  const place = ({ metadata }: KubeObject): number => BACKUP_CONFIG_MAPS.findIndex((name) => name === metadata.name)
  return place(a) - place(b)
}
