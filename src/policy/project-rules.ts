// What a project lets its applications use: sources, destinations, kinds of resources, namespaces of the applications.
import { matchesGlob } from '../base/glob.ts'
import { matchGoPath } from '../base/path-pattern.ts'
import type { AppProject } from '../crds/app-project.ts'
import type { ApplicationDestination, ApplicationSource } from '../crds/application.ts'
import type { GroupKind } from '../kube/object.ts'
import { normalizeGitUrl } from '../settings/git-url.ts'
import { matchesName } from './name-pattern.ts'

/**
 * True where some entry of sourceRepos fits the normalised URL and no entry with `!` denies it. An entry with `!` that does not
 * deny counts as one that fits (argo-cd v3.5.1 `app_project_types.go` `IsSourcePermitted`).
 */
export function isSourcePermitted(project: AppProject, source: Pick<ApplicationSource, 'repoURL'>): boolean {
  const url = normalizeGitUrl(source.repoURL)
  let anyFits = false
  for (const entry of project.spec.sourceRepos ?? []) {
    const denies = entry.startsWith('!')
    const pattern = normalizeGitUrl(denies ? entry.slice(1) : entry)
    const fits = matchesAll(pattern) || matchesGlob(pattern, url, '/')
    if (denies && fits) return false
    if (denies || fits) anyFits = true
  }
  return anyFits
}

function matchesAll(pattern: string): boolean {
  return pattern === '*'
}

/** A cluster by both of its names, as far as they are known. */
export type Destination = Pick<ApplicationDestination, 'server' | 'name' | 'namespace'>

/** Clusters registered for one project alone. */
export type ProjectCluster = Pick<ApplicationDestination, 'server' | 'name'>

/**
 * True where some destination of the project fits (server or name, and namespace) and none with `!` denies one of the parts.
 * With permitOnlyProjectScopedClusters the cluster must also be one of `projectClusters`.
 */
export function isDestinationPermitted(
  project: AppProject,
  destination: Destination,
  projectClusters: readonly ProjectCluster[] = [],
): boolean {
  if (!isDestinationMatched(project, destination)) return false
  if (!project.spec.permitOnlyProjectScopedClusters) return true
  return projectClusters.some((cluster) => {
    const hasName = destination.name !== undefined && cluster.name === destination.name
    return hasName || (destination.server !== undefined && cluster.server === destination.server)
  })
}

function isDestinationMatched(project: AppProject, destination: Destination): boolean {
  const verdicts = (project.spec.destinations ?? []).map((item) => verdictOf(item, destination))
  return verdicts.includes('fits') && !verdicts.includes('denied')
}

/** Upstream's precedence (argo-cd v3.5.1 `isDestinationMatched`): a denied name alone refuses, a denied server only together with the namespace, a denied namespace only on that server. */
function verdictOf(item: Destination, destination: Destination): 'fits' | 'denied' | undefined {
  const name = fitsPart(item.name, destination.name)
  const server = fitsPart(item.server, destination.server)
  const namespace = matchesNegatable(item.namespace ?? '', destination.namespace ?? '')
  if ((server || name) && namespace) return 'fits'
  const isDenied =
    denies(item.name, name) ||
    (denies(item.server, server) && namespace) ||
    (denies(item.namespace, namespace) && server)
  return isDenied ? 'denied' : undefined
}

function fitsPart(pattern: string | undefined, value: string | undefined): boolean {
  return value !== undefined && value !== '' && matchesNegatable(pattern ?? '', value)
}

function denies(pattern: string | undefined, fits: boolean): boolean {
  return !fits && pattern?.startsWith('!') === true
}

/** A glob in which `*` crosses every character; after `!` it must not fit. */
function matchesNegatable(pattern: string, value: string): boolean {
  return pattern.startsWith('!') ? !matchesGlob(pattern.slice(1), value) : matchesGlob(pattern, value)
}

export interface ResourceInQuestion extends GroupKind {
  readonly name: string
  readonly isNamespaced: boolean
}

/**
 * True where lists of the project let the kind be deployed, with the patterns of Go's filepath.Match: a cluster-scoped one must be named in the whitelist (by name too, if
 * the entry has one); a namespaced one may be anything unless there is a whitelist; the blacklists deny.
 */
export function isResourcePermitted(project: AppProject, resource: ResourceInQuestion): boolean {
  const { spec } = project
  if (!resource.isNamespaced) {
    if (!isNamedIn(spec.clusterResourceWhitelist ?? [], resource)) return false
    return !isNamedIn(spec.clusterResourceBlacklist ?? [], resource)
  }
  const whitelist = spec.namespaceResourceWhitelist
  if (whitelist !== undefined && whitelist !== null && !isNamedIn(whitelist, resource)) return false
  return !isNamedIn(spec.namespaceResourceBlacklist ?? [], resource)
}

interface RestrictionItem extends GroupKind {
  readonly name?: string
}

function isNamedIn(list: readonly RestrictionItem[], resource: ResourceInQuestion): boolean {
  return list.some(({ group, kind, name }) => {
    if (!matchGoPath(kind, resource.kind) || !matchGoPath(group, resource.group)) return false
    return name === undefined || name === '' || matchGoPath(name, resource.name)
  })
}

/** True where applications of the project may stand in a namespace; the control plane's own is always allowed. */
export function isApplicationNamespacePermitted(
  project: AppProject,
  namespace: string,
  controlNamespace: string,
): boolean {
  if (namespace === controlNamespace) return true
  return (project.spec.sourceNamespaces ?? []).some((pattern) => matchesName(pattern, namespace))
}
