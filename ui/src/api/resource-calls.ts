// The calls about single resources of an application: events, actions, links, logs, manifests.
import type { ApplicationSpec } from '../../../src/crds/application.ts'
import type { ResourceAction } from '../../../src/crds/tree.ts'
import { apiPath, callApi, withQuery } from './request.ts'
import type { ApplicationId, ResourceId } from './shapes.ts'

/** What the page shows of a Kubernetes Event. */
export interface EventItem {
  readonly metadata: { readonly uid?: string; readonly name?: string; readonly creationTimestamp?: string }
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly source?: { readonly component?: string }
  readonly involvedObject?: { readonly kind?: string; readonly name?: string }
}

export interface DeepLink {
  readonly title?: string
  readonly url?: string
  readonly description?: string
}

export interface WindowState {
  readonly kind?: string
  readonly schedule?: string
  readonly duration?: string
  readonly manualSync?: boolean
}

export interface SyncWindows {
  readonly activeWindows?: readonly WindowState[] | null
  readonly assignedWindows?: readonly WindowState[] | null
  readonly canSync?: boolean
}

interface Items<T> {
  readonly items?: readonly T[] | null
}

/** Newest first; of the application itself where no resource is named. */
export async function listEvents(
  { name, namespace }: ApplicationId,
  resource: { readonly uid: string; readonly namespace: string; readonly name: string } | undefined,
  signal?: AbortSignal,
): Promise<readonly EventItem[]> {
  const query =
    resource === undefined
      ? {}
      : { resourceUID: resource.uid, resourceNamespace: resource.namespace, resourceName: resource.name }
  const path = withQuery(apiPath`/applications/${name}/events`, { ...query, appNamespace: namespace })
  const { items } = await callApi<Items<EventItem>>(path, { signal })
  return (items ?? []).toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))
}

/** When an event was last seen. */
export function timeOf({ lastTimestamp, eventTime, firstTimestamp, metadata }: EventItem): string {
  return lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? ''
}

export async function listActions(
  { name, namespace }: ApplicationId,
  resource: ResourceId,
  signal?: AbortSignal,
): Promise<readonly ResourceAction[]> {
  const path = withQuery(apiPath`/applications/${name}/resource/actions`, queryOf(resource, namespace))
  return (await callApi<{ readonly actions?: readonly ResourceAction[] | null }>(path, { signal })).actions ?? []
}

export interface ChosenAction {
  readonly action: string
  readonly parameters: readonly { readonly name: string; readonly value: string }[]
}

export function runAction(
  { name, namespace }: ApplicationId,
  resource: ResourceId,
  { action, parameters }: ChosenAction,
): Promise<unknown> {
  return callApi(apiPath`/applications/${name}/resource/actions/v2`, {
    method: 'POST',
    body: { ...queryOf(resource, namespace), action, resourceActionParameters: parameters },
  })
}

export function deleteResource(
  { name, namespace }: ApplicationId,
  resource: ResourceId,
  { force, orphan }: { readonly force: boolean; readonly orphan: boolean },
): Promise<unknown> {
  const path = withQuery(apiPath`/applications/${name}/resource`, { ...queryOf(resource, namespace), force, orphan })
  return callApi(path, { method: 'DELETE' })
}

function queryOf({ name: resourceName, ...rest }: ResourceId, appNamespace: string) {
  return { ...rest, resourceName, appNamespace }
}

export async function listLinks(
  { name, namespace }: ApplicationId,
  resource: ResourceId | undefined,
  signal?: AbortSignal,
): Promise<readonly DeepLink[]> {
  const path =
    resource === undefined
      ? withQuery(apiPath`/applications/${name}/links`, { namespace })
      : withQuery(apiPath`/applications/${name}/resource/links`, queryOf(resource, namespace))
  return (await callApi<Items<DeepLink>>(path, { signal })).items ?? []
}

/** The manifests of a revision as JSON texts; of the application's own where none is named. */
export async function readManifests(
  { name, namespace }: ApplicationId,
  revision: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const path = withQuery(apiPath`/applications/${name}/manifests`, { revision, appNamespace: namespace })
  return (await callApi<{ readonly manifests?: readonly string[] | null }>(path, { signal })).manifests ?? []
}

export function readWindows({ name, namespace }: ApplicationId, signal?: AbortSignal): Promise<SyncWindows> {
  return callApi(withQuery(apiPath`/applications/${name}/syncwindows`, { appNamespace: namespace }), { signal })
}

export function updateSpec({ name, namespace }: ApplicationId, spec: ApplicationSpec): Promise<unknown> {
  const path = withQuery(apiPath`/applications/${name}/spec`, { appNamespace: namespace })
  return callApi(path, { method: 'PUT', body: spec })
}

/** Merges a patch into the application: its labels and annotations. */
export function patchApplication({ name, namespace }: ApplicationId, patch: object): Promise<unknown> {
  return callApi(apiPath`/applications/${name}`, {
    method: 'PATCH',
    body: { patch: JSON.stringify(patch), patchType: 'merge', appNamespace: namespace },
  })
}

/** Asks RBAC; `object` as RBAC writes it: `project/application`. */
export async function mayI(action: string, object: string, options: MayOptions = {}): Promise<boolean> {
  const { resource = 'applications', signal } = options
  const path = apiPath`/account/can-i/${resource}/${action}/` + object.split('/').map(encodeURIComponent).join('/')
  return (await callApi<{ readonly value?: string }>(path, { signal })).value === 'yes'
}

export interface MayOptions {
  readonly resource?: 'applications' | 'logs' | 'exec'
  readonly signal?: AbortSignal
}
