// The live side of an application: its tree, its managed resources, single objects.
import { CapstanError } from '../../../base/errors.ts'
import type { Application } from '../../../crds/application.ts'
import type { ApplicationTree, ResourceDiff, ResourceNode } from '../../../crds/tree.ts'
import type { KubeClient, PatchType, ResourceRef } from '../../../kube/client/client.ts'
import type { JsonValue, KubeObject } from '../../../kube/object.ts'
import { StreamAnswer, type Call } from '../../context.ts'
import { createMailbox } from '../../mailbox.ts'
import { flagField, requiredText, textField, type RequestFields } from '../fields.ts'
import { isAllowed } from '../permissions.ts'
import { withoutSecretData } from './secrets.ts'
import { actingClient } from './acting-cluster.ts'
import { findApplication, rbacName } from './find.ts'
import { recordAction } from './record.ts'
import { jsonText } from '../../../kube/json-digits.ts'

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
}

/** GET ~/applications/{applicationName}/resource-tree */
export async function resourceTree(request: RequestFields, call: Call): Promise<ApplicationTree> {
  const application = findApplication(call, request, 'get', 'applicationName')
  const tree = await call.context.views.resourceTree(nameOf(application))
  return { ...tree, nodes: filterByQuery(tree.nodes ?? [], request) }
}

/** GET ~/stream/applications/{applicationName}/resource-tree: the tree now and after every change. */
export async function watchResourceTree(request: RequestFields, call: Call): Promise<StreamAnswer> {
  const application = findApplication(call, request, 'get', 'applicationName')
  return new StreamAnswer(trees(application, call))
}

async function* trees(application: Application, call: Call): AsyncGenerator<ApplicationTree> {
  const { views } = call.context
  // Many changes at once are one new tree.
  const mailbox = createMailbox<'changed'>({ limit: 1, signal: call.signal, keyOf: (change) => change })
  const stop = views.onTreeChange(nameOf(application), () => mailbox.put('changed'))
  mailbox.put('changed')
  try {
    for await (const _ of mailbox) {
      yield await views.resourceTree(nameOf(application))
    }
  } finally {
    stop()
  }
}

/** GET ~/applications/{applicationName}/managed-resources */
export async function managedResources(
  request: RequestFields,
  call: Call,
): Promise<{ items: readonly ResourceDiff[] }> {
  const application = findApplication(call, request, 'get', 'applicationName')
  const items = await call.context.views.managedResources(nameOf(application))
  return { items: filterByQuery(items, request) }
}

/** GET ~/applications/{name}/resource: the live object as JSON text, secrets masked. */
export async function getResource(request: RequestFields, call: Call): Promise<{ manifest: string }> {
  const application = findApplication(call, request, 'get')
  const { ref, client } = await findResource(application, request, call)
  const live = await client.get(ref, call.signal)
  if (live === undefined) throw missing(request)
  return { manifest: await shown(call, application, live) }
}

/** POST ~/applications/{name}/resource: patches the live object (001-20). */
export async function patchResource(request: RequestFields, call: Call): Promise<{ manifest: string }> {
  const application = findApplication(call, request, 'get')
  requireResourceRight(call, application, 'update', request)
  const { ref, client } = await findResource(application, request, call)
  const patchType = PATCH_TYPES[requiredText(request, 'patchType')]
  if (patchType === undefined) {
    throw new CapstanError('bad-input', `patchType: one of ${Object.keys(PATCH_TYPES).join(', ')} is supported`)
  }
  const patched = await withoutSecretReasons(ref, async () => {
    const patch = parseJson(requiredText(request, 'patch'))
    return client.patch(ref, patchType, patch, { signal: call.signal })
  })
  recordAction(call, application, 'ResourceUpdated', `patched resource ${placeOf(request)}`)
  return { manifest: await shown(call, application, patched) }
}

/** Why a Secret was not patched may quote what it holds (`PatchResource`). */
async function withoutSecretReasons<T>({ type, namespace, name }: ResourceRef, patch: () => Promise<T>): Promise<T> {
  try {
    return await patch()
  } catch (error) {
    if (type.kind !== 'Secret' || type.group !== '') throw error
    throw new CapstanError('unknown', `failed to patch Secret ${namespace ?? ''}/${name}`, { cause: error })
  }
}

async function shown({ context: { views } }: Call, application: Application, object: KubeObject): Promise<string> {
  return jsonText(withoutSecretData((await views.hideSecrets?.(nameOf(application), object)) ?? object))
}

/** DELETE ~/applications/{name}/resource */
export async function deleteResource(request: RequestFields, call: Call): Promise<object> {
  const application = findApplication(call, request, 'get')
  requireResourceRight(call, application, 'delete', request)
  const { ref, client } = await findResource(application, request, call)
  const isForced = flagField(request, 'force') === true
  const isOrphan = flagField(request, 'orphan') === true
  const isDeleted = await client.delete(ref, {
    propagationPolicy: isOrphan ? 'Orphan' : 'Foreground',
    ...(isForced ? { gracePeriodSeconds: 0 } : {}),
    signal: call.signal,
  })
  if (!isDeleted) throw missing(request)
  recordAction(call, application, 'ResourceDeleted', `deleted resource ${placeOf(request)}`)
  return {}
}

function placeOf(request: RequestFields): string {
  const [group, kind, name] = ['group', 'kind', 'resourceName'].map((field) => textField(request, field))
  return `${group ?? ''}/${kind ?? ''} '${name ?? ''}'`
}

type Queried = Pick<ResourceNode, 'group' | 'kind' | 'namespace' | 'name'>

function filterByQuery<T extends Queried>(items: readonly T[], request: RequestFields): readonly T[] {
  const fields = ['group', 'kind', 'namespace', 'name'] as const
  const wanted = fields.map((field) => [field, textField(request, field)] as const).filter(([, value]) => value !== '')
  return items.filter((item) => wanted.every(([field, value]) => (item[field] ?? '') === value))
}

export interface FoundResource {
  readonly ref: ResourceRef
  readonly client: KubeClient
}

/** Only what stands in the application's tree can be reached through it. */
export async function findResource(
  application: Application,
  request: RequestFields,
  call: Call,
): Promise<FoundResource> {
  const wanted = {
    group: textField(request, 'group'),
    kind: requiredText(request, 'kind'),
    namespace: textField(request, 'namespace'),
    name: requiredText(request, 'resourceName'),
  }
  const tree = await call.context.views.resourceTree(nameOf(application))
  const nodes = [...(tree.nodes ?? []), ...(tree.orphanedNodes ?? [])]
  const isThere = nodes.some((node) =>
    (['group', 'kind', 'namespace', 'name'] as const).every((field) => (node[field] ?? '') === wanted[field]),
  )
  if (!isThere) throw missing(request)
  const client = await actingClient(application, call)
  const version = textField(request, 'version')
  const type = await client.resourceOf({
    group: wanted.group,
    kind: wanted.kind,
    ...(version === '' ? {} : { version }),
  })
  if (type === undefined)
    throw new CapstanError('not-found', `the cluster serves no ${wanted.kind} of group "${wanted.group}"`)
  return { ref: { type, namespace: wanted.namespace, name: wanted.name }, client }
}

/** `update` and `delete` on the application, or its fine-grained form for one resource. */
function requireResourceRight(
  call: Call,
  application: Application,
  verb: 'update' | 'delete',
  request: RequestFields,
): void {
  const object = rbacName(application, call.context.namespace)
  const [group, kind, namespace, name] = ['group', 'kind', 'namespace', 'resourceName'].map((field) =>
    textField(request, field),
  )
  const fine = `${verb}/${group ?? ''}/${kind ?? ''}/${namespace ?? ''}/${name ?? ''}`
  if (isAllowed(call, 'applications', verb, object) || isAllowed(call, 'applications', fine, object)) return
  throw new CapstanError('forbidden', 'permission denied')
}

function nameOf(application: Application): { namespace: string; name: string } {
  return { namespace: application.metadata.namespace ?? '', name: application.metadata.name ?? '' }
}

export function missing(request: RequestFields): CapstanError {
  const [group, kind, name] = ['group', 'kind', 'resourceName'].map((field) => textField(request, field))
  return new CapstanError(
    'bad-input',
    `${kind ?? ''} ${group ?? ''} ${name ?? ''} not found as part of application ${textField(request, 'name')}`,
  )
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    throw new CapstanError('bad-input', `patch: not JSON: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
}
