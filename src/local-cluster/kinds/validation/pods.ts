// Pods and pod templates (pkg/apis/core/validation, ValidatePodSpec, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import { labelKeyFaults, labelValueFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, put, textOf, without } from '../edit.ts'
import { containerFaults, initContainerFaults } from './containers.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { valueDiff } from './line-diff.ts'
import { annotationFaults, labelFaults } from './metadata.ts'
import { dnsLabel, dnsSubdomain, type TextRule } from './names.ts'
import { oneOf, oneOfIfSet } from './numbers.ts'
import { affinityFaults, dnsFaults, gateFaults, hostAliasFaults, spreadFaults, systemFaults } from './pod-placement.ts'
import { podSecurityFaults } from './pod-security.ts'
import { volumeFaults } from './volumes.ts'

const MAX_INT32 = 2 ** 31 - 1
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const UPDATABLE =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** Faults of a pod; on updates also of fields that may not change. */
export function validatePod(pod: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(pod['spec'])
  const faults = [...podSpecFaults(spec, 'spec')]
  if (old !== undefined) return [...faults, ...podUpdateFaults(spec, objectOf(old['spec']))]
  if (listOf(spec['ephemeralContainers']).length > 0)
    faults.push(forbiddenValue('spec.ephemeralContainers', 'cannot be set on create'))
  if (textOf(spec['nodeName']) !== '' && listOf(spec['schedulingGates']).length > 0)
    faults.push(forbiddenValue('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  return faults
}

/** Faults of a PodTemplate resource. */
export function validatePodTemplate(object: JsonObject): readonly FieldFault[] {
  return templateFaults(objectOf(object['template']), 'template')
}

/** Faults of a template inside a workload. */
export function templateFaults(template: JsonObject, field: string): readonly FieldFault[] {
  const metadata = objectOf(template['metadata'])
  const spec = objectOf(template['spec'])
  const faults = [
    ...labelFaults(metadata['labels'], `${field}.labels`),
    ...annotationFaults(metadata, field),
    ...podSpecFaults(spec, `${field}.spec`),
  ]
  if (listOf(spec['ephemeralContainers']).length === 0) return faults
  return [
    ...faults,
    forbiddenValue(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'),
  ]
}

/** Specs without a fault. They never change, and a change of labels or replicas keeps the spec it finds. */
const sound = new WeakSet<JsonObject>()

/** Faults of a pod's spec. */
export function podSpecFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (sound.has(spec)) return []
  const faults = specFaults(spec, field)
  if (faults.length === 0) sound.add(spec)
  return faults
}

function specFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const volumes = volumeFaults(objectsOf(spec['volumes']), `${field}.volumes`)
  return [
    ...(isAbsent(spec['terminationGracePeriodSeconds'])
      ? [requiredValue(`${field}.terminationGracePeriodSeconds`)]
      : []),
    ...volumes.faults,
    ...containerFaults(objectsOf(spec['containers']), volumes.names, `${field}.containers`),
    ...initContainerFaults(spec, volumes.names, `${field}.initContainers`),
    ...hostNetworkFaults(spec, field),
    ...oneOf(spec['restartPolicy'], `${field}.restartPolicy`, RESTART_POLICIES),
    ...oneOf(spec['dnsPolicy'], `${field}.dnsPolicy`, DNS_POLICIES),
    ...labelFaults(spec['nodeSelector'], `${field}.nodeSelector`),
    ...podSecurityFaults(spec, `${field}.securityContext`),
    ...pullSecretFaults(spec, `${field}.imagePullSecrets`),
    ...affinityFaults(objectOf(spec['affinity']), `${field}.affinity`),
    ...dnsFaults(spec, `${field}.dnsConfig`),
    ...gateFaults(spec, `${field}.readinessGates`),
    ...spreadFaults(spec, `${field}.topologySpreadConstraints`),
    ...nameFaults(spec, field, ['serviceAccountName', dnsSubdomain], ['nodeName', dnsSubdomain]),
    ...deadlineFaults(spec, field),
    ...nameFaults(spec, field, ['hostname', dnsLabel], ['subdomain', dnsLabel]),
    ...tolerationFaults(spec, `${field}.tolerations`),
    ...hostAliasFaults(spec, `${field}.hostAliases`),
    ...nameFaults(spec, field, ['priorityClassName', dnsSubdomain], ['runtimeClassName', dnsSubdomain]),
    ...oneOfIfSet(spec['preemptionPolicy'], `${field}.preemptionPolicy`, ['PreemptLowerPriority', 'Never']),
    ...systemFaults(spec, `${field}.os`),
  ]
}

function hostNetworkFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (spec['hostNetwork'] !== true) return []
  return objectsOf(spec['containers']).flatMap((container, index) =>
    objectsOf(container['ports']).flatMap((port, position) => {
      const hostPort = numberOf(port['hostPort'])
      if (hostPort === 0 || hostPort === port['containerPort']) return []
      const text = 'must match `containerPort` when `hostNetwork` is true'
      return [invalidValue(`${field}.containers[${index}].ports[${position}].hostPort`, hostPort, text)]
    }),
  )
}

function pullSecretFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(spec['imagePullSecrets']).flatMap((secret, index) =>
    deepEqual(secret, { name: '' }) ? [requiredValue(`${field}[${index}].name`)] : [],
  )
}

/** Names inside a spec, each with its rule. */
function nameFaults(
  spec: JsonObject,
  field: string,
  ...rules: readonly (readonly [key: string, rule: TextRule])[]
): readonly FieldFault[] {
  return rules.flatMap(([key, rule]) => {
    const name = textOf(spec[key])
    return name === '' ? [] : rule(name).map((text) => invalidValue(`${field}.${key}`, name, text))
  })
}

function deadlineFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const deadline = spec['activeDeadlineSeconds']
  if (isAbsent(deadline) || (numberOf(deadline) >= 1 && numberOf(deadline) <= MAX_INT32)) return []
  return [invalidValue(`${field}.activeDeadlineSeconds`, deadline, `must be between 1 and ${MAX_INT32}, inclusive`)]
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function tolerationFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(spec['tolerations']).flatMap((toleration, index) => {
    const path = `${field}[${index}]`
    const [key, operator, effect] = [textOf(toleration['key']), textOf(toleration['operator']), textOf(toleration['effect'])] // prettier-ignore
    const faults = key === '' ? [] : labelKeyFaults(key).map((text) => invalidValue(`${path}.key`, key, text))
    if (key === '' && operator !== 'Exists')
      faults.push(invalidValue(`${path}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"')) // prettier-ignore
    if (!isAbsent(toleration['tolerationSeconds']) && effect !== 'NoExecute')
      faults.push(invalidValue(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    faults.push(...operatorFaults(toleration, path))
    if (effect !== '' && !EFFECTS.includes(effect)) faults.push(notSupported(`${path}.effect`, effect, EFFECTS))
    return faults
  })
}

function operatorFaults(toleration: JsonObject, path: string): readonly FieldFault[] {
  const [operator, value] = [textOf(toleration['operator']), textOf(toleration['value'])]
  switch (operator) {
    case '':
    case 'Equal': {
      const texts = labelValueFaults(value)
      return texts.length === 0 ? [] : [invalidValue(`${path}.operator`, value, texts.join(';'))]
    }
    case 'Exists':
      return value === ''
        ? []
        : [invalidValue(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")]
    default:
      return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])]
  }
}

function podUpdateFaults(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const faults: FieldFault[] = []
  for (const key of ['containers', 'initContainers']) {
    if (listOf(spec[key]).length === listOf(before[key]).length) continue
    return [forbiddenValue(`spec.${key}`, 'pod updates may not add or remove containers')]
  }
  const deadline = deadlineChange(spec, before)
  if (deadline !== undefined) faults.push(deadline)
  const comparable = likeBefore(spec, before)
  if (deepEqual(without(comparable, 'priority'), without(before, 'priority'))) return faults
  const difference = valueDiff(internalValue('PodSpec', before), internalValue('PodSpec', comparable))
  return [...faults, forbiddenValue('spec', `pod updates may not change fields other than ${UPDATABLE}\n${difference}`)]
}

function deadlineChange(spec: JsonObject, before: JsonObject): FieldFault | undefined {
  const [now, then] = [spec['activeDeadlineSeconds'], before['activeDeadlineSeconds']]
  if (isAbsent(then)) return undefined
  if (isAbsent(now)) return invalidValue('spec.activeDeadlineSeconds', null, 'must not update from a positive integer to nil value') // prettier-ignore
  if (numberOf(now) <= numberOf(then)) return undefined
  return invalidValue('spec.activeDeadlineSeconds', now, 'must be less than or equal to previous value')
}

/** The new spec with everything that may change set back. */
function likeBefore(spec: JsonObject, before: JsonObject): JsonObject {
  let edited = spec
  for (const key of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'])
    edited = before[key] === undefined ? without(edited, key) : put(edited, key, before[key])
  for (const key of ['containers', 'initContainers']) {
    const old = objectsOf(before[key])
    if (old.length === 0) continue
    edited = put(edited, key, objectsOf(spec[key]).map((item, index) => put(item, 'image', old[index]?.['image'] ?? ''))) // prettier-ignore
  }
  return edited
}
