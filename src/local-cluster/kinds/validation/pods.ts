// Pods and pod templates (pkg/apis/core/validation, ValidatePodSpec, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { blankFaults, containerFaults, ephemeralFaults, initContainerFaults } from './containers.ts'
import { forbiddenValue, invalidValue, requiredValue } from './faults.ts'
import { annotationFaults, labelFaults } from './metadata.ts'
import { dnsLabel, dnsSubdomain, type TextRule } from './names.ts'
import { choiceIfSet, oneOf } from './numbers.ts'
import { affinityFaults, dnsFaults, gateFaults, hostAliasFaults, spreadFaults } from './pod-placement.ts'
import { annotationChangeFaults, annotationsOf, podAnnotationFaults } from './pod-annotations.ts'
import { podSecurityFaults } from './pod-security.ts'
import {
  hostnameFaults,
  hostUserFaults,
  resourceClaimFaults,
  schedulingGateFaults,
  systemFaults,
} from './pod-systems.ts'
import { podUpdateFaults } from './pod-updates.ts'
import { tokenIndexes } from './projected-files.ts'
import { resourceFaults } from './resources.ts'
import { tolerationFaults } from './tolerations.ts'
import { imageReferenceFaults, volumeFaults } from './volumes.ts'

const MAX_INT32 = 2 ** 31 - 1
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** Faults of a pod; on updates also of fields that may not change. */
export function validatePod(pod: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(pod['spec'])
  const annotated = ownAnnotationFaults(pod, old)
  const faults = [...annotated, ...wholeFaults(pod)]
  // Upstream judges the annotations of a changed pod twice.
  if (old !== undefined)
    return [
      ...faults,
      ...annotationChangeFaults(pod, old),
      ...annotated,
      ...podUpdateFaults(spec, objectOf(old['spec'])),
    ]
  if (listOf(spec['ephemeralContainers']).length > 0)
    faults.push(forbiddenValue('spec.ephemeralContainers', 'cannot be set on create'))
  if (textOf(spec['nodeName']) !== '' && listOf(spec['schedulingGates']).length > 0)
    faults.push(forbiddenValue('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  return faults
}

function ownAnnotationFaults(pod: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const before = old === undefined ? undefined : annotationsOf(old)
  const annotated = { annotations: annotationsOf(pod), spec: objectOf(pod['spec']), before }
  return podAnnotationFaults(annotated, 'metadata.annotations')
}

/** Faults of a pod's spec as that of a pod. */
export function wholeFaults(pod: JsonObject): readonly FieldFault[] {
  const spec = objectOf(pod['spec'])
  return [...podSpecFaults(spec, 'spec', textOf(objectOf(pod['metadata'])['name'])), ...onlyOfPods(spec)]
}

/** What templates may leave to whoever changes their pods: tokens need an account, images have no blanks around them. */
function onlyOfPods(spec: JsonObject): readonly FieldFault[] {
  const volumes = objectsOf(spec['volumes'])
  const faults = [...imageReferenceFaults(volumes, 'spec.volumes')]
  if (textOf(spec['serviceAccountName']) === '') {
    const text = 'must not be specified when serviceAccountName is not set'
    for (const [index, volume] of volumes.entries())
      for (const at of tokenIndexes(volume))
        faults.push(forbiddenValue(`spec.volumes[${index}].projected.sources[${at}].serviceAccountToken`, text))
  }
  for (const key of ['containers', 'initContainers'])
    for (const [index, container] of objectsOf(spec[key]).entries())
      faults.push(...blankFaults(container, `spec.${key}[${index}]`))
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
    ...podAnnotationFaults({ annotations: annotationsOf(template), spec }, `${field}.annotations`),
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

/** Faults of a pod's spec; `podName` is empty in templates. */
export function podSpecFaults(spec: JsonObject, field: string, podName = ''): readonly FieldFault[] {
  if (sound.has(spec)) return []
  const faults = specFaults(spec, field, podName)
  if (faults.length === 0) sound.add(spec)
  return faults
}

function specFaults(spec: JsonObject, field: string, podName: string): readonly FieldFault[] {
  const { faults, named } = volumeFaults(objectsOf(spec['volumes']), { field: `${field}.volumes`, podName })
  const grace = spec['terminationGracePeriodSeconds']
  const parts = { volumes: named, graceSeconds: isAbsent(grace) ? undefined : numberOf(grace) }
  return [
    ...(isAbsent(grace) ? [requiredValue(`${field}.terminationGracePeriodSeconds`)] : []),
    ...faults,
    ...resourceClaimFaults(spec, `${field}.resourceClaims`),
    ...containerFaults(objectsOf(spec['containers']), parts, `${field}.containers`),
    ...initContainerFaults(spec, parts, `${field}.initContainers`),
    ...ephemeralFaults(spec, named, `${field}.ephemeralContainers`),
    ...hostNetworkFaults(spec, field),
    ...oneOf(spec['restartPolicy'], `${field}.restartPolicy`, RESTART_POLICIES),
    ...oneOf(spec['dnsPolicy'], `${field}.dnsPolicy`, DNS_POLICIES),
    ...labelFaults(spec['nodeSelector'], `${field}.nodeSelector`),
    ...podSecurityFaults(spec, `${field}.securityContext`),
    ...pullSecretFaults(spec, `${field}.imagePullSecrets`),
    ...affinityFaults(objectOf(spec['affinity']), `${field}.affinity`),
    ...dnsFaults(spec, `${field}.dnsConfig`),
    ...gateFaults(spec, `${field}.readinessGates`),
    ...schedulingGateFaults(spec, `${field}.schedulingGates`),
    ...spreadFaults(spec, `${field}.topologySpreadConstraints`),
    ...hostUserFaults(spec, field),
    ...hostnameFaults(spec, field),
    ...nameFaults(spec, field, ['serviceAccountName', dnsSubdomain], ['nodeName', dnsSubdomain]),
    ...deadlineFaults(spec, field),
    ...nameFaults(spec, field, ['hostname', dnsLabel], ['subdomain', dnsLabel]),
    ...tolerationFaults(spec, `${field}.tolerations`),
    ...hostAliasFaults(spec, `${field}.hostAliases`),
    ...nameFaults(spec, field, ['priorityClassName', dnsSubdomain], ['runtimeClassName', dnsSubdomain]),
    ...choiceIfSet(spec['preemptionPolicy'], `${field}.preemptionPolicy`, ['PreemptLowerPriority', 'Never']),
    ...resourceFaults({ limits: spec['overhead'] ?? {} }, `${field}.overhead`),
    ...systemFaults(spec, field),
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
