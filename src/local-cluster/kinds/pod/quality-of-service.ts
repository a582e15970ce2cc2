// The quality-of-service class of a pod (pkg/apis/core/v1/helper/qos, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { type Quantity, quantityOf } from '../../../kube/quantity.ts'
import { objectOf, objectsOf, textOf } from '../edit.ts'

const COUNTED = ['cpu', 'memory']

/** Guaranteed where every container has equal limits and requests for CPU and memory, BestEffort where none has any. */
export function qosClass(spec: JsonObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...objectsOf(spec['containers']), ...objectsOf(spec['initContainers'])]
  const whole = objectOf(spec['resources'])
  const counted = 'limits' in whole || 'requests' in whole ? [whole] : containers.map((c) => objectOf(c['resources']))
  const all = counted.map((resources) => ({
    limits: positive(resources['limits']),
    requests: positive(resources['requests']),
  }))
  if (all.every(({ limits, requests }) => limits.size === 0 && requests.size === 0)) return 'BestEffort'
  const isGuaranteed = all.every(({ limits, requests }) =>
    COUNTED.every(
      (name) => limits.has(name) && (!requests.has(name) || requests.get(name)?.nano === limits.get(name)?.nano),
    ),
  )
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

function positive(list: JsonValue | undefined): ReadonlyMap<string, Quantity> {
  const found = new Map<string, Quantity>()
  const resources = objectOf(list)
  for (const name of COUNTED) {
    const text = textOf(resources[name])
    // Reading no text as an amount costs an error.
    const quantity = text === '' ? undefined : quantityOf(text)
    if (quantity !== undefined && quantity.nano > 0n) found.set(name, quantity)
  }
  return found
}
