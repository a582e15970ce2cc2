// The short facts the resource tree shows at a node: restarts of a pod, revision of a ReplicaSet.
import type { InfoItem } from '../crds/tree.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { fieldAt, listAt, textAt } from '../kube/field.ts'

type InfoRule = (object: KubeObject) => readonly InfoItem[]

/** By kind, with upstream's names (argo-cd v3.5.1 `controller/cache/info.go`). */
const RULES: Readonly<Record<string, InfoRule>> = {
  'v1/Pod': podInfo,
  'apps/v1/ReplicaSet': replicaSetInfo,
  'argoproj.io/v1alpha1/Application': applicationInfo,
}

/** Facts in the order they are shown; empty for most kinds. */
export function infoOf(object: KubeObject): readonly InfoItem[] {
  return RULES[`${object.apiVersion}/${object.kind}`]?.(object) ?? []
}

function podInfo(pod: KubeObject): readonly InfoItem[] {
  const items: InfoItem[] = []
  const statuses = listAt(pod, 'status', 'containerStatuses')
  const total = listAt(pod, 'spec', 'containers').length
  const ready = statuses.filter((status) => fieldAt(status, 'ready') === true).length
  const restarts = statuses.reduce<number>((sum, status) => sum + count(fieldAt(status, 'restartCount')), 0)
  const reason = podReason(pod, statuses)
  if (reason !== '') items.push({ name: 'Status Reason', value: reason })
  const node = textAt(pod, 'spec', 'nodeName')
  if (node !== '') items.push({ name: 'Node', value: node })
  items.push({ name: 'Containers', value: `${ready}/${total}` })
  if (restarts > 0) items.push({ name: 'Restart Count', value: String(restarts) })
  return items
}

/** What `kubectl get pods` shows as STATUS. */
function podReason(pod: KubeObject, statuses: readonly JsonValue[]): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating'
  for (const status of statuses) {
    const reason = textAt(status, 'state', 'waiting', 'reason') || textAt(status, 'state', 'terminated', 'reason')
    if (reason !== '') return reason
  }
  return textAt(pod, 'status', 'reason') || textAt(pod, 'status', 'phase')
}

function replicaSetInfo(set: KubeObject): readonly InfoItem[] {
  const revision = set.metadata.annotations?.['deployment.kubernetes.io/revision']
  return revision === undefined ? [] : [{ name: 'Revision', value: `Rev:${revision}` }]
}

function applicationInfo(application: KubeObject): readonly InfoItem[] {
  const sync = textAt(application, 'status', 'sync', 'status')
  const health = textAt(application, 'status', 'health', 'status')
  return [
    ...(sync === '' ? [] : [{ name: 'Sync Status', value: sync }]),
    ...(health === '' ? [] : [{ name: 'Health Status', value: health }]),
  ]
}

function count(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0
}
