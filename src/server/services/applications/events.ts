// Events about an application or one of its resources.
import { CapstanError } from '../../../base/errors.ts'
import type { Application } from '../../../crds/application.ts'
import type { KubeClient } from '../../../kube/client/client.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Call } from '../../context.ts'
import { textField, type RequestFields } from '../fields.ts'
import { actingClient } from './acting-cluster.ts'
import { findApplication } from './find.ts'

/** GET ~/applications/{name}/events: of the application itself, or of a resource of its tree named by uid and name. */
export async function listResourceEvents(request: RequestFields, call: Call): Promise<unknown> {
  const application = findApplication(call, request, 'get')
  const [name, uid] = [textField(request, 'resourceName'), textField(request, 'resourceUID')]
  if (name === '' && uid === '') return eventsOf(call.context.client, application, call.signal)
  const namespace = textField(request, 'resourceNamespace')
  await requirePartOf(application, { name, uid, namespace }, call)
  const client = await actingClient(application, call)
  return eventsOf(client, { metadata: { name, uid, namespace } }, call.signal)
}

/** Upstream's EventList of an object's events, as Kubernetes lists them. */
export async function eventsOf(
  client: KubeClient,
  { metadata }: Pick<KubeObject, 'metadata'>,
  signal: AbortSignal,
): Promise<unknown> {
  const { name = '', uid = '', namespace = '' } = metadata
  const type = await client.resourceOf({ group: '', kind: 'Event', version: 'v1' }, signal)
  if (type === undefined) throw new CapstanError('not-found', 'the cluster serves no events')
  const fieldSelector = [
    `involvedObject.name=${name}`,
    `involvedObject.namespace=${namespace}`,
    `involvedObject.uid=${uid}`,
  ].join(',')
  const { items, resourceVersion } = await client.list(type, {
    ...(namespace === '' ? {} : { namespace }),
    fieldSelector,
    signal,
  })
  return { metadata: { resourceVersion }, items: items.map(({ apiVersion: _version, kind: _kind, ...event }) => event) }
}

interface Named {
  readonly name: string
  readonly uid: string
  readonly namespace: string
}

async function requirePartOf({ metadata }: Application, { name, uid, namespace }: Named, call: Call): Promise<void> {
  const application = { name: metadata.name ?? '', namespace: metadata.namespace ?? '' }
  const tree = await call.context.views.resourceTree(application)
  const nodes = [...(tree.nodes ?? []), ...(tree.orphanedNodes ?? [])]
  const isPart = nodes.some((node) => node.uid === uid && node.name === name && (node.namespace ?? '') === namespace)
  if (!isPart) throw new CapstanError('bad-input', `${name} not found as part of application ${application.name}`)
}
