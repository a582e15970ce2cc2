// Health of Gateway API's gateways and routes: what each parent or listener says of them (argo-cd v3.5.1).
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** In the order in which a refusal outweighs the others. */
const REFUSALS = ['ResolvedRefs', 'Accepted'] as const

/** HTTPRoute and GRPCRoute; parents that still speak of an older generation do not count for the first. */
export function assessRoute(object: KubeObject): Health {
  const { kind } = object
  const parents = objectsIn(objectAt(object, 'status'), 'parents').filter(
    (parent) => kind !== 'HTTPRoute' || isCurrent(parent, object),
  )
  for (const parent of parents) {
    const name = textIn(objectAt(parent, 'parentRef'), 'name')
    const problem = judgeConditions(parent, `Parent ${name}: `, 'Route is still being programmed')
    if (problem !== undefined) return problem
  }
  const isTold = parents.some((parent) => objectsIn(parent, 'conditions').length > 0)
  return isTold ? healthOf('Healthy', `${kind} is healthy`) : healthOf('Progressing', `Waiting for ${kind} status`)
}

/** Gateway: its own conditions, then those of its listeners. */
export function assessGateway(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const own = judgeConditions(status, '', 'Gateway is still being programmed')
  if (own !== undefined) return own
  const listeners = objectsIn(status, 'listeners')
  for (const listener of listeners) {
    const problem = judgeConditions(listener, 'Listener: ', 'Listener is still being programmed')
    if (problem !== undefined) return problem
  }
  const isTold = Array.isArray(status['conditions']) || listeners.length > 0
  return isTold ? healthOf('Healthy', 'Gateway is healthy') : healthOf('Progressing', 'Waiting for Gateway status')
}

/** GatewayClass: acceptance, where it speaks of the newest spec. */
export function assessGatewayClass(object: KubeObject): Health {
  const { generation } = object.metadata
  const accepted = objectsIn(objectAt(object, 'status'), 'conditions').find(
    ({ type, observedGeneration: seen }) =>
      type === 'Accepted' && (generation === undefined || seen === undefined || seen === generation),
  )
  const text = textIn(accepted ?? {}, 'message')
  switch (accepted?.['status']) {
    case 'True':
      return healthOf('Healthy', text || 'GatewayClass is accepted')
    case 'False':
      return healthOf('Degraded', text || 'GatewayClass is not accepted')
    default:
      return healthOf('Progressing', text || 'Waiting for GatewayClass status')
  }
}

function judgeConditions(holder: JsonObject, prefix: string, unprogrammed: string): Health | undefined {
  const list = objectsIn(holder, 'conditions')
  for (const type of REFUSALS) {
    const refused = list.find((condition) => condition['type'] === type && condition['status'] === 'False')
    if (refused !== undefined) return healthOf('Degraded', prefix + messageOr(refused, `Failed condition: ${type}`))
  }
  const open = list.find(({ type, status }) => type === 'Programmed' && status !== 'True')
  return open && healthOf('Progressing', prefix + messageOr(open, unprogrammed))
}

/** An empty message is a message. */
function messageOr({ message }: JsonObject, text: string): string {
  return typeof message === 'string' ? message : text
}

function isCurrent(parent: JsonObject, { metadata }: KubeObject): boolean {
  if (metadata.generation === undefined) return true
  const conditions = objectsIn(parent, 'conditions')
  const isSeen = ({ observedGeneration: seen }: JsonObject): boolean =>
    seen === undefined || seen === metadata.generation
  return conditions.length > 0 && conditions.every(isSeen)
}
