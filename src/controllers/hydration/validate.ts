// Whether applications may be written as they ask: one that may not holds up all that go into the same commit.
import { drySourceOf } from '../../desired/hydrated-source.ts'
import type { AppProject } from '../../crds/app-project.ts'
import { isApplicationNamespacePermitted, isSourcePermitted } from '../../policy/project-rules.ts'
import { type HydratedApplication, isRootPath, projectOf, qualifiedName, targetOf } from './hydrator-spec.ts'

/** Faults by the application's name, in upstream's words (argo-cd v3.5.1 hydrator `validateApplications`). */
export function validateApplications(
  applications: readonly HydratedApplication[],
  projectNamed: (name: string) => AppProject | undefined,
  controlNamespace: string,
): Map<string, string> {
  const faults = new Map<string, string>()
  const places = new Map<string, string>()
  for (const application of applications) {
    const name = qualifiedName(application)
    const fault = faultOf(application, projectNamed(projectOf(application)), controlNamespace)
    if (fault !== undefined) {
      faults.set(name, fault)
      continue
    }
    const { repoURL, path } = targetOf(application.spec.sourceHydrator)
    const place = plainPath(path)
    const other = places.get(place)
    if (other === undefined) places.set(place, name)
    else {
      faults.set(name, takenBy(other, repoURL, path))
      faults.set(other, takenBy(name, repoURL, path))
    }
  }
  return faults
}

function faultOf(
  { spec, metadata }: HydratedApplication,
  project: AppProject | undefined,
  controlNamespace: string,
): string | undefined {
  const name = spec.project || 'default'
  if (project === undefined) return `failed to get project "${name}": appproject.argoproj.io "${name}" not found`
  const { namespace = '' } = metadata
  if (!isApplicationNamespacePermitted(project, namespace, controlNamespace)) {
    return `failed to get project "${name}": application '${metadata.name ?? ''}' in namespace '${namespace}' is not permitted to use project '${name}'`
  }
  const dry = drySourceOf(spec.sourceHydrator)
  if (!isSourcePermitted(project, dry)) return `application repo ${dry.repoURL} is not permitted in project '${name}'`
  const { repoURL, branch, path } = targetOf(spec.sourceHydrator)
  if (isRootPath(path)) {
    return `app is configured to hydrate to the repository root (branch ${JSON.stringify(branch)}, path ${JSON.stringify(path)}) which is not allowed`
  }
  if (path.split('/').includes('..')) return `path ${JSON.stringify(path)} leads outside the repository`
  if (isSourcePermitted(project, { repoURL })) return undefined
  return `destination repo ${repoURL} is not permitted in project '${name}'`
}

function takenBy(name: string, repoURL: string, path: string): string {
  return `app ${name} hydrator uses the same destination: repo=${repoURL}, path=${path}`
}

/** `./a//b/` and `a/b` are one place. */
export function plainPath(path: string): string {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/')
}

/** What the others are told. */
export function genericFault(faults: ReadonlyMap<string, string>): string {
  const [first = ''] = [...faults.keys()].toSorted()
  const rest = faults.size > 1 ? `and ${faults.size - 1} more have errors` : 'has an error'
  return `cannot hydrate because application ${first} ${rest}`
}
