// Uninstalls: removes what an installation has made and leaves what it has delivered; Applications only where that is wanted.
import { CapstanError } from '../base/errors.ts'
import type { ResourceType } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import { scaleOriginal } from './originals.ts'
import { hasStatus, isOwn, typeOf, type InstallPlace } from './place.ts'
import { RECORD_NAME, readRecord, type InstallRecord, type RecordedObject } from './record.ts'
import { removeObjects, untilGone } from './remove.ts'

const API_VERSION = 'argoproj.io/v1alpha1'
/** In this order: an ApplicationSet that is left would make its Applications anew. */
const KINDS = ['ApplicationSet', 'Application', 'AppProject'] as const

export interface UninstallWish {
  /** Applications, projects and ApplicationSets go with their resource types. */
  readonly deletesCrds: boolean
  /** The namespace goes with its settings, credentials and Applications. */
  readonly deletesNamespace: boolean
  /** What of Argo CD's was stopped runs again. */
  readonly givesBack: boolean
}

/** What would be done, for the question before it. */
export interface UninstallPlan {
  readonly record: InstallRecord
  /** How many Applications there are, by namespace. */
  readonly applications: ReadonlyMap<string, number>
}

/** Throws `not-found` where nothing was installed with `capstan install`. */
export async function planUninstall(place: InstallPlace): Promise<UninstallPlan> {
  const record = await readRecord(place)
  if (record === undefined) {
    const why = `nothing was installed in namespace ${place.namespace} with "capstan install"`
    const advice = 'name its namespace with --namespace; what helm has installed is removed with "helm uninstall"'
    throw new CapstanError('not-found', `${why}: ${advice}`)
  }
  const applications = new Map<string, number>()
  for (const { metadata } of await objectsOf(place, 'Application')) {
    const namespace = metadata.namespace ?? ''
    applications.set(namespace, (applications.get(namespace) ?? 0) + 1)
  }
  return { record, applications }
}

const KEPT_KINDS: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'ConfigMap'])

/** Settings, credentials and resource types hold what people have made: they are not removed with the rest. */
function isKept({ kind, name }: RecordedObject): boolean {
  return KEPT_KINDS.has(kind) || (kind === 'Secret' && name === 'argocd-secret')
}

/** What Applications have delivered stays in any case: their finalizers are taken off before they go. */
export async function uninstall(place: InstallPlace, plan: UninstallPlan, wish: UninstallWish): Promise<void> {
  const { record } = plan
  if (wish.deletesCrds) await requireNoOthers(place)
  await removeObjects(
    place,
    record.objects.filter((object) => !isKept(object)),
  )
  await untilGone(place)
  if (wish.deletesCrds) await deleteResourceTypes(place, record)
  if (wish.givesBack) await giveBack(place, record)
  if (wish.deletesNamespace) await deleteNamespace(place)
  else await deleteRecord(place)
}

/** Resource types are the whole cluster's: another Argo CD has its own objects of them. */
async function requireNoOthers(place: InstallPlace): Promise<void> {
  for (const kind of KINDS) {
    const namespaces = (await objectsOf(place, kind)).map(({ metadata }) => metadata.namespace ?? '')
    const others = [...new Set(namespaces)].filter((name) => name !== place.namespace)
    if (others.length === 0) continue
    const why = `there are ${kind}s in other namespaces (${others.join(', ')}), which would go with their resource type`
    throw new CapstanError('precondition', `${why}: delete them first, or leave out --delete-crds`)
  }
}

async function deleteResourceTypes(place: InstallPlace, record: InstallRecord): Promise<void> {
  const { client, signal, say } = place
  // Pods took their time to end, in which somebody may have made some.
  await requireNoOthers(place)
  const type = await typeOf(place, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' })
  for (const kind of KINDS) {
    const name = `${kind.toLowerCase()}s.argoproj.io`
    const live = await client.get({ type, name }, signal)
    if (live === undefined) continue
    if (!isOwn(live) || !record.objects.some((one) => one.kind === live.kind && one.name === name)) {
      say(`customresourcedefinition/${name} is another's and was kept, with its objects`)
      continue
    }
    await letGo(place, await objectsOf(place, kind))
    await client.delete({ type, name }, { signal })
    say(`customresourcedefinition/${name} deleted, what was delivered stays`)
  }
}

/** Takes finalizers off, so that nothing is deleted with the objects. */
async function letGo({ client, signal }: InstallPlace, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const { name = '', namespace, finalizers = [] } = object.metadata
    const type = await typeOf({ client, signal }, object)
    if (finalizers.length === 0) continue
    const ref = { type, name, ...(namespace === undefined ? {} : { namespace }) }
    await client.patch(ref, 'merge', { metadata: { finalizers: null } }, { signal })
  }
}

/** All of a kind in the cluster, or in a namespace; none where the cluster serves no such kind. */
async function objectsOf(
  { client, signal }: InstallPlace,
  kind: (typeof KINDS)[number],
  namespace?: string,
): Promise<readonly KubeObject[]> {
  const type: ResourceType | undefined = await client.resourceOf({ group: 'argoproj.io', kind }, signal)
  if (type === undefined) return []
  try {
    const { items } = await client.list(type, { ...(namespace === undefined ? {} : { namespace }), signal })
    return items.map((item) => ({ ...item, apiVersion: API_VERSION, kind }))
  } catch (error) {
    // Discovery is remembered longer than a resource type that is being deleted.
    if (hasStatus(error, 404)) return []
    throw error
  }
}

async function giveBack(place: InstallPlace, { stopped }: InstallRecord): Promise<void> {
  for (const original of stopped) {
    const { kind, name, replicas } = original
    const isThere = await scaleOriginal(place, original, replicas)
    place.say(`${kind.toLowerCase()}/${name} of Argo CD ${isThere ? `scaled to ${replicas}` : 'is gone'}`)
  }
}

async function deleteNamespace(place: InstallPlace): Promise<void> {
  const { client, namespace, signal, say } = place
  const type = await typeOf(place, { apiVersion: 'v1', kind: 'Namespace' })
  const live = await client.get({ type, name: namespace }, signal)
  if (live !== undefined && !isOwn(live)) {
    say(`namespace/${namespace} was there before and was kept`)
    return deleteRecord(place)
  }
  for (const kind of KINDS) await letGo(place, await objectsOf(place, kind, namespace))
  await client.delete({ type, name: namespace }, { signal })
  say(`namespace/${namespace} deleted`)
}

async function deleteRecord(place: InstallPlace): Promise<void> {
  const { client, namespace, signal } = place
  const type = await typeOf(place, { apiVersion: 'v1', kind: 'Secret' })
  await client.delete({ type, namespace, name: RECORD_NAME }, { signal })
}
