// Takes away what a story left on a shared cluster, so that the next one finds it as new.
import { setTimeout as pause } from 'node:timers/promises'
import { KubeError, type KubeClient, type ResourceType } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'

/** A hundred namespaces take a controller on a busy machine longer than one. */
const PATIENCE_MS = 120_000
/** Controllers of the story get this long to let go of what they hold. */
const GRACE_MS = 1000
/** What a kube-apiserver makes by itself, and the type definitions that every story needs again. */
const KEPT_NAMESPACE = /^(?:default|kube-.*)$/
/** What stands in the namespace `default` by itself, by kind and name. */
const KEPT_IN_DEFAULT: ReadonlySet<string> = new Set([
  'ConfigMap kube-root-ca.crt',
  'ServiceAccount default',
  'Service kubernetes',
  'Endpoints kubernetes',
  'EndpointSlice kubernetes',
])
const KEPT_TYPE = /\.argoproj\.io$/
/** Kinds of cluster scope that stories make, with the names that were there before. */
const CLUSTER_KINDS: readonly (readonly [string, string, RegExp])[] = [
  ['apiextensions.k8s.io', 'CustomResourceDefinition', KEPT_TYPE],
  ['rbac.authorization.k8s.io', 'ClusterRole', /^(?:system:.*|admin|edit|view|cluster-admin)$/],
  ['rbac.authorization.k8s.io', 'ClusterRoleBinding', /^(?:system:.*|cluster-admin)$/],
  ['', 'PersistentVolume', /^$/],
]

/** Deletes every namespace of a story with all in it, while a namespace controller runs; resolves when nothing is left. */
export async function sweepCluster(client: KubeClient): Promise<void> {
  for (const kind of ['ApplicationSet', 'Application', 'AppProject'])
    await removeAll(client, ['argoproj.io', kind, /^$/])
  await removeAll(client, ['', 'Namespace', KEPT_NAMESPACE])
  await empty(client, new Set(['default']))
  for (const kind of CLUSTER_KINDS) await removeAll(client, kind)
}

async function removeAll(client: KubeClient, [group, kind, kept]: readonly [string, string, RegExp]): Promise<void> {
  const type = await client.resourceOf({ group, kind })
  if (type === undefined) return
  const startMs = Date.now()
  for (;;) {
    const left = (await client.list(type)).items.filter(({ metadata }) => !kept.test(metadata.name ?? ''))
    if (left.length === 0) return
    if (Date.now() > startMs + PATIENCE_MS) throw new Error(`${kind} ${left[0]?.metadata.name ?? ''} does not go away`)
    const isLate = Date.now() > startMs + GRACE_MS
    await Promise.all(left.map((object) => remove(client, type, object)))
    if (isLate && kind === 'Namespace') await empty(client, new Set(left.map(({ metadata }) => metadata.name ?? '')))
    await pause(25)
  }
}

/** What a story's missing controllers and nodes would have let go: finalizers, and pods that wait for their node; and what it put into `default`. */
async function empty(client: KubeClient, namespaces: ReadonlySet<string>): Promise<void> {
  const types = (await client.resources()).filter(
    ({ namespaced, verbs }) => namespaced && verbs.includes('delete') && verbs.includes('list'),
  )
  for (const type of types) {
    const { items } = await client.list(type)
    const left = items.filter((object) => {
      const { name = '', namespace = '' } = object.metadata
      const isOwn = namespace === 'default' && KEPT_IN_DEFAULT.has(`${type.kind} ${name}`)
      return namespaces.has(namespace) && !isOwn
    })
    await Promise.all(left.map((object) => remove(client, type, object)))
  }
}

async function remove(client: KubeClient, type: ResourceType, { metadata }: KubeObject): Promise<void> {
  const ref = { type, name: metadata.name ?? '', namespace: metadata.namespace ?? '' }
  const isPod = type.kind === 'Pod'
  if (metadata.deletionTimestamp === undefined || isPod) {
    await client.delete(ref, { propagationPolicy: 'Background', ...(isPod ? { gracePeriodSeconds: 0 } : {}) })
  }
  if ((metadata.finalizers ?? []).length === 0 || type.kind === 'Namespace') return
  try {
    await client.patch(ref, 'merge', { metadata: { finalizers: null } })
  } catch (error) {
    // It went away by itself.
    if (!(error instanceof KubeError && error.status === 404)) throw error
  }
}
