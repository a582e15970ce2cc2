// What a project permits with all that is added to it: global projects, and the repositories and clusters registered for it.
import { CapstanError } from '../base/errors.ts'
import type { AppProject } from '../crds/app-project.ts'
import type { ApplicationDestination } from '../crds/application.ts'
import { labelSelectorOf, type LabelSelectorObject, matchesLabels } from '../kube/selector.ts'
import type { Cluster } from '../settings/clusters.ts'
import type { GlobalProject } from '../settings/control-plane.ts'

export interface ProjectAdditions {
  /** `globalProjects` of argocd-cm. */
  readonly globalProjects: readonly GlobalProject[]
  /** Finds a project by name. */
  readonly projectOf: (name: string) => AppProject | undefined
  /** URLs of the repositories registered for this project alone. */
  readonly repositories: readonly string[]
  /** Clusters registered for this project alone. */
  readonly clusters: readonly Pick<Cluster, 'server' | 'namespaces'>[]
}

/**
 * The project as its applications are held against it (argo-cd v3.5.1 `util/argo/argo.go` `GetAppProjectByName`): what is
 * registered for the project alone is permitted by that, and the lists of its global projects are put behind its own.
 */
export function effectiveProject(project: AppProject, additions: ProjectAdditions): AppProject {
  const globals = globalProjectsOf(project, additions)
  const { repositories, clusters } = additions
  if (globals.length === 0 && repositories.length === 0 && clusters.length === 0) return project
  const spec = {
    ...project.spec,
    sourceRepos: [...(project.spec.sourceRepos ?? []), ...repositories],
    destinations: [...(project.spec.destinations ?? []), ...clusters.flatMap(destinationsOf)],
  }
  return globals.reduce(merged, { ...project, spec })
}

function destinationsOf({
  server,
  namespaces,
}: ProjectAdditions['clusters'][number]): readonly ApplicationDestination[] {
  return (namespaces.length === 0 ? ['*'] : namespaces).map((namespace) => ({ server, namespace }))
}

/**
 * The global projects whose selector fits the project's labels, in the order of the setting. A selector that is wrong, or a
 * project that is missing, ends the list there, as upstream has it (`GetGlobalProjects`).
 */
export function globalProjectsOf(
  project: AppProject,
  { globalProjects, projectOf }: Pick<ProjectAdditions, 'globalProjects' | 'projectOf'>,
): readonly AppProject[] {
  const found: AppProject[] = []
  for (const { projectName, labelSelector } of globalProjects) {
    if (projectName === project.metadata.name) continue
    const fits = fitsSelector(labelSelector, project)
    if (fits === undefined) break
    if (!fits) continue
    const global = projectOf(projectName)
    if (global === undefined) break
    found.push(global)
  }
  return found
}

/** Undefined where the selector is wrong; none at all selects every project. */
function fitsSelector(selector: LabelSelectorObject, { metadata }: AppProject): boolean | undefined {
  try {
    return matchesLabels(labelSelectorOf(selector), metadata.labels)
  } catch (error) {
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

/** Lists that the global project adds to; two that are absent stay absent, which for namespaced kinds means everything. */
function merged(project: AppProject, { spec: more }: AppProject): AppProject {
  const { spec } = project
  const added = {
    clusterResourceWhitelist: joined(spec.clusterResourceWhitelist, more.clusterResourceWhitelist),
    clusterResourceBlacklist: joined(spec.clusterResourceBlacklist, more.clusterResourceBlacklist),
    namespaceResourceWhitelist: joined(spec.namespaceResourceWhitelist, more.namespaceResourceWhitelist),
    namespaceResourceBlacklist: joined(spec.namespaceResourceBlacklist, more.namespaceResourceBlacklist),
    syncWindows: joined(spec.syncWindows, more.syncWindows),
    sourceRepos: joined(spec.sourceRepos, more.sourceRepos),
    destinations: joined(spec.destinations, more.destinations),
    destinationServiceAccounts: joined(spec.destinationServiceAccounts, more.destinationServiceAccounts),
  }
  const present = Object.fromEntries(Object.entries(added).filter(([, list]) => list !== undefined))
  return { ...project, spec: { ...spec, ...present } }
}

/** As Go appends: nothing to an absent list leaves it absent. */
function joined<T>(list: readonly T[] | undefined, more: readonly T[] = []): readonly T[] | undefined {
  return more.length === 0 ? list : [...(list ?? []), ...more]
}
