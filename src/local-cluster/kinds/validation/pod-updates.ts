// What may change of a pod that exists (pkg/apis/core/validation, ValidatePodUpdate, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, put, textOf, without } from '../edit.ts'
import { forbiddenValue, invalidValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { valueDiff } from './line-diff.ts'
import { tolerationFaults } from './tolerations.ts'

const MAX_INT32 = 2 ** 31 - 1
const DEADLINE = 'spec.activeDeadlineSeconds'
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const UPDATABLE =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** Faults of a changed pod's spec against the one that is stored. */
export function podUpdateFaults(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  for (const key of ['containers', 'initContainers']) {
    if (listOf(spec[key]).length === listOf(before[key]).length) continue
    return [forbiddenValue(`spec.${key}`, 'pod updates may not add or remove containers')]
  }
  const deadline = deadlineChange(spec, before)
  if (deadline !== undefined && !isAbsent(spec['activeDeadlineSeconds'])) return [deadline]
  const faults = deadline === undefined ? [] : [deadline]
  faults.push(...tolerationChange(spec, before), ...gateChange(spec, before))
  if (deepEqual(spec, before)) return faults
  const gated = listOf(before['schedulingGates']).length > 0
  if (gated) faults.push(...nodeSelectorChange(spec, before), ...nodeAffinityChange(spec, before))
  const like = likeBefore(spec, before)
  const comparable = gated ? likeBeforeGated(like, before) : like
  if (deepEqual(comparable, before)) return faults
  const difference = valueDiff(internalValue('PodSpec', before), internalValue('PodSpec', comparable))
  return [...faults, forbiddenValue('spec', `pod updates may not change fields other than ${UPDATABLE}\n${difference}`)]
}

function deadlineChange(spec: JsonObject, before: JsonObject): FieldFault | undefined {
  const [now, then] = [spec['activeDeadlineSeconds'], before['activeDeadlineSeconds']]
  if (isAbsent(now))
    return isAbsent(then) ? undefined : invalidValue(DEADLINE, null, 'must not update from a positive integer to nil value') // prettier-ignore
  const seconds = numberOf(now)
  if (seconds < 0 || seconds > MAX_INT32)
    return invalidValue(DEADLINE, now, `must be between 0 and ${MAX_INT32}, inclusive`)
  if (isAbsent(then) || seconds <= numberOf(then)) return undefined
  return invalidValue(DEADLINE, now, 'must be less than or equal to previous value')
}

function tolerationChange(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const kept = objectsOf(spec['tolerations']).map((one) => without(one, 'tolerationSeconds'))
  const isKept = objectsOf(before['tolerations']).every((old) =>
    kept.some((one) => deepEqual(one, without(old, 'tolerationSeconds'))),
  )
  if (isKept) return tolerationFaults(spec, 'spec.tolerations')
  return [forbiddenValue('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}

function gateChange(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const known = new Set(objectsOf(before['schedulingGates']).map((gate) => textOf(gate['name'])))
  return objectsOf(spec['schedulingGates']).flatMap((gate, index) => {
    const name = textOf(gate['name'])
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`
    return known.has(name) ? [] : [forbiddenValue(`spec.schedulingGates[${index}].name`, text)]
  })
}

function nodeSelectorChange(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const now = objectOf(spec['nodeSelector'])
  const isKept = Object.entries(objectOf(before['nodeSelector'])).every(([key, value]) => now[key] === value)
  const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return isKept ? [] : [invalidValue('spec.nodeSelector', spec['nodeSelector'] ?? null, text)]
}

function nodeTerms(spec: JsonObject): readonly JsonObject[] {
  const affinity = objectOf(objectOf(spec['affinity'])['nodeAffinity'])
  return objectsOf(objectOf(affinity[REQUIRED])['nodeSelectorTerms'])
}

/** A pod that is held back may ask for more of its node, never for less. */
function nodeAffinityChange(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const [now, then] = [nodeTerms(spec), nodeTerms(before)]
  const field = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`
  if (then.length > 0 && now.length !== then.length) {
    const printed = now.length === 0 ? null : now.map((term) => internalValue('NodeSelectorTerm', term))
    return [invalidValue(field, printed, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  }
  return then.flatMap((old, index) => {
    const term = now[index] ?? {}
    if (['matchExpressions', 'matchFields'].every((key) => onlyAdds(term, old, key))) return []
    const text = 'only additions are allowed (no mutations or deletions)'
    return [invalidValue(`${field}[${index}]`, internalValue('NodeSelectorTerm', term), text)]
  })
}

function onlyAdds(term: JsonObject, old: JsonObject, key: string): boolean {
  const wasEmpty = listOf(old['matchExpressions']).length === 0 && listOf(old['matchFields']).length === 0
  const [now, then] = [listOf(term[key]), listOf(old[key])]
  return wasEmpty ? now.length === 0 : deepEqual(now.slice(0, then.length), then)
}

/** The new spec with everything that may change set back. */
function likeBefore(spec: JsonObject, before: JsonObject): JsonObject {
  let edited = spec
  for (const key of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) edited = setBack(edited, before, key)
  for (const key of ['containers', 'initContainers']) {
    const old = objectsOf(before[key])
    if (old.length === 0) continue
    edited = put(
      edited,
      key,
      objectsOf(spec[key]).map((item, index) => setBack(item, old[index] ?? {}, 'image')),
    )
  }
  const grace = 'terminationGracePeriodSeconds'
  return spec[grace] === 1 && numberOf(before[grace]) < 0 ? setBack(edited, before, grace) : edited
}

function setBack(object: JsonObject, before: JsonObject, key: string): JsonObject {
  const value: JsonValue | undefined = before[key]
  return isAbsent(value) ? without(object, key) : put(object, key, value)
}

function likeBeforeGated(spec: JsonObject, before: JsonObject): JsonObject {
  const edited = setBack(spec, before, 'nodeSelector')
  const affinity = setBack(objectOf(edited['affinity']), objectOf(before['affinity']), 'nodeAffinity')
  const isNothing = Object.keys(affinity).length === 0 && isAbsent(before['affinity'])
  return isNothing ? without(edited, 'affinity') : put(edited, 'affinity', affinity)
}
