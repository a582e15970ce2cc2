// What may change of a pod through `resize` and `ephemeralcontainers` (pkg/apis/core/validation, ValidatePodResize and ValidatePodEphemeralContainersUpdate, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, objectOf, objectsOf, put, textOf, without } from '../edit.ts'
import { qosClass } from '../pod/quality-of-service.ts'
import { forbiddenValue, invalidValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { valueDiff } from './line-diff.ts'
import { annotationsOf } from './pod-annotations.ts'
import { wholeFaults } from './pods.ts'

const MIRROR = 'kubernetes.io/config.mirror'
/** How upstream prints the path of the whole object. */
const WHOLE = '[]'
const ONLY_RESOURCES = 'only cpu and memory resources are mutable'

/** Faults of the pod that `ephemeralcontainers` was asked to make of `old`. */
export function ephemeralChangeFaults(pod: JsonObject, old: JsonObject): readonly FieldFault[] {
  if (isMirror(old)) return [forbiddenValue(WHOLE, 'static pods do not support ephemeral containers')]
  const field = 'spec.ephemeralContainers'
  const now = new Map(ephemeral(pod).map((container) => [textOf(container['name']), container]))
  const faults = ephemeral(old).flatMap((before) => {
    const name = textOf(before['name'])
    const container = now.get(name)
    const existing = `existing ephemeral containers ${JSON.stringify(name)}`
    if (container === undefined) return [forbiddenValue(field, `${existing} may not be removed\n`)]
    if (deepEqual(before, container)) return []
    const type = 'EphemeralContainer'
    const difference = valueDiff(internalValue(type, before), internalValue(type, container))
    return [forbiddenValue(field, `${existing} may not be changed\n${difference}`)]
  })
  return [...wholeFaults(pod), ...faults]
}

function ephemeral(pod: JsonObject): readonly JsonObject[] {
  return objectsOf(objectOf(pod['spec'])['ephemeralContainers'])
}

function isMirror(pod: JsonObject): boolean {
  return Object.hasOwn(annotationsOf(pod), MIRROR)
}

/** Faults of the pod that `resize` was asked to make of `old`. */
export function resizeFaults(pod: JsonObject, old: JsonObject): readonly FieldFault[] {
  if (isMirror(old)) return [forbiddenValue(WHOLE, 'static pods cannot be resized')]
  const [spec, before, status] = [objectOf(pod['spec']), objectOf(old['spec']), objectOf(old['status'])]
  if (objectOf(before['os'])['name'] === 'windows') return [forbiddenValue(WHOLE, 'windows pods cannot be resized')]
  const faults = [...wholeFaults(pod)]
  const quality = textOf(status['qosClass']) || qosClass(before)
  if (quality !== qosClass(spec))
    faults.push(invalidValue('spec', textOf(status['qosClass']), 'Pod QOS Class may not change as a result of resizing')) // prettier-ignore
  const running = objectsOf(status['containerStatuses']).find((one) => !isAbsent(objectOf(one['state'])['running']))
  if (running !== undefined && isAbsent(running['resources']))
    faults.push(forbiddenValue('spec', 'Pod running on node without support for resize'))
  const ordered = orderFaults(spec, before)
  if (ordered.length > 0) return [...faults, ...ordered]
  const containers = pairs(spec, before, 'containers')
  const inits = pairs(spec, before, 'initContainers')
  return [
    ...faults,
    ...inits.flatMap((pair, index) => removedFaults(pair, `spec.initContainers[${index}]`)),
    ...containers.flatMap((pair, index) => removedFaults(pair, `spec.containers[${index}]`)),
    ...containers.filter((pair) => !isResizedOnly(pair)).map(() => forbiddenValue('spec', ONLY_RESOURCES)),
    ...inits.flatMap(initFaults),
  ]
}

function orderFaults(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  return ['containers', 'initContainers'].flatMap((key) => {
    const [now, then] = [objectsOf(spec[key]), objectsOf(before[key])]
    if (now.length !== then.length)
      return [forbiddenValue(`spec.${key}`, `${key} may not be added or removed on resize`)]
    const text = `${key} may not be renamed or reordered on resize`
    return then.flatMap((old, index) =>
      now[index]?.['name'] === old['name'] ? [] : [forbiddenValue(`spec.${key}[${index}].name`, text)],
    )
  })
}

interface Pair {
  readonly now: JsonObject
  readonly old: JsonObject
}

function pairs(spec: JsonObject, before: JsonObject, key: string): readonly Pair[] {
  const now = objectsOf(spec[key])
  return objectsOf(before[key]).map((old, index) => ({ now: now[index] ?? {}, old }))
}

function removedFaults({ now, old }: Pair, field: string): readonly FieldFault[] {
  return ['requests', 'limits'].flatMap((key) => {
    const [amounts, before] = [amountsOf(now, key), amountsOf(old, key)]
    const isRemoved = Object.keys(before).some((name) => !Object.hasOwn(amounts, name))
    return isRemoved ? [forbiddenValue(`${field}.resources.${key}`, `resource ${key} cannot be removed`)] : []
  })
}

function amountsOf(container: JsonObject, key: string): JsonObject {
  return objectOf(objectOf(container['resources'])[key])
}

/** Whether processor and memory are all that changed. Claims of devices do not survive a resize, as upstream. */
function isResizedOnly({ now, old }: Pair): boolean {
  const resources: Record<string, JsonValue> = {}
  for (const key of ['limits', 'requests']) {
    const [amounts, before] = [without(amountsOf(now, key), 'cpu', 'memory'), amountsOf(old, key)]
    resources[key] = ['cpu', 'memory'].reduce<JsonObject>((all, name) => (isAbsent(before[name]) ? all : put(all, name, before[name])), amounts) // prettier-ignore
  }
  return isSame(put(now, 'resources', resources), old)
}

function isSame(now: JsonObject, old: JsonObject): boolean {
  return deepEqual(tidied(now), tidied(old))
}

/** Without resources that say nothing. */
function tidied(container: JsonObject): JsonObject {
  const resources = objectOf(container['resources'])
  const said = Object.entries(resources).filter(([, value]) => Object.keys(objectOf(value)).length > 0 || Array.isArray(value)) // prettier-ignore
  return put(container, 'resources', Object.fromEntries(said))
}

function initFaults(pair: Pair, index: number): readonly FieldFault[] {
  const field = `spec.initContainers[${index}]`
  const text = 'only cpu and memory resources for init or sidecar containers are mutable'
  const faults = isResizedOnly(pair) ? [] : [forbiddenValue(field, text)]
  if (pair.now['restartPolicy'] === 'Always' || isSame(pair.now, pair.old)) return faults
  const said = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'
  const restarting = objectsOf(pair.now['resizePolicy']).filter((one) => one['restartPolicy'] === 'RestartContainer')
  return [...faults, ...restarting.map(() => forbiddenValue(field, said))]
}
