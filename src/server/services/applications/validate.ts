// Refuses an application that cannot work before it is stored: project, destination, sources.
import { CapstanError, messageOf } from '../../../base/errors.ts'
import type { Application } from '../../../crds/application.ts'
import type { DesiredRequest } from '../../../desired/contract.ts'
import { DRY_RENDERINGS, drySourceOf } from '../../../desired/hydrated-source.ts'
import { describeDestination, describeViolations } from '../../../policy/application.ts'
import type { Call, ClusterAccess } from '../../context.ts'
import { projectOf } from './find.ts'

/** Throws `bad-input` with the texts of the conditions that the controller would set, as upstream's API does. */
export async function validateApplication(call: Call, application: Application): Promise<void> {
  const { name = '' } = application.metadata
  const projectName = projectOf(application)
  const project = call.context.effectiveProject(projectName)
  if (project === undefined) {
    throw new CapstanError('bad-input', `app is not allowed in project "${projectName}", or the project does not exist`)
  }
  const { cluster, fault } = await findCluster(call, application)
  const own = cluster?.project === projectName ? [cluster] : []
  const place = cluster === undefined ? { isClusterMissing: true } : { cluster, projectClusters: own }
  const violations = describeViolations(application, project, place)
  const faults = new Set(fault === undefined ? violations : [...violations, fault])
  if (faults.size > 0)
    throw invalid(
      name,
      [...faults].map((text) => `InvalidSpecError: ${text}`),
    )
  try {
    await call.context.desired.generate(await desiredRequest(call, application, 'latest'))
  } catch (error) {
    throw invalid(name, [`InvalidSpecError: Unable to generate manifests: ${messageOf(error)}`])
  }
}

interface FoundCluster {
  readonly cluster?: Pick<ClusterAccess, 'server' | 'name' | 'project'>
  readonly fault?: string
}

async function findCluster(call: Call, { spec: { destination } }: Application): Promise<FoundCluster> {
  try {
    const { server, name, project } = await call.context.clusterOf(destination)
    return { cluster: { server, name, project } }
  } catch (error) {
    return { fault: describeDestination(destination) ?? messageOf(error) }
  }
}

/** What `desired/` needs to render an application as it is now. */
export async function desiredRequest(
  call: Call,
  application: Application,
  freshness: DesiredRequest['freshness'],
  revisions: readonly string[] = [],
): Promise<DesiredRequest> {
  const { spec, metadata } = application
  const { name = '', namespace = call.context.namespace } = metadata
  const cluster = await call.context.clusterOf(spec.destination)
  return {
    application: {
      name,
      ...(namespace === call.context.namespace ? {} : { instanceName: `${namespace}_${name}` }),
      namespace,
      project: projectOf(application),
      destinationNamespace: spec.destination.namespace ?? '',
    },
    ...sourcesOf(spec),
    revisions,
    freshness,
    cluster: { kubeVersion: cluster.kubeVersion, apiVersions: cluster.apiVersions },
    signal: call.signal,
  }
}

/** Of a hydrated application the dry source is what can be right or wrong: its branch may not be there yet. */
function sourcesOf({
  sources = [],
  source,
  sourceHydrator,
}: Application['spec']): Pick<DesiredRequest, 'sources' | 'keptAs'> {
  if (sources.length > 0) return { sources }
  if (sourceHydrator !== undefined) return { sources: [drySourceOf(sourceHydrator)], keptAs: DRY_RENDERINGS }
  return { sources: [source ?? { repoURL: '' }] }
}

function invalid(name: string, texts: readonly string[]): CapstanError {
  return new CapstanError('bad-input', `application spec for ${name} is invalid: ${texts.join('; ')}`)
}
