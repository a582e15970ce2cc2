// Checks what an application asks for: project, sources, destination; each fault becomes a condition.
import { messageOf } from '../../base/errors.ts'
import { withAbort } from '../../base/with-abort.ts'
import type { AppProject } from '../../crds/app-project.ts'
import { describeDestination, describeViolations } from '../../policy/application.ts'
import { effectiveProject } from '../../policy/effective-project.ts'
import { isApplicationNamespacePermitted } from '../../policy/project-rules.ts'
import { markedName, projectOf } from './application-name.ts'
import type { ClusterRecord } from './cluster-client.ts'
import type { Condition } from './conditions.ts'
import type { Destination, Pass } from './pass.ts'

export type SpecCheck =
  | { readonly destination: Destination; readonly conditions: readonly [] }
  | { readonly destination: undefined; readonly conditions: readonly Condition[] }

/** Where the application goes, or every reason why it cannot. */
export async function checkSpec(pass: Pass): Promise<SpecCheck> {
  const { application, clusters, dependencies } = pass
  const { spec } = application
  const project = await findProject(pass)
  const faults: string[] = []
  const cluster = findCluster(pass, faults)
  if (project === undefined) faults.unshift(`Application referencing project ${projectOf(spec)} which does not exist`)
  else faults.unshift(...projectFaults(pass, project, cluster))
  const [first] = faults
  if (project === undefined || cluster === undefined || first !== undefined) {
    return { destination: undefined, conditions: [...new Set(faults)].map(invalid) }
  }
  const { namespace = '', name = '' } = application.metadata
  const mark = {
    app: markedName({ namespace, name }, dependencies.namespace),
    namespace: spec.destination.namespace ?? '',
  }
  try {
    return { destination: { cluster, cache: clusters.cacheOf(cluster), project, mark }, conditions: [] }
  } catch (error) {
    return { destination: undefined, conditions: [invalid(messageOf(error))] }
  }
}

/**
 * The project of an application with all that is added to it; undefined where there is none. One that is not followed yet may
 * have just been made.
 */
export async function findProject(pass: Pass): Promise<AppProject | undefined> {
  const { application, dependencies, followed } = pass
  const known = followed.projects.get(dependencies.namespace, projectOf(application.spec))
  return known === undefined ? readProject(pass) : withAdditions(pass, known)
}

/** The project as the cluster has it now, for what must not act on yesterday's word; undefined where there is none. */
export async function readProject(pass: Pass): Promise<AppProject | undefined> {
  const { application, followed, signal } = pass
  const found = await withAbort(followed.readProject(projectOf(application.spec)), signal)
  return found === undefined ? undefined : withAdditions(pass, found)
}

function withAdditions({ clusters, dependencies, followed, settings }: Pass, project: AppProject): AppProject {
  const name = project.metadata.name ?? ''
  return effectiveProject(project, {
    globalProjects: settings.globalProjects,
    projectOf: (other) => followed.projects.get(dependencies.namespace, other),
    repositories: settings.repositoriesOf(name),
    clusters: clusters.ofProject(name),
  })
}

function invalid(message: string): Condition {
  return { type: 'InvalidSpecError', message }
}

/** A destination that is wrong in itself is reported by the project's check. */
function findCluster(pass: Pass, faults: string[]): ClusterRecord | undefined {
  const { destination } = pass.application.spec
  try {
    return pass.clusters.find(destination)
  } catch (error) {
    faults.push(describeDestination(destination) ?? messageOf(error))
    return undefined
  }
}

function projectFaults(pass: Pass, project: AppProject, cluster: ClusterRecord | undefined): readonly string[] {
  const { application, clusters, dependencies } = pass
  const { namespace = '', name = '' } = application.metadata
  const projectName = project.metadata.name ?? ''
  // As upstream: whoever may not use a project at all is not told what it permits.
  if (!isApplicationNamespacePermitted(project, namespace, dependencies.namespace))
    return [`application '${name}' in namespace '${namespace}' is not permitted to use project '${projectName}'`]
  return describeViolations(application, project, {
    ...(cluster === undefined
      ? { isClusterMissing: true }
      : { cluster: { server: cluster.server, name: cluster.name } }),
    projectClusters: clusters.ofProject(projectName),
  })
}
