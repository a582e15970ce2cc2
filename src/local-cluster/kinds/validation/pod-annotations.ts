// Annotations that mean something to pods (pkg/apis/core/validation, ValidatePodSpecificAnnotations, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue } from './faults.ts'
import { descendingPath } from './paths.ts'

const MIRROR = 'kubernetes.io/config.mirror'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const LOCAL_PROFILE = 'localhost/'
const SECCOMP_PROFILES: ReadonlySet<string> = new Set(['runtime/default', 'docker/default', 'unconfined'])
const APPARMOR_PROFILES: ReadonlySet<string> = new Set(['', 'runtime/default', 'unconfined'])
const MAX_COST = 2 ** 31

/** The pod or template whose annotations are judged; `before` are those that are stored, on updates of pods. */
export interface Annotated {
  readonly annotations: JsonObject
  readonly spec: JsonObject
  readonly before?: JsonObject | undefined
}

/** Faults of a pod's or template's annotations, which stand at `field`. */
export function podAnnotationFaults({ annotations, spec, before }: Annotated, field: string): readonly FieldFault[] {
  const keys = Object.keys(annotations)
  if (keys.length === 0) return []
  const faults: FieldFault[] = []
  if (Object.hasOwn(annotations, MIRROR) && textOf(spec['nodeName']) === '')
    faults.push(
      invalidValue(
        `${field}[${MIRROR}]`,
        annotations[MIRROR],
        'must set spec.nodeName if mirror pod annotation is set',
      ),
    )
  const wasWrong = before !== undefined && !isCost(before[DELETION_COST])
  if (!wasWrong && !isCost(annotations[DELETION_COST]))
    faults.push(invalidValue(`${field}[${DELETION_COST}]`, annotations[DELETION_COST], 'must be a 32bit integer'))
  const seccomp = keys.filter((key) => key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER))
  for (const key of seccomp) faults.push(...seccompFaults(textOf(annotations[key]), `${field}.${key}`))
  for (const key of keys.filter((one) => one.startsWith(APPARMOR)))
    faults.push(
      ...appArmorFaults(key.slice(APPARMOR.length), textOf(annotations[key]), { spec, at: `${field}[${key}]` }),
    )
  return faults
}

/** What pods may be put into an order of deletion by. */
function isCost(value: JsonValue | undefined): boolean {
  if (isAbsent(value)) return true
  const text = textOf(value)
  if (!/^(?:0|[1-9]\d*|-\d+)$/.test(text)) return false
  return Number(text) >= -MAX_COST && Number(text) < MAX_COST
}

function seccompFaults(profile: string, field: string): readonly FieldFault[] {
  if (SECCOMP_PROFILES.has(profile)) return []
  if (profile.startsWith(LOCAL_PROFILE)) return descendingPath(profile.slice(LOCAL_PROFILE.length), field)
  return [invalidValue(field, profile, 'must be a valid seccomp profile')]
}

function appArmorFaults(
  container: string,
  profile: string,
  { spec, at }: { readonly spec: JsonObject; readonly at: string },
): readonly FieldFault[] {
  const lists = ['containers', 'initContainers', 'ephemeralContainers']
  const isThere = lists.some((list) => objectsOf(spec[list]).some(({ name }) => name === container))
  const faults = isThere ? [] : [invalidValue(at, container, 'container not found')]
  if (APPARMOR_PROFILES.has(profile) || profile.startsWith(LOCAL_PROFILE)) return faults
  return [...faults, invalidValue(at, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)]
}

/** Annotations that no update of a pod may change. */
export function annotationChangeFaults(pod: JsonObject, old: JsonObject): readonly FieldFault[] {
  const [now, then] = [annotationsOf(pod), annotationsOf(old)]
  const changed = Object.keys(then).filter((key) => now[key] !== then[key])
  const added = Object.keys(now).filter((key) => !Object.hasOwn(then, key))
  return [
    ...changed.flatMap((key) => changeFault(key, 'remove or update')),
    ...added.flatMap((key) => changeFault(key, 'add')),
  ]
}

function changeFault(key: string, what: string): readonly FieldFault[] {
  const field = `metadata.annotations[${key}]`
  if (key === MIRROR) return [forbiddenValue(field, `may not ${what} mirror pod annotation`)]
  return key.startsWith(APPARMOR) ? [forbiddenValue(field, `may not ${what} AppArmor annotations`)] : []
}

/** The annotations of a pod or a template. */
export function annotationsOf(object: JsonObject): JsonObject {
  return objectOf(objectOf(object['metadata'])['annotations'])
}
