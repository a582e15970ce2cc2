// The calls the page makes, one function each.
import { FACETS, type FoundApplications } from '../../../src/api/found-applications.ts'
import type { Application } from '../../../src/crds/application.ts'
import type { AppProject } from '../../../src/crds/app-project.ts'
import type { ApplicationTree, ResourceDiff, RevisionMetadata } from '../../../src/crds/tree.ts'
import { apiPath, basePath, callApi, withQuery } from './request.ts'
import type { ListSearch } from '../search.ts'
import type {
  AppDetails,
  ApplicationId,
  ClusterInfo,
  PublicSettings,
  RepositoryApp,
  RepositoryRefs,
  ResourceId,
  SyncRequest,
  UserInfo,
  VersionInfo,
} from './shapes.ts'

/** What the list shows; the rest of an application would make a long list ten times as large. */
const LIST_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.resourceVersion',
  'metadata.labels',
  'metadata.creationTimestamp',
  'metadata.deletionTimestamp',
  'spec',
  'operation.sync',
  'status.sync.status',
  'status.sync.revision',
  'status.health',
  'status.operationState.phase',
  'status.operationState.startedAt',
  'status.operationState.finishedAt',
]

export interface ApplicationList {
  readonly resourceVersion: string
  readonly items: readonly Application[]
}

interface Items<T> {
  readonly metadata?: { readonly resourceVersion?: string }
  readonly items?: readonly T[] | null
}

export async function logIn(username: string, password: string): Promise<void> {
  await callApi(apiPath`/session`, { method: 'POST', body: { username, password } })
}

export async function logOut(): Promise<void> {
  await callApi(apiPath`/session`, { method: 'DELETE' })
}

export function readUserInfo(signal?: AbortSignal): Promise<UserInfo> {
  return callApi(apiPath`/session/userinfo`, { signal })
}

export function readSettings(signal?: AbortSignal): Promise<PublicSettings> {
  return callApi(apiPath`/settings`, { signal })
}

/** Where the browser goes to log in by the provider, and from there to `path` of this page. */
export function providerLogin(path: string): string {
  return withQuery(`${basePath()}/auth/login`, { return_url: new URL(basePath() + path, location.origin).href })
}

export function readVersion(signal?: AbortSignal): Promise<VersionInfo> {
  return callApi(`${basePath()}/api/version`, { signal })
}

export async function listApplications(signal?: AbortSignal): Promise<ApplicationList> {
  const fields = ['metadata.resourceVersion', ...LIST_FIELDS.map((field) => `items.${field}`)].join(',')
  const list = await callApi<Items<Application>>(withQuery(apiPath`/applications`, { fields }), { signal })
  return { resourceVersion: list.metadata?.resourceVersion ?? '', items: list.items ?? [] }
}

/** What of the list is wanted. */
export interface FindQuery {
  readonly search: ListSearch
  readonly favourites: readonly string[]
  readonly offset: number
  readonly limit: number
}

/** A page of the list, with how many there are of each value. */
export function findApplications(query: FindQuery, signal?: AbortSignal): Promise<FoundApplications> {
  const { search, favourites, offset, limit } = query
  const parameters = new URLSearchParams()
  for (const facet of FACETS) for (const value of search[facet] ?? []) parameters.append(facet, value)
  for (const key of favourites) parameters.append('favourite', key)
  if (search.q !== undefined && search.q !== '') parameters.set('q', search.q)
  if (search.order !== undefined) parameters.set('order', search.order)
  if (search.starred === true) parameters.set('onlyFavourites', 'true')
  parameters.set('offset', String(offset))
  parameters.set('limit', String(limit))
  return callApi(`${apiPath`/capstan/applications`}?${parameters.toString()}`, { signal })
}

export interface ReadOptions {
  /** Looks at the source now and waits for the result; `hard` renders anew as well. */
  readonly refresh?: 'normal' | 'hard'
  readonly signal?: AbortSignal
}

export function readApplication(id: ApplicationId, { refresh, signal }: ReadOptions = {}): Promise<Application> {
  const path = withQuery(apiPath`/applications/${id.name}`, { appNamespace: id.namespace, refresh })
  return callApi(path, { signal })
}

/** The application of a name in the control plane's own namespace. */
export function readApplicationNamed(name: string, signal: AbortSignal): Promise<Application> {
  return callApi(apiPath`/applications/${name}`, { signal })
}

export function createApplication(application: object): Promise<Application> {
  return callApi(apiPath`/applications`, { method: 'POST', body: application })
}

export function deleteApplication({ name, namespace }: ApplicationId, cascade: boolean): Promise<unknown> {
  const path = withQuery(apiPath`/applications/${name}`, { cascade, appNamespace: namespace })
  return callApi(path, { method: 'DELETE' })
}

export function syncApplication({ name, namespace }: ApplicationId, request: SyncRequest): Promise<unknown> {
  return callApi(apiPath`/applications/${name}/sync`, { method: 'POST', body: { ...request, appNamespace: namespace } })
}

export function rollBack({ name, namespace }: ApplicationId, id: number, prune: boolean): Promise<unknown> {
  const body = { id, prune, appNamespace: namespace }
  return callApi(apiPath`/applications/${name}/rollback`, { method: 'POST', body })
}

export function terminateOperation({ name, namespace }: ApplicationId): Promise<unknown> {
  const path = withQuery(apiPath`/applications/${name}/operation`, { appNamespace: namespace })
  return callApi(path, { method: 'DELETE' })
}

export function readTree({ name, namespace }: ApplicationId, signal?: AbortSignal): Promise<ApplicationTree> {
  return callApi(withQuery(apiPath`/applications/${name}/resource-tree`, { appNamespace: namespace }), { signal })
}

export async function readManaged(
  { name, namespace }: ApplicationId,
  signal?: AbortSignal,
): Promise<readonly ResourceDiff[]> {
  const path = withQuery(apiPath`/applications/${name}/managed-resources`, { appNamespace: namespace })
  return (await callApi<Items<ResourceDiff>>(path, { signal })).items ?? []
}

export function readRevision(
  { name, namespace }: ApplicationId,
  revision: string,
  signal?: AbortSignal,
): Promise<RevisionMetadata> {
  const path = apiPath`/applications/${name}/revisions/${revision}/metadata`
  return callApi(withQuery(path, { appNamespace: namespace }), { signal })
}

/** The live object as JSON text. */
export async function readLive(
  application: ApplicationId,
  resource: ResourceId,
  signal?: AbortSignal,
): Promise<string> {
  return (await callApi<{ readonly manifest: string }>(resourcePath(application, resource), { signal })).manifest
}

export async function patchLive(application: ApplicationId, resource: ResourceId, patch: object): Promise<string> {
  const path = resourcePath(application, resource, 'application/merge-patch+json')
  // The body is the patch itself, as a JSON string: that is how the route binds it.
  const body = JSON.stringify(patch)
  return (await callApi<{ readonly manifest: string }>(path, { method: 'POST', body })).manifest
}

function resourcePath({ name, namespace }: ApplicationId, resource: ResourceId, patchType?: string): string {
  const { name: resourceName, ...rest } = resource
  const query = { ...rest, resourceName, appNamespace: namespace, patchType }
  return withQuery(apiPath`/applications/${name}/resource`, query)
}

export async function listProjects(signal?: AbortSignal): Promise<readonly AppProject[]> {
  return (await callApi<Items<AppProject>>(apiPath`/projects`, { signal })).items ?? []
}

export async function listClusters(signal?: AbortSignal): Promise<readonly ClusterInfo[]> {
  return (await callApi<Items<ClusterInfo>>(apiPath`/clusters`, { signal })).items ?? []
}

export async function listRepositories(signal?: AbortSignal): Promise<readonly string[]> {
  const path = apiPath`/repositories`
  const { items } = await callApi<Items<{ readonly repo: string; readonly type?: string }>>(path, { signal })
  // Container registries are listed too, and hold no manifests.
  return (items ?? []).filter(({ type }) => type !== 'registry').map(({ repo }) => repo)
}

export function readRefs(repo: string, project: string, signal?: AbortSignal): Promise<RepositoryRefs> {
  return callApi(withQuery(apiPath`/repositories/${repo}/refs`, { appProject: project }), { signal })
}

export interface SourcePlace {
  readonly repo: string
  readonly revision: string
  readonly project: string
}

export async function listRepositoryApps(place: SourcePlace, signal?: AbortSignal): Promise<readonly RepositoryApp[]> {
  const { repo, revision, project } = place
  const path = withQuery(apiPath`/repositories/${repo}/apps`, { revision, appProject: project })
  return (await callApi<Items<RepositoryApp>>(path, { signal })).items ?? []
}

export function readAppDetails(place: SourcePlace, path: string, signal?: AbortSignal): Promise<AppDetails> {
  const { repo, revision, project } = place
  return callApi(apiPath`/repositories/${repo}/appdetails`, {
    method: 'POST',
    body: { source: { repoURL: repo, path, targetRevision: revision }, appProject: project },
    signal,
  })
}
