// The health of an application: the worst of its objects (facts section 11).
import type { HealthStatusCode } from '../../crds/application.ts'
import { type Health, isWorse } from '../../health/health.ts'
import { keyOf } from '../../kube/object.ts'
import { ANNOTATION, annotationOf } from '../../sync/annotations.ts'
import { isSkipped } from '../../sync/hooks.ts'
import type { JudgedObject } from './resource-statuses.ts'

/** `self` names the application, which may be among its own objects. */
export function applicationHealth(
  objects: readonly JudgedObject[],
  self: { readonly namespace: string; readonly name: string },
): HealthStatusCode {
  let worst: HealthStatusCode = 'Healthy'
  let missing = 0
  let present = 0
  for (const object of objects) {
    if (object.isHook || !object.isSelfReferenced || (object.target !== undefined && isSkipped(object.target))) continue
    if (object.live === undefined) missing++
    else {
      present++
      const status = countingHealth(object, self)?.status
      if (status !== undefined && isWorse(worst, status)) worst = status
    }
  }
  return missing > 0 && present === 0 ? 'Missing' : worst
}

function countingHealth(
  object: JudgedObject,
  self: { readonly namespace: string; readonly name: string },
): Health | undefined {
  const { live, health } = object
  if (live === undefined || annotationOf(live, ANNOTATION.ignoreHealthcheck) === 'true') return undefined
  const key = keyOf(live)
  if (key.group !== 'argoproj.io' || key.kind !== 'Application') return health
  if (key.name === self.name && key.namespace === self.namespace) return undefined
  return health?.status === 'Missing' || health?.status === 'Unknown' ? undefined : health
}
