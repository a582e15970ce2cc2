// What is wrong with an application before anybody fetches its sources, in the texts of InvalidSpecError conditions.
import type { AppProject } from '../crds/app-project.ts'
import type { Application, ApplicationDestination, ApplicationSource, SourceHydrator } from '../crds/application.ts'
import { isDestinationPermitted, isSourcePermitted, type ProjectCluster } from './project-rules.ts'

export interface ViolationOptions {
  /** The registered cluster behind the destination, where it was found: its server and its name count both. */
  readonly cluster?: ProjectCluster
  /** The destination was looked up in vain: others say so, and the project's rules for it are not asked. */
  readonly isClusterMissing?: boolean
  /** Clusters registered for this project alone. */
  readonly projectClusters?: readonly ProjectCluster[]
}

/**
 * Texts of what the project or the form of the spec forbids; none where all is well
 * (argo-cd v3.5.1 `util/argo/argo.go` `ValidatePermissions`). As there, a broken source or destination ends the check.
 */
export function describeViolations(
  application: Application,
  project: AppProject,
  options: ViolationOptions = {},
): readonly string[] {
  const { sources = [], source, sourceHydrator } = application.spec
  const hasMany = sources.length > 0
  const own = hasMany ? sources : [source ?? { repoURL: '' }]
  const broken = sourceHydrator === undefined ? describeSources(own, hasMany) : describeHydrator(sourceHydrator)
  if (broken.length > 0) return broken
  const name = project.metadata.name ?? ''
  const violations =
    sourceHydrator === undefined
      ? own.filter((candidate) => !isSourcePermitted(project, candidate)).map(({ repoURL }) => forbidden(repoURL, name))
      : hydratorViolations(sourceHydrator, project)
  const problem = describePlace(application.spec.destination, project, options)
  return problem === undefined ? violations : [...violations, problem]
}

function forbidden(repoURL: string, project: string): string {
  return `application repo ${repoURL} is not permitted in project '${project}'`
}

function describeHydrator({ drySource, syncSource, hydrateTo }: SourceHydrator): readonly string[] {
  const place = 'spec.sourceHydrator'
  return [
    ...(drySource.repoURL ? [] : [`${place}.drySource.repoURL is required`]),
    ...(syncSource.targetBranch ? [] : [`${place}.syncSource.targetBranch is required`]),
    ...(hydrateTo === undefined || hydrateTo.targetBranch
      ? []
      : [`when ${place}.hydrateTo is set, ${place}.hydrateTo.targetBranch is required`]),
  ]
}

function hydratorViolations({ drySource, syncSource }: SourceHydrator, project: AppProject): readonly string[] {
  const name = project.metadata.name ?? ''
  const written = syncSource.repoURL || drySource.repoURL
  const isOther = written !== drySource.repoURL
  return [
    ...(isSourcePermitted(project, drySource) ? [] : [forbidden(drySource.repoURL, name)]),
    ...(isOther && !isSourcePermitted(project, { repoURL: written })
      ? [`sync source repo ${written} is not permitted in project '${name}'`]
      : []),
  ]
}

function describePlace(
  destination: ApplicationDestination,
  project: AppProject,
  options: ViolationOptions,
): string | undefined {
  const problem = describeDestination(destination)
  if (problem !== undefined || options.isClusterMissing === true) return problem
  const known = { ...destination, ...options.cluster }
  if (isDestinationPermitted(project, known, options.projectClusters)) return undefined
  const cluster = destination.name ? known.name : known.server
  const place = `server '${cluster ?? ''}' and namespace '${destination.namespace ?? ''}'`
  const name = project.metadata.name ?? ''
  return `application destination ${place} do not match any of the allowed destinations in project '${name}'`
}

function describeSources(sources: readonly ApplicationSource[], hasMany: boolean): readonly string[] {
  for (const source of sources) {
    const text = describeSource(source, hasMany)
    if (text !== undefined) return [text]
  }
  return hasMany ? describeNames(sources) : []
}

function describeSource(source: ApplicationSource, isOneOfMany: boolean): string | undefined {
  const isPlaced = Boolean(source.path) || Boolean(source.chart) || (isOneOfMany && Boolean(source.ref))
  if (source.repoURL === '' || !isPlaced) {
    if (!isOneOfMany) return 'spec.source.repoURL and either spec.source.path or spec.source.chart are required'
    const name = source.name ?? source.repoURL
    return `spec.source.repoURL and either source.path, source.chart, or source.ref are required for source ${name}`
  }
  if (!source.chart || source.targetRevision) return undefined
  return 'spec.source.targetRevision is required if the manifest source is a helm chart'
}

/** Names of sources are handles for `--source-name`, so they must be unique. */
function describeNames(sources: readonly ApplicationSource[]): readonly string[] {
  const seen = new Set<string>()
  for (const { name } of sources) {
    if (!name) continue
    if (seen.has(name)) return [`application has multiple sources with the same name: ${name}`]
    seen.add(name)
  }
  return []
}

/** Why a destination can be no cluster, or undefined; whether the cluster is registered is for others to say. */
export function describeDestination({ name, server }: ApplicationDestination): string | undefined {
  if (name && server) return `application destination can't have both name and server defined: ${name} ${server}`
  if (!name && !server) return 'Destination server missing from app spec'
  if (!server || isServerUrl(server)) return undefined
  return `application destination server ${JSON.stringify(server)} is no valid URL: write it as https://host or https://host:port`
}

function isServerUrl(server: string): boolean {
  // URL.parse mends `https:.//host` and `https:/host` silently; upstream does not reach such a server, so say it.
  return /^https?:\/\/[^/]/.test(server) && URL.canParse(server)
}
