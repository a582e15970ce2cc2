// The calls of the application service that commands make.
import type { ApiClient } from '../../api/client/client.ts'
import type { Application } from '../../crds/application.ts'
import type { WindowsState } from './describe.ts'
import type { ApplicationTree, ResourceAction, ResourceDiff, ResourceNode } from '../../crds/tree.ts'

const SERVICE = 'application.ApplicationService'

export interface ListFilter {
  readonly project?: readonly string[]
  readonly selector?: string
  readonly repo?: string
  readonly cluster?: string
  readonly path?: string
  readonly appNamespace?: string
}

/** Applications that pass the filter; cluster and path are compared here, as the original does. */
export async function listApplications(
  api: ApiClient,
  filter: ListFilter,
  signal: AbortSignal,
): Promise<readonly Application[]> {
  const { project, selector, repo, cluster, path, appNamespace } = filter
  const request = { projects: project, selector, repo, appNamespace }
  const { items } = await api.call<{ readonly items?: readonly Application[] }>(`${SERVICE}/List`, request, signal)
  return (items ?? []).filter(({ spec }) => {
    const isCluster = cluster === undefined || spec.destination.server === cluster || spec.destination.name === cluster
    return isCluster && (path === undefined || spec.source?.path === path)
  })
}

/** `namespace/name` → its request fields. */
export function nameFields(name: string): { readonly name: string; readonly appNamespace?: string } {
  const slash = name.indexOf('/')
  return slash < 0 ? { name } : { appNamespace: name.slice(0, slash), name: name.slice(slash + 1) }
}

/** The same for calls about resources, whose `name` is that of a resource. */
function ownerFields(qualified: string): { readonly applicationName: string; readonly appNamespace?: string } {
  const { name, ...namespace } = nameFields(qualified)
  return { applicationName: name, ...namespace }
}

export function getApplication(
  api: ApiClient,
  name: string,
  refresh: '' | 'normal' | 'hard',
  signal: AbortSignal,
): Promise<Application> {
  return api.call<Application>(`${SERVICE}/Get`, { ...nameFields(name), refresh }, signal)
}

export function createApplication(
  api: ApiClient,
  application: unknown,
  flags: { readonly upsert?: boolean; readonly validate?: boolean },
  signal: AbortSignal,
): Promise<Application> {
  return api.call<Application>(`${SERVICE}/Create`, { application, ...flags }, signal)
}

export function updateSpec(
  api: ApiClient,
  name: string,
  change: { readonly spec: unknown; readonly validate: boolean },
  signal: AbortSignal,
): Promise<unknown> {
  return api.call(`${SERVICE}/UpdateSpec`, { ...nameFields(name), ...change }, signal)
}

/** The windows that decide when the application may sync. */
export function syncWindows(api: ApiClient, name: string, signal: AbortSignal): Promise<WindowsState> {
  return api.call<WindowsState>(`${SERVICE}/GetApplicationSyncWindows`, nameFields(name), signal)
}

export function deleteApplication(
  api: ApiClient,
  name: string,
  flags: { readonly cascade: boolean; readonly propagationPolicy?: string },
  signal: AbortSignal,
): Promise<unknown> {
  return api.call(`${SERVICE}/Delete`, { ...nameFields(name), ...flags }, signal)
}

export function syncApplication(
  api: ApiClient,
  name: string,
  request: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Application> {
  return api.call<Application>(`${SERVICE}/Sync`, { ...nameFields(name), ...request }, signal)
}

export function rollbackApplication(
  api: ApiClient,
  name: string,
  request: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Application> {
  return api.call<Application>(`${SERVICE}/Rollback`, { ...nameFields(name), ...request }, signal)
}

export function terminateOperation(api: ApiClient, name: string, signal: AbortSignal): Promise<unknown> {
  return api.call(`${SERVICE}/TerminateOperation`, nameFields(name), signal)
}

export async function managedResources(
  api: ApiClient,
  name: string,
  signal: AbortSignal,
): Promise<readonly ResourceDiff[]> {
  const { items } = await api.call<{ readonly items?: readonly ResourceDiff[] }>(
    `${SERVICE}/ManagedResources`,
    ownerFields(name),
    signal,
  )
  return items ?? []
}

export function resourceTree(api: ApiClient, name: string, signal: AbortSignal): Promise<ApplicationTree> {
  return api.call<ApplicationTree>(`${SERVICE}/ResourceTree`, ownerFields(name), signal)
}

/** Which live resource a call is about. */
function resourceFields({ group = '', kind = '', version = '', namespace = '', name = '' }: ResourceNode): object {
  return { group, kind, version, namespace, resourceName: name }
}

export function listResourceActions(
  api: ApiClient,
  name: string,
  node: ResourceNode,
  signal: AbortSignal,
): Promise<{ readonly actions?: readonly ResourceAction[] }> {
  return api.call(`${SERVICE}/ListResourceActions`, { ...nameFields(name), ...resourceFields(node) }, signal)
}

export interface ActionRun {
  readonly name: string
  readonly node: ResourceNode
  readonly action: string
  readonly parameters: readonly { readonly name: string; readonly value: string }[]
}

export function runResourceAction(
  api: ApiClient,
  { name, node, action, parameters }: ActionRun,
  signal: AbortSignal,
): Promise<object> {
  const request = { ...nameFields(name), ...resourceFields(node), action, resourceActionParameters: parameters }
  return api.call(`${SERVICE}/RunResourceActionV2`, request, signal)
}

/** Which revision, or which of several sources. */
export interface ManifestQuery {
  readonly revision?: string | undefined
  readonly revisions?: readonly string[]
  readonly sourcePositions?: readonly number[]
}

export function manifests(
  api: ApiClient,
  name: string,
  at: ManifestQuery,
  signal: AbortSignal,
): Promise<{ readonly manifests: readonly string[] }> {
  return api.call(`${SERVICE}/GetManifests`, { ...nameFields(name), ...at }, signal)
}

export interface ApplicationEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly application: Application
}

/** The application now and after every change, until the signal aborts. */
export function watchApplication(api: ApiClient, name: string, signal: AbortSignal): AsyncIterable<ApplicationEvent> {
  return api.stream<ApplicationEvent>(`${SERVICE}/Watch`, nameFields(name), signal)
}
