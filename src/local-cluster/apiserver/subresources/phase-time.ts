// The time a volume entered its phase, which the server writes where a status does not say it (`persistentvolumeStatusStrategy.PrepareForUpdate`, v1.36.3).
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Resource } from '../resource.ts'
import { timeText } from '../strategy.ts'

const FIELD = 'lastPhaseTransitionTime'

/** The object as it is stored after a write of its status; only PersistentVolumes keep this time. */
export function withPhaseTime(
  object: KubeObject,
  facts: { readonly old: KubeObject; readonly resource: Resource; readonly nowMs: number },
): KubeObject {
  const { old, resource, nowMs } = facts
  if (resource.group !== '' || resource.resource !== 'persistentvolumes') return object
  const [status, before] = [statusOf(object), statusOf(old)]
  const time = phaseTime(status, before, nowMs)
  if (time === undefined || time === status[FIELD]) return object
  return { ...object, status: { ...status, [FIELD]: time } } as KubeObject // as it was, and a text
}

function phaseTime(status: JsonObject, before: JsonObject, nowMs: number): string | undefined {
  const [given, known] = [status[FIELD] ?? undefined, before[FIELD] ?? undefined]
  if (status['phase'] !== before['phase'] && (given === undefined || given === known)) return timeText(nowMs)
  const time = given ?? known
  return typeof time === 'string' ? time : undefined
}

function statusOf(object: KubeObject): JsonObject {
  return (object as KubeObject & { readonly status?: JsonObject }).status ?? {}
}
