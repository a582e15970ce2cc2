// What must be true of generated Applications before they are written: one name each, a project, a cluster.
import type { Application, ApplicationDestination } from '../crds/application.ts'
import type { ApplicationSet } from '../crds/application-set.ts'

export interface ValidationSources {
  readonly hasProject: (name: string) => boolean
  /** Why a destination is no registered cluster; undefined where it is one. */
  readonly destinationFault: (destination: ApplicationDestination) => string | undefined
}

/** Faults by the Application's name, in upstream's words; none for those that may be written (argo-cd v3.5.1 `validateGeneratedApplications`). */
export function validateApplications(
  applications: readonly Application[],
  { metadata }: ApplicationSet,
  { hasProject, destinationFault }: ValidationSources,
): ReadonlyMap<string, string> {
  const faults = new Map<string, string>()
  const seen = new Set<string>()
  for (const application of applications) {
    const name = application.metadata.name ?? ''
    if (seen.has(name)) {
      faults.set(name, `ApplicationSet ${metadata.name ?? ''} contains applications with duplicate name: ${name}`)
      continue
    }
    seen.add(name)
    const { project, destination } = application.spec
    if (!hasProject(project)) {
      faults.set(name, `application references project ${project} which does not exist`)
      continue
    }
    const fault = destinationFault(destination)
    if (fault !== undefined) faults.set(name, `application destination spec is invalid: ${fault}`)
  }
  return faults
}

/** One text for all faults: the last by name, and how many more there are. */
export function faultText(faults: ReadonlyMap<string, string>): string | undefined {
  const names = [...faults.keys()].toSorted()
  const last = names.at(-1)
  if (last === undefined) return undefined
  const text = faults.get(last) ?? ''
  return names.length === 1 ? text : `${text} (and ${names.length - 1} more)`
}

interface KnownCluster {
  readonly name: string
  readonly server: string
}

/** Finds the cluster of a destination, or says why there is none (argo-cd v3.5.1 `GetDestinationCluster`). */
export function clusterOf(
  { name = '', server = '' }: ApplicationDestination,
  clusters: readonly KnownCluster[],
): { readonly cluster?: KnownCluster; readonly fault?: string } {
  if (name !== '' && server !== '') {
    return { fault: `application destination can't have both name and server defined: ${name} ${server}` }
  }
  if (server !== '') {
    const cluster = clusters.find((one) => one.server === server.replace(/\/$/, ''))
    if (cluster !== undefined) return { cluster }
    const quoted = JSON.stringify(server)
    return {
      fault: `error getting cluster by server ${quoted}: rpc error: code = NotFound desc = cluster ${quoted} not found`,
    }
  }
  if (name === '') return { fault: 'Destination server missing from app spec' }
  const named = clusters.filter((one) => one.name === name)
  const [only, ...others] = named
  if (only === undefined) return { fault: `there are no clusters with this name: ${name}` }
  if (others.length === 0) return { cluster: only }
  const servers = named.map((one) => one.server).join(' ')
  return { fault: `there are ${named.length} clusters with the same name: [${servers}]` }
}
