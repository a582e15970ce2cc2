// Actions on live resources: which there are, and doing one (server/application/application.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import type { AppProject } from '../../../crds/app-project.ts'
import type { Application } from '../../../crds/application.ts'
import { KubeError } from '../../../kube/client/client.ts'
import { kindOf, type JsonObject, type KubeObject } from '../../../kube/object.ts'
import { createMergePatch } from '../../../kube/patch/merge-patch.ts'
import { isDestinationPermitted, isResourcePermitted } from '../../../policy/project-rules.ts'
import type { ActionChange, Call, ListedAction } from '../../context.ts'
import { listField, requiredText, textField, type RequestFields } from '../fields.ts'
import { findApplication, projectOf, refOf } from './find.ts'
import { recordAction } from './record.ts'
import { findResource, missing, type FoundResource } from './resources.ts'

interface LiveResource extends FoundResource {
  readonly live: KubeObject
}

/** GET ~/applications/{name}/resource/actions */
export async function listResourceActions(
  request: RequestFields,
  call: Call,
): Promise<{ actions: readonly ListedAction[] }> {
  const application = findApplication(call, request, 'get')
  const { live } = await readLive(application, request, call)
  return { actions: call.context.resourceActions.list(live) }
}

/** POST ~/applications/{name}/resource/actions and …/v2: needs `action/<group>/<kind>/<action>`. */
export async function runResourceAction(request: RequestFields, call: Call): Promise<object> {
  const action = requiredText(request, 'action')
  const group = textField(request, 'group')
  const kind = requiredText(request, 'kind')
  const application = findApplication(call, request, `action/${group}/${kind}/${action}`)
  const resource = await readLive(application, request, call)
  const changes = call.context.resourceActions.run(resource.live, action, parametersOf(request))
  // Nothing is done unless all of it may be done.
  for (const { object } of changes) await requirePermitted(application, object, resource, call)
  for (const change of changes) await apply(change, resource, call)
  const { name = '' } = resource.live.metadata
  const isItself = kind === 'Application' && name === application.metadata.name
  const place = isItself ? '' : ` on resource ${group}/${kind}/${name}`
  recordAction(call, application, 'ResourceActionRan', `ran action ${action}${place}`)
  if (!isItself) recordAction(call, resource.live, 'ResourceActionRan', `ran action ${action}`)
  return {}
}

/** A resource of the tree, or the application itself, which stands with the control plane. */
async function readLive(application: Application, request: RequestFields, call: Call): Promise<LiveResource> {
  const isItself =
    textField(request, 'group') === 'argoproj.io' &&
    textField(request, 'kind') === 'Application' &&
    textField(request, 'resourceName') === application.metadata.name
  const found = isItself
    ? { ref: refOf(call, application), client: call.context.client }
    : await findResource(application, request, call)
  const live = await found.client.get(found.ref, call.signal)
  if (live === undefined) throw missing(request)
  return { ...found, live }
}

function parametersOf(request: RequestFields): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listField(request, 'resourceActionParameters').map((entry) => {
      const fields = entry as RequestFields // an element of a list of messages, checked field by field
      return [textField(fields, 'name'), textField(fields, 'value')]
    }),
  )
}

async function requirePermitted(
  application: Application,
  object: KubeObject,
  { client }: FoundResource,
  call: Call,
): Promise<void> {
  const project = findProject(application, call)
  const kind = kindOf(object)
  const { name = '', namespace = '' } = object.metadata
  const type = await client.resourceOf(kind)
  const isNamespaced = type?.namespaced ?? namespace !== ''
  const isPermitted = isResourcePermitted(project, { ...kind, name, isNamespaced })
  if (isPermitted && (!isNamespaced || (await isNamespacePermitted(application, project, namespace, call)))) return
  throw new CapstanError(
    'forbidden',
    `application is not permitted to manage ${kind.group}/${kind.kind}/${name} in ${namespace}`,
  )
}

/** The project may name the cluster by its server or by its name, whichever the application has. */
async function isNamespacePermitted(
  { spec: { destination } }: Application,
  project: AppProject,
  namespace: string,
  { context }: Call,
): Promise<boolean> {
  const cluster = (await context.clusters()).find(({ server, name }) =>
    destination.server === undefined || destination.server === ''
      ? name === destination.name
      : server === destination.server,
  )
  const { server = '', name = '' } = cluster ?? {}
  const scoped = cluster?.project === project.metadata.name ? [{ server, name }] : []
  return isDestinationPermitted(project, { server, name, namespace }, scoped)
}

function findProject(application: Application, { context }: Call): AppProject {
  const name = projectOf(application)
  const project = context.effectiveProject(name)
  if (project === undefined) throw new CapstanError('not-found', `appprojects.argoproj.io "${name}" not found`)
  return project
}

async function apply({ operation, object }: ActionChange, resource: LiveResource, call: Call): Promise<void> {
  const { client, ref, live } = resource
  if (operation === 'patch') {
    await patch(object, { client, ref, live }, call)
    return
  }
  const kind = kindOf(object)
  const type = await client.resourceOf(kind)
  if (type === undefined) throw new CapstanError('not-found', `the cluster serves no ${kind.kind} of ${kind.group}`)
  await client.create(type, object, { signal: call.signal })
}

/** What changed goes as a merge patch; the status by its subresource, where the kind has one. */
async function patch(object: KubeObject, { client, ref, live }: LiveResource, { signal }: Call): Promise<void> {
  const { status, ...rest } = createMergePatch(asJson(live), asJson(object))
  let others: JsonObject = rest
  if (status !== undefined) {
    try {
      await client.patch({ ...ref, subresource: 'status' }, 'merge', { status }, { signal })
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 404) throw error
      // Without the subresource the status is a field like others.
      others = { ...rest, status }
    }
  }
  if (Object.keys(others).length > 0) await client.patch(ref, 'merge', others, { signal })
}

function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject // an object of the cluster is JSON
}
