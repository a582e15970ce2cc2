// Makes, changes and deletes projects: nothing that would leave applications outside of what they may use.
import { CapstanError } from '../../../base/errors.ts'
import { isDeepStrictEqual } from 'node:util'
import { parseAppProject, type AppProject } from '../../../crds/app-project.ts'
import { API_VERSION, type Application } from '../../../crds/application.ts'
import { KubeError } from '../../../kube/client/client.ts'
import { isDestinationPermitted, isSourcePermitted } from '../../../policy/project-rules.ts'
import { withTokensInStep } from '../../../policy/project-tokens.ts'
import { requireValidProject } from '../../../policy/project-validation.ts'
import { normalizePolicy } from '../../../policy/role-validation.ts'
import type { Call } from '../../context.ts'
import { flagField, objectField, textField, type RequestFields } from '../fields.ts'
import { callerOf, requireAllowed, wrapErrors } from '../permissions.ts'
import { specDiffers } from '../repositories/registry.ts'
import { findProject, readProject, refOf } from './find.ts'

const RESERVED = 'default'

/** POST ~/projects. */
export async function createProject(request: RequestFields, call: Call): Promise<AppProject> {
  const wanted = projectOf(request, call)
  const { name = '' } = wanted.metadata
  requireAllowed(call, 'projects', 'create', name)
  wrapErrors('error validating project', () => requireValidProject(wanted))
  try {
    const made = await call.context.client.create(call.context.projects.type, wanted, { signal: call.signal })
    return recorded(parseAppProject(made), 'ResourceCreated', 'created project', call)
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
  }
  const existing = await readProject(name, call)
  if (flagField(request, 'upsert') !== true) {
    if (isDeepStrictEqual(existing.spec, wanted.spec)) return existing
    throw specDiffers('project', differingFields(existing.spec, wanted.spec))
  }
  requireAllowed(call, 'projects', 'update', name)
  return write({ ...existing, spec: wanted.spec }, 'ResourceCreated', 'created project', call)
}

/** PUT ~/projects/{project.metadata.name}: refused where applications would lose their source or destination. */
export async function updateProject(request: RequestFields, call: Call): Promise<AppProject> {
  const wanted = withTokensInStep(projectOf(request, call))
  const { name = '', resourceVersion, labels = {}, annotations = {}, finalizers } = wanted.metadata
  requireAllowed(call, 'projects', 'update', name)
  requireValidProject(wanted)
  const current = await readProject(name, call)
  requireAdditions(current, wanted, call)
  requireStillPermitted(current, wanted, call)
  const metadata = {
    ...current.metadata,
    labels,
    annotations,
    ...(finalizers === undefined ? {} : { finalizers }),
    resourceVersion: resourceVersion ?? current.metadata.resourceVersion ?? '',
  }
  return write({ ...wanted, metadata }, 'ResourceUpdated', 'updated project', call)
}

export async function deleteProject(request: RequestFields, call: Call): Promise<object> {
  const name = textField(request, 'name')
  if (name === RESERVED) throw new CapstanError('bad-input', `name '${name}' is reserved and cannot be deleted`)
  const project = findProject(request, call, 'delete')
  const users = applicationsOf(name, call)
  if (users.length > 0) throw new CapstanError('bad-input', `project is referenced by ${users.length} applications`)
  await call.context.client.delete(refOf(name, call), { signal: call.signal })
  recorded(project, 'ResourceDeleted', 'deleted project', call)
  return {}
}

/** Writes a project and says so in an event. */
export async function write(project: AppProject, reason: string, action: string, call: Call): Promise<AppProject> {
  const ref = refOf(project.metadata.name ?? '', call)
  const written = await call.context.client.update(ref, project, { signal: call.signal })
  return recorded(parseAppProject(written), reason, action, call)
}

function recorded(project: AppProject, reason: string, action: string, call: Call): AppProject {
  call.context.recordEvent(project, reason, `${callerOf(call).username} ${action}`)
  return project
}

/** Whoever lets a project use a cluster or repository must have a say over it. */
function requireAdditions(current: AppProject, wanted: AppProject, call: Call): void {
  const added = (of: (project: AppProject) => readonly string[]): readonly string[] => {
    const known = new Set(of(current))
    return [...new Set(of(wanted))].filter((one) => !known.has(one))
  }
  for (const cluster of added(clustersOf)) requireAllowed(call, 'clusters', 'update', cluster)
  for (const url of added(({ spec }) => spec.sourceRepos ?? [])) requireAllowed(call, 'repositories', 'update', url)
  const lists = ['clusterResourceWhitelist', 'clusterResourceBlacklist', 'namespaceResourceWhitelist', 'namespaceResourceBlacklist'] as const // prettier-ignore
  if (lists.every((list) => isDeepStrictEqual(current.spec[list], wanted.spec[list]))) return
  for (const cluster of clustersOf(wanted)) requireAllowed(call, 'clusters', 'update', cluster)
}

function clustersOf({ spec }: AppProject): readonly string[] {
  return (spec.destinations ?? []).map(({ server = '' }) => server)
}

function requireStillPermitted(current: AppProject, wanted: AppProject, call: Call): void {
  const applications = applicationsOf(wanted.metadata.name ?? '', call)
  const sources = lost(applications, current, wanted, ({ spec }, project) => {
    const source = spec.sources?.[0] ?? spec.source
    return source === undefined || isSourcePermitted(project, source)
  })
  const destinations = lost(applications, current, wanted, ({ spec }, project) => {
    return isDestinationPermitted(project, spec.destination)
  })
  const parts = [
    ...(sources > 0 ? [`${sources} applications source became invalid`] : []),
    ...(destinations > 0 ? [`${destinations} applications destination became invalid`] : []),
  ]
  if (parts.length > 0) throw new CapstanError('bad-input', `as a result of project update ${parts.join(' and ')}`)
}

function lost(
  applications: readonly Application[],
  current: AppProject,
  wanted: AppProject,
  isPermitted: (application: Application, project: AppProject) => boolean,
): number {
  return applications.filter((one) => isPermitted(one, current) && !isPermitted(one, wanted)).length
}

function applicationsOf(project: string, call: Call): readonly Application[] {
  return [...call.context.applications.list()].filter(({ spec }) => (spec.project || RESERVED) === project)
}

/** Policies are normalised as upstream keeps them. */
function projectOf(request: RequestFields, call: Call): AppProject {
  const body = objectField(request, 'project')
  if (body === undefined) throw new CapstanError('bad-input', "missing payload 'project' in request")
  const metadata = { ...objectField(body, 'metadata'), namespace: call.context.namespace }
  const project = parseAppProject({ ...body, apiVersion: API_VERSION, kind: 'AppProject', metadata })
  const roles = project.spec.roles?.map((role) => {
    return role.policies === undefined ? role : { ...role, policies: role.policies.map(normalizePolicy) }
  })
  return roles === undefined ? project : { ...project, spec: { ...project.spec, roles } }
}

/** Fields of the spec that differ, by their names in Go. */
function differingFields(a: AppProject['spec'], b: AppProject['spec']): readonly string[] {
  const [left, right]: readonly Readonly<Record<string, unknown>>[] = [a, b]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => !isDeepStrictEqual(left?.[name], right?.[name]))
    .map((name) => name.charAt(0).toUpperCase() + name.slice(1))
}
