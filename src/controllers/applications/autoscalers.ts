// Finds the HorizontalPodAutoscalers that size an object.
import { isObject } from '../../kube/json-value.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { kindOf, type KubeObject } from '../../kube/object.ts'
import { objectAt, textAt } from '../../kube/field.ts'

/** Their names; none where the cluster cannot tell, for the hint they are for is good without. */
export async function autoscalersOf(
  client: KubeClient,
  object: KubeObject,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { namespace = '', name = '' } = object.metadata
  try {
    const type = await client.resourceOf({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler' }, signal)
    if (type === undefined) return []
    const { items } = await client.list(type, { namespace, signal })
    return items.filter((item) => isFor(item, object, name)).map(({ metadata }) => metadata.name ?? '')
  } catch {
    signal.throwIfAborted()
    return [] // no right to list them, or the cluster is away: the managers of the fields are named instead
  }
}

function isFor(autoscaler: KubeObject, object: KubeObject, name: string): boolean {
  const target = objectAt(autoscaler, 'spec', 'scaleTargetRef')
  if (!isObject(target)) return false
  const { group } = kindOf({ apiVersion: textAt(target, 'apiVersion'), kind: '' })
  return target['kind'] === object.kind && target['name'] === name && group === kindOf(object).group
}
