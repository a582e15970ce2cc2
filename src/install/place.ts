// Where an installation is put, and how its objects are told from others'.
import type { Clock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { KubeError, type KubeClient, type ResourceRef, type ResourceType } from '../kube/client/client.ts'
import { kindOf, type JsonObject, type KubeObject } from '../kube/object.ts'

/** Who writes; resource types that `capstan up` has made are the same writer's. */
export const MANAGER = 'capstan'
/** On every object that an installation has made, and on none that it has found. */
export const OWN_LABEL = 'app.kubernetes.io/managed-by'
export const OWN_VALUE = 'capstan'

/** An object as the chart renders it: plain JSON. */
export type PlainObject = KubeObject & JsonObject

export interface InstallPlace {
  readonly client: KubeClient
  readonly namespace: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Tells people a line of what is done. */
  readonly say: (line: string) => void
  /** Nothing is written; the cluster says what it would do. */
  readonly isDryRun: boolean
}

/** The resource of an object's kind; throws `unsupported` where the cluster serves none. */
export async function typeOf(
  { client, signal }: Pick<InstallPlace, 'client' | 'signal'>,
  object: Pick<KubeObject, 'apiVersion' | 'kind'>,
): Promise<ResourceType> {
  const type = await client.resourceOf(kindOf(object), signal)
  if (type !== undefined) return type
  throw new CapstanError('unsupported', `the cluster serves no ${object.apiVersion} ${object.kind}`)
}

export async function refOf(place: InstallPlace, object: KubeObject): Promise<ResourceRef> {
  const type = await typeOf(place, object)
  const { name = '', namespace } = object.metadata
  return { type, name, ...(type.namespaced ? { namespace: namespace ?? place.namespace } : {}) }
}

/** `deployment/argocd-server`, with the namespace where it is another one. */
export function nameOf(object: KubeObject, namespace: string): string {
  const { name = '', namespace: own } = object.metadata
  const where = own === undefined || own === namespace ? '' : ` in namespace ${own}`
  return `${object.kind.toLowerCase()}/${name}${where}`
}

/** Whether an installation made it. Resource types are also ours where `capstan up` has made them. */
export function isOwn({ kind, metadata }: KubeObject): boolean {
  if (metadata.labels?.[OWN_LABEL] === OWN_VALUE) return true
  const managers = metadata.managedFields ?? []
  return kind === 'CustomResourceDefinition' && managers.some(({ manager }) => manager === MANAGER)
}

export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof KubeError && error.status === status
}
