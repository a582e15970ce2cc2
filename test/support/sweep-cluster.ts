// Takes away what a story left on a shared cluster, so that the next one finds it as new.
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { KubeError, type KubeClient, type ResourceType } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startWorkloads } from '../../src/local-cluster/workloads/start-workloads.ts'

const PATIENCE_MS = 30_000
/** What a kube-apiserver makes by itself, and the type definitions that every story needs again. */
const KEPT_NAMESPACE = /^(?:default|kube-.*)$/
const KEPT_TYPE = /\.argoproj\.io$/
/** Kinds of cluster scope that stories make, with the names that were there before. */
const CLUSTER_KINDS: readonly (readonly [string, string, RegExp])[] = [
  ['apiextensions.k8s.io', 'CustomResourceDefinition', KEPT_TYPE],
  ['rbac.authorization.k8s.io', 'ClusterRole', /^(?:system:.*|admin|edit|view|cluster-admin)$/],
  ['rbac.authorization.k8s.io', 'ClusterRoleBinding', /^(?:system:.*|cluster-admin)$/],
  ['', 'PersistentVolume', /^$/],
  ['', 'Node', /^$/],
]

/** Deletes every namespace of a story with all in it; resolves when nothing is left. */
export async function sweepCluster(client: KubeClient): Promise<void> {
  const names = ['namespace', 'garbage-collector'] as const
  const workloads = await startWorkloads({ client, clock: systemClock, log: silentLog, enabled: names })
  try {
    for (const kind of ['Application', 'AppProject']) await removeAll(client, ['argoproj.io', kind, /^$/])
    await removeAll(client, ['', 'Namespace', KEPT_NAMESPACE])
    for (const kind of CLUSTER_KINDS) await removeAll(client, kind)
  } finally {
    await workloads.stop()
  }
}

async function removeAll(client: KubeClient, [group, kind, kept]: readonly [string, string, RegExp]): Promise<void> {
  const type = await client.resourceOf({ group, kind })
  if (type === undefined) return
  const endMs = Date.now() + PATIENCE_MS
  for (;;) {
    const left = (await client.list(type)).items.filter(({ metadata }) => !kept.test(metadata.name ?? ''))
    if (left.length === 0) return
    if (Date.now() > endMs) throw new Error(`${kind} ${left[0]?.metadata.name ?? ''} does not go away`)
    await Promise.all(left.map((object) => remove(client, type, object)))
    await pause(25)
  }
}

async function remove(client: KubeClient, type: ResourceType, { metadata }: KubeObject): Promise<void> {
  const ref = { type, name: metadata.name ?? '', namespace: metadata.namespace ?? '' }
  if (metadata.deletionTimestamp === undefined) await client.delete(ref, { propagationPolicy: 'Background' })
  if ((metadata.finalizers ?? []).length === 0 || type.kind === 'Namespace') return
  try {
    await client.patch(ref, 'merge', { metadata: { finalizers: null } })
  } catch (error) {
    // It went away by itself.
    if (!(error instanceof KubeError && error.status === 404)) throw error
  }
}
