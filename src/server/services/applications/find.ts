// Finds the application of a call, with upstream's care that a refusal does not tell whether it exists (server/application, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import { parseApplication, type Application } from '../../../crds/application.ts'
import type { ResourceType } from '../../../kube/client/client.ts'
import type { Call } from '../../context.ts'
import { textField, type RequestFields } from '../fields.ts'
import { isAllowed } from '../permissions.ts'

/** `project/name`, with the namespace between where it is not the control plane's. */
export function rbacName(application: Application, controlNamespace: string): string {
  const { name = '', namespace = '' } = application.metadata
  const project = projectOf(application)
  return namespace === '' || namespace === controlNamespace ? `${project}/${name}` : `${project}/${namespace}/${name}`
}

/** The project an application names; empty means `default`. */
export function projectOf(application: Application): string {
  const { project } = application.spec
  return project === undefined || project === '' ? 'default' : project
}

/**
 * The application named by `name` (or `field`), `appNamespace` and `project`, if the caller may do `action` on it. Without a project a
 * missing one and a forbidden one both answer `permission denied`; with one, a caller with rights in it learns that it is missing.
 */
export function findApplication(call: Call, request: RequestFields, action: string, field = 'name'): Application {
  const { context } = call
  const name = textField(request, field)
  const namespace = textField(request, 'appNamespace') || context.namespace
  const project = textField(request, 'project')
  const application = context.applications.get(namespace, name)
  const wantedName = project === '' ? undefined : `${project}/${name}`
  if (application === undefined || (project !== '' && projectOf(application) !== project)) {
    if (wantedName !== undefined && isAllowed(call, 'applications', action, wantedName)) throw notFound(name)
    if (wantedName === undefined && isAllowed(call, 'applications', action, '*/*')) throw notFound(name)
    throw denied()
  }
  if (!isAllowed(call, 'applications', action, rbacName(application, context.namespace))) throw denied()
  return application
}

/** Reads the application anew from the cluster, for a write that must build on its newest state. */
export async function readFresh(call: Call, application: Application): Promise<Application> {
  const { name = '', namespace = '' } = application.metadata
  const found = await call.context.client.get({ type: call.context.applications.type, namespace, name }, call.signal)
  if (found === undefined) throw notFound(name)
  return parseApplication(found)
}

/** The reference with which the client addresses an application. */
export function refOf(call: Call, application: Application): { type: ResourceType; namespace: string; name: string } {
  const { name = '', namespace = '' } = application.metadata
  return { type: call.context.applications.type, namespace, name }
}

function notFound(name: string): CapstanError {
  return new CapstanError('not-found', `applications.argoproj.io "${name}" not found`)
}

function denied(): CapstanError {
  return new CapstanError('forbidden', 'permission denied')
}
