// Health of Gateway API's routes: what each parent says of them.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** In the order in which a refusal outweighs the others. */
const REFUSALS = ['Accepted', 'ResolvedRefs'] as const

/** HTTPRoute, GRPCRoute, TLSRoute, TCPRoute, UDPRoute; parents that still speak of an older generation do not count. */
export function assessRoute(object: KubeObject): Health {
  const parents = objectsIn(objectAt(object, 'status'), 'parents').filter((parent) => isCurrent(parent, object))
  if (parents.length === 0) return healthOf('Progressing', `Waiting for ${object.kind} status`)
  for (const type of REFUSALS) {
    for (const parent of parents) {
      const condition = conditionOfParent(parent, type)
      if (condition?.['status'] === 'False') return healthOf('Degraded', describe(parent, condition))
    }
  }
  for (const parent of parents) {
    const condition = conditionOfParent(parent, 'Programmed')
    if (condition?.['status'] === 'False') return healthOf('Progressing', describe(parent, condition))
  }
  return healthOf('Healthy', `${object.kind} is healthy`)
}

function isCurrent(parent: JsonObject, { metadata }: KubeObject): boolean {
  const conditions = objectsIn(parent, 'conditions')
  if (conditions.length === 0) return false
  return conditions.every(({ observedGeneration }) => {
    return (
      metadata.generation === undefined ||
      observedGeneration === undefined ||
      observedGeneration === metadata.generation
    )
  })
}

function conditionOfParent(parent: JsonObject, type: string): JsonObject | undefined {
  return objectsIn(parent, 'conditions').find((condition) => condition['type'] === type)
}

function describe(parent: JsonObject, condition: JsonObject): string {
  return `Parent ${textIn(objectAt(parent, 'parentRef'), 'name')}: ${textIn(condition, 'message')}`
}
