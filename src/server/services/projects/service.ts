// project.ProjectService: the projects an application may belong to (server/project/project.go, v3.5.1).
import { CapstanError, messageOf } from '../../../base/errors.ts'
import type { Message } from '../../../crds/message-type.ts'
import { globalProjectsOf } from '../../../policy/effective-project.ts'
import { isActive } from '../../../policy/sync-windows.ts'
import type { Call, Cluster, ServiceHandlers } from '../../context.ts'
import { eventsOf } from '../applications/events.ts'
import type { RequestFields } from '../fields.ts'
import { listProjectLinks } from '../links.ts'
import { isAllowed } from '../permissions.ts'
import { describeFields } from '../repositories/describe.ts'
import { findProject } from './find.ts'
import { createToken, deleteToken } from './tokens.ts'
import { createProject, deleteProject, updateProject } from './write.ts'

export const projectService: ServiceHandlers = {
  List: listProjects,
  async Get(request, call) {
    return findProject(request, call, 'get')
  },
  GetDetailedProject: getDetailedProject,
  async GetGlobalProjects(request, call) {
    return { items: globalsOf(findProject(request, call, 'get'), call) }
  },
  async ListEvents(request, call) {
    return eventsOf(call.context.client, findProject(request, call, 'get'), call.signal)
  },
  GetSyncWindowsState: getSyncWindowsState,
  Create: createProject,
  Update: updateProject,
  Delete: deleteProject,
  CreateToken: createToken,
  DeleteToken: deleteToken,
  ListLinks: listProjectLinks,
}

async function listProjects(_request: RequestFields, call: Call): Promise<object> {
  const items = [...call.context.projects.list()]
    .filter(({ metadata }) => metadata.namespace === call.context.namespace)
    .filter(({ metadata }) => isAllowed(call, 'projects', 'get', metadata.name ?? ''))
    .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  return { metadata: { resourceVersion: call.context.projects.resourceVersion }, items }
}

/** GET ~/projects/{name}/detailed: with what is registered for it alone. */
async function getDetailedProject(request: RequestFields, call: Call): Promise<object> {
  const project = findProject(request, call, 'get')
  const { name } = project.metadata
  const repositories = call.context.repositories.registered().repositories.filter((one) => one.project === name)
  const clusters = (await call.context.clusters()).filter((cluster) => cluster.project === name)
  return {
    globalProjects: globalsOf(project, call),
    project,
    repositories: repositories.map(describeFields),
    clusters: clusters.map(({ info: _i, connectionState: _c, ...cluster }): Cluster => cluster),
  }
}

function globalsOf(project: Parameters<typeof globalProjectsOf>[0], call: Call): ReturnType<typeof globalProjectsOf> {
  const { globalProjects } = call.context.settings()
  return globalProjectsOf(project, {
    globalProjects,
    projectOf: (name) => call.context.projects.get(call.context.namespace, name),
  })
}

/** GET ~/projects/{name}/syncwindows: those that are open now. */
async function getSyncWindowsState(request: RequestFields, call: Call): Promise<object> {
  const { spec } = findProject(request, call, 'get')
  const nowMs = call.context.clock.now()
  try {
    const windows: readonly Message<'SyncWindow'>[] = (spec.syncWindows ?? []).filter((one) => isActive(one, nowMs))
    return { windows }
  } catch (error) {
    throw new CapstanError('unknown', messageOf(error), { cause: error })
  }
}
