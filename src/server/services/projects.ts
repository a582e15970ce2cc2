// project.ProjectService: the projects an application may belong to.
import { CapstanError } from '../../base/errors.ts'
import { parseAppProject, type AppProject } from '../../crds/app-project.ts'
import { API_VERSION } from '../../crds/application.ts'
import { KubeError, type ResourceRef } from '../../kube/client/client.ts'
import type { JsonObject } from '../../kube/object.ts'
import type { Call, ServiceHandlers } from '../context.ts'
import { flagField, objectField, requiredText, type RequestFields } from './fields.ts'
import { isAllowed, requireAllowed } from './permissions.ts'

export const projectService: ServiceHandlers = {
  async List(_request, call) {
    const items = [...call.context.projects.list()]
      .filter((project) => isAllowed(call, 'projects', 'get', project.metadata.name ?? ''))
      .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
    return { metadata: { resourceVersion: call.context.projects.resourceVersion }, items }
  },
  async Get(request, call) {
    return findProject(request, call, 'get')
  },
  async GetDetailedProject(request, call) {
    return { project: findProject(request, call, 'get'), globalProjects: [], repositories: [], clusters: [] }
  },
  async GetGlobalProjects(request, call) {
    findProject(request, call, 'get')
    return { items: [] }
  },
  Create: createProject,
  Update: updateProject,
  Delete: deleteProject,
}

function findProject(request: RequestFields, call: Call, action: string): AppProject {
  const name = requiredText(request, 'name')
  requireAllowed(call, 'projects', action, name)
  const project = call.context.projects.get(call.context.namespace, name)
  if (project === undefined) throw new CapstanError('not-found', `appprojects.argoproj.io "${name}" not found`)
  return project
}

async function createProject(request: RequestFields, call: Call): Promise<unknown> {
  const wanted = readProject(request, call)
  requireAllowed(call, 'projects', 'create', wanted.metadata.name ?? '')
  try {
    return await call.context.client.create(call.context.projects.type, wanted, { signal: call.signal })
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
    if (flagField(request, 'upsert') !== true) {
      throw new CapstanError('bad-input', 'existing project spec is different, use upsert flag to force update')
    }
    return updateProject(request, call)
  }
}

async function updateProject(request: RequestFields, call: Call): Promise<unknown> {
  const wanted = readProject(request, call)
  requireAllowed(call, 'projects', 'update', wanted.metadata.name ?? '')
  const { client } = call.context
  const ref = refOf(wanted, call)
  const current = await client.get(ref, call.signal)
  if (current === undefined) throw new CapstanError('not-found', `appprojects.argoproj.io "${ref.name}" not found`)
  const version = wanted.metadata.resourceVersion ?? current.metadata.resourceVersion ?? ''
  const { labels = {}, annotations = {} } = wanted.metadata
  const metadata = { ...current.metadata, labels, annotations, resourceVersion: version }
  const changed: AppProject = { ...parseAppProject(current), metadata, spec: wanted.spec }
  return client.update(ref, changed, { signal: call.signal })
}

async function deleteProject(request: RequestFields, call: Call): Promise<unknown> {
  const project = findProject(request, call, 'delete')
  const { name = '' } = project.metadata
  if (name === 'default') throw new CapstanError('bad-input', `name '${name}' is reserved and cannot be deleted`)
  const users = [...call.context.applications.list()].filter((application) => application.spec.project === name)
  if (users.length > 0) {
    throw new CapstanError('bad-input', `project is referenced by ${users.length} applications`)
  }
  await call.context.client.delete(refOf(project, call), { signal: call.signal })
  return {}
}

function readProject(request: RequestFields, call: Call): AppProject {
  const body = objectField(request, 'project')
  if (body === undefined) throw new CapstanError('bad-input', 'project: required')
  const metadata = (typeof body['metadata'] === 'object' ? body['metadata'] : {}) as JsonObject
  return parseAppProject({
    ...body,
    apiVersion: API_VERSION,
    kind: 'AppProject',
    metadata: { ...metadata, namespace: call.context.namespace },
  })
}

function refOf(project: AppProject, call: Call): ResourceRef {
  return { type: call.context.projects.type, namespace: call.context.namespace, name: project.metadata.name ?? '' }
}
