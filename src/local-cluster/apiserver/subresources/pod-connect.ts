// GET and POST of pods/<name>/exec, attach and portforward: which answer the checks of the real server, and then that nothing runs behind the pod.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { Call } from '../call.ts'
import { keyOf } from '../resource.ts'
import { ApiError, badRequest, notFound } from '../status.ts'
import { readStored } from '../write-object.ts'
import { containerOf, type PodWithContainers } from './pod-log.ts'

/** Throws 404 for a missing pod or node and 400 for a wrong container or a pod without a node, as `registry/core/pod/strategy.go` does; else 501: nodes are simulated. */
export async function connectToPod(call: Call): Promise<ApiResponse> {
  const { server, resource, route } = call
  const name = route.name ?? ''
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  const pod = readStored(call, stored) as PodWithContainers // it was stored as a pod
  if (route.subresource !== 'portforward') containerOf(pod, call.query.get('container') ?? '')
  const nodeName = pod.spec?.nodeName ?? ''
  if (nodeName === '') throw badRequest(`pod ${name} does not have a host assigned`)
  const nodes = server.registry.find('', 'v1', 'nodes')
  // The real server tells the node's name as if it were a pod's.
  if (nodes === undefined || server.store.get(keyOf(nodes, '', nodeName)) === undefined)
    throw notFound(resource, nodeName)
  const why = `the nodes of this cluster are simulated: nothing runs in pod ${name} that ${route.subresource ?? ''} could reach`
  throw new ApiError(501, 'NotImplemented', why)
}
