// Deployments, ReplicaSets, StatefulSets, DaemonSets, ReplicationControllers (pkg/apis/apps/validation, 1.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, put, textOf, without } from '../edit.ts'
import { sentValue } from '../emptied.ts'
import { claimSpecFaults } from './claims.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { labelFaults } from './metadata.ts'
import { dnsLabel } from './names.ts'
import { amountOf, atMostAll, intOrPercent, nonNegative, oneOf } from './numbers.ts'
import { templateFaults } from './pods.ts'
import { isEmptySelector, printableSelector, selectorFaults, selectorMatches, sortedMap } from './selectors.ts'

export function validateDeployment(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults = [
    ...nonNegative(spec, 'spec', 'replicas'),
    ...selectorAndTemplate(spec, 'ReplicaSet', 'deployment'),
    ...strategyFaults(objectOf(spec['strategy'])),
    ...nonNegative(spec, 'spec', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'),
  ]
  const deadline = numberOf(spec['progressDeadlineSeconds'])
  if (!isAbsent(spec['progressDeadlineSeconds']) && deadline <= numberOf(spec['minReadySeconds']))
    faults.push(invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
  return [...faults, ...selectorChange(spec, old)]
}

export function validateReplicaSet(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  return [
    ...nonNegative(spec, 'spec', 'replicas', 'minReadySeconds'),
    ...selectorAndTemplate(spec, 'ReplicaSet', 'deployment'),
    ...selectorChange(spec, old),
  ]
}

/** A selector that is needed, and a template whose labels it selects. */
function selectorAndTemplate(spec: JsonObject, owner: string, word: string): readonly FieldFault[] {
  const template = objectOf(spec['template'])
  return [...selectorPart(spec, word), ...templateFaults(template, 'spec.template'), ...alwaysRunning(template, owner)]
}

function selectorPart(spec: JsonObject, word: string): readonly FieldFault[] {
  const template = objectOf(spec['template'])
  // Without a selector there is one that matches nothing.
  if (!isObject(spec['selector'])) return [requiredValue('spec.selector'), labelMismatchFault(template)]
  const selector = spec['selector']
  const faults = [...selectorFaults(selector, 'spec.selector')]
  const printed = printableSelector(selector)
  if (isEmptySelector(selector)) return [...faults, invalidValue('spec.selector', printed, `empty selector is invalid for ${word}`)] // prettier-ignore
  // A selector that cannot be read selects nothing that could be compared.
  if (faults.length > 0) return [...faults, invalidValue('spec.selector', printed, word === 'statefulset' ? '' : 'invalid label selector')] // prettier-ignore
  return labelMismatch(selector, template)
}

/** What every owner of pods says where its selector would not find them. */
export function labelMismatch(selector: JsonObject, template: JsonObject): readonly FieldFault[] {
  const labels = objectOf(template['metadata'])['labels']
  return selectorMatches(selector, objectOf(labels)) ? [] : [labelMismatchFault(template)]
}

/** The same where there is no selector at all. */
export function labelMismatchFault(template: JsonObject): FieldFault {
  const labels = sentValue(objectOf(template['metadata']), 'labels')
  return invalidValue('spec.template.metadata.labels', sortedMap(labels), '`selector` does not match template `labels`')
}

function alwaysRunning(template: JsonObject, owner: string): readonly FieldFault[] {
  const spec = objectOf(template['spec'])
  const field = 'spec.template.spec'
  const policy = spec['restartPolicy']
  const faults = policy === 'Always' ? [] : [notSupported(`${field}.restartPolicy`, policy ?? '', ['Always'])]
  if (isAbsent(spec['activeDeadlineSeconds'])) return faults
  return [
    ...faults,
    forbiddenValue(`${field}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`),
  ]
}

function selectorChange(spec: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  if (old === undefined || deepEqual(spec['selector'], objectOf(old['spec'])['selector'])) return []
  const selector = spec['selector']
  return [invalidValue('spec.selector', isObject(selector) ? printableSelector(selector) : null, 'field is immutable')]
}

function strategyFaults(strategy: JsonObject): readonly FieldFault[] {
  const rolling = strategy['rollingUpdate']
  switch (strategy['type']) {
    case 'Recreate':
      if (isAbsent(rolling)) return []
      return [forbiddenValue('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")]
    case 'RollingUpdate':
      return rollingFaults(objectOf(rolling))
    default: {
      // The internal type has no JSON names, so its Go names are told.
      const printed = { Type: textOf(strategy['type']), RollingUpdate: printedRolling(rolling) }
      return [notSupported('spec.strategy', printed, ['Recreate', 'RollingUpdate'])]
    }
  }
}

function printedRolling(rolling: JsonObject[string] | undefined): JsonObject | null {
  if (!isObject(rolling)) return null
  return { MaxUnavailable: rolling['maxUnavailable'] ?? 0, MaxSurge: rolling['maxSurge'] ?? 0 }
}

function rollingFaults(rolling: JsonObject): readonly FieldFault[] {
  const field = 'spec.strategy.rollingUpdate'
  const { maxUnavailable, maxSurge } = rolling
  const faults = [...intOrPercent(maxUnavailable, `${field}.maxUnavailable`), ...intOrPercent(maxSurge, `${field}.maxSurge`)] // prettier-ignore
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0)
    faults.push(invalidValue(`${field}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'))
  return [...faults, ...atMostAll(maxUnavailable, `${field}.maxUnavailable`)]
}

export function validateDaemonSet(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const selector = objectOf(spec['selector'])
  const template = objectOf(spec['template'])
  return [
    ...selectorChange(spec, old),
    ...daemonSelector(spec, template),
    ...(isObject(spec['selector']) && isEmptySelector(selector)
      ? [invalidValue('spec.selector', {}, 'empty selector is invalid for daemonset')]
      : []),
    ...templateFaults(template, 'spec.template'),
    ...alwaysRunning(template, 'DaemonSet'),
    ...nonNegative(spec, 'spec', 'minReadySeconds'),
    ...daemonStrategy(objectOf(spec['updateStrategy'])),
    ...nonNegative(spec, 'spec', 'revisionHistoryLimit'),
  ]
}

function daemonSelector(spec: JsonObject, template: JsonObject): readonly FieldFault[] {
  const selector = spec['selector']
  // What is no selector selects nothing, and one that cannot be read nothing that could be compared.
  if (!isObject(selector)) return [labelMismatchFault(template)]
  const faults = selectorFaults(selector, 'spec.selector')
  return faults.length > 0 ? faults : labelMismatch(selector, template)
}

function daemonStrategy(strategy: JsonObject): readonly FieldFault[] {
  const field = 'spec.updateStrategy'
  if (strategy['type'] === 'OnDelete') return []
  if (strategy['type'] !== 'RollingUpdate') {
    const printed = { Type: textOf(strategy['type']), RollingUpdate: printedRolling(strategy['rollingUpdate']) }
    return [notSupported(field, printed, ['RollingUpdate', 'OnDelete'])]
  }
  const { maxUnavailable, maxSurge } = objectOf(strategy['rollingUpdate'])
  const path = `${field}.rollingUpdate`
  const faults = [
    ...intOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...intOrPercent(maxSurge, `${path}.maxSurge`),
    ...atMostAll(maxUnavailable, `${path}.maxUnavailable`),
    ...atMostAll(maxSurge, `${path}.maxSurge`),
  ]
  const [hasUnavailable, hasSurge] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0]
  if (hasUnavailable && hasSurge)
    faults.push(invalidValue(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!hasUnavailable && !hasSurge)
    faults.push(requiredValue(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  return faults
}

const STATEFUL_FIELDS =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
const MUTABLE = ['replicas', 'template', 'updateStrategy', 'minReadySeconds', 'ordinals', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy'] // prettier-ignore

export function validateStatefulSet(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults = [
    ...managementFaults(spec),
    ...statefulStrategy(objectOf(spec['updateStrategy'])),
    ...retentionFaults(objectOf(spec['persistentVolumeClaimRetentionPolicy'])),
    ...nonNegative(spec, 'spec', 'replicas', 'minReadySeconds'),
    ...nonNegative(objectOf(spec['ordinals']), 'spec.ordinals', 'start'),
    ...(old === undefined ? serviceNameFaults(spec) : []),
    ...(old === undefined ? claimTemplateFaults(spec) : []),
    ...statefulTemplate(spec),
  ]
  if (old === undefined || deepEqual(without(spec, ...MUTABLE), without(objectOf(old['spec']), ...MUTABLE)))
    return faults
  return [...faults, forbiddenValue('spec', STATEFUL_FIELDS)]
}

function managementFaults(spec: JsonObject): readonly FieldFault[] {
  const policy = textOf(spec['podManagementPolicy'])
  if (policy === 'OrderedReady' || policy === 'Parallel') return []
  if (policy === '') return [requiredValue('spec.podManagementPolicy')]
  return [invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")]
}

function statefulStrategy(strategy: JsonObject): readonly FieldFault[] {
  const field = 'spec.updateStrategy'
  const rolling = strategy['rollingUpdate']
  switch (strategy['type']) {
    case undefined:
    case '':
      return [requiredValue(field)]
    case 'OnDelete':
      if (!isObject(rolling)) return []
      return [invalidValue(`${field}.rollingUpdate`, printedPartition(rolling), "only allowed for updateStrategy 'RollingUpdate'")] // prettier-ignore
    case 'RollingUpdate':
      return nonNegative(objectOf(rolling), `${field}.rollingUpdate`, 'partition')
    default: {
      const printed = {
        Type: strategy['type'] ?? '',
        RollingUpdate: isObject(rolling) ? printedPartition(rolling) : null,
      }
      return [invalidValue(field, printed, "must be 'RollingUpdate' or 'OnDelete'")]
    }
  }
}

function printedPartition(rolling: JsonObject): JsonObject {
  return { Partition: rolling['partition'] ?? 0, MaxUnavailable: rolling['maxUnavailable'] ?? null }
}

function retentionFaults(policy: JsonObject): readonly FieldFault[] {
  return ['whenDeleted', 'whenScaled'].flatMap((key) =>
    oneOf(policy[key], `spec.persistentVolumeClaimRetentionPolicy.${key}`, ['Retain', 'Delete']),
  )
}

function serviceNameFaults(spec: JsonObject): readonly FieldFault[] {
  const name = textOf(spec['serviceName'])
  return name === '' ? [] : dnsLabel(name).map((text) => invalidValue('spec.serviceName', name, text))
}

function claimTemplateFaults(spec: JsonObject): readonly FieldFault[] {
  return objectsOf(spec['volumeClaimTemplates']).flatMap((claim, index) =>
    claimSpecFaults(objectOf(claim['spec']), `spec.volumeClaimTemplates[${index}].spec`),
  )
}

/** Claims made from templates count as volumes of the pod. Upstream looks at the template's labels twice. */
function statefulTemplate(spec: JsonObject): readonly FieldFault[] {
  const names = objectsOf(spec['volumeClaimTemplates']).map((claim) => textOf(objectOf(claim['metadata'])['name']))
  const claims = [...new Set(names)]
  const template = objectOf(spec['template'])
  const labels = labelFaults(objectOf(template['metadata'])['labels'], 'spec.template.labels')
  const podSpec = objectOf(template['spec'])
  const own = objectsOf(podSpec['volumes']).filter((volume) => !claims.includes(textOf(volume['name'])))
  const made = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  const edited = put(template, 'spec', put(without(podSpec, 'hostname', 'subdomain'), 'volumes', [...made, ...own]))
  return [...selectorAndTemplate(put(spec, 'template', edited), 'StatefulSet', 'statefulset'), ...labels]
}

export function validateControllerRevision(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const { data, revision } = object
  const faults = nonNegative({ revision: revision ?? 0 }, '', 'revision').map((fault) => ({
    ...fault,
    field: 'revision',
  }))
  if (old === undefined) {
    if (isAbsent(data)) return [...faults, requiredValue('data', 'data is mandatory')]
    return isObject(data) ? faults : [...faults, requiredValue('data', 'data must be a valid JSON object')]
  }
  return deepEqual(data, old['data']) ? faults : [...faults, invalidValue('data', data ?? null, 'field is immutable')]
}

export function validateReplicationController(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const selector = objectOf(spec['selector'])
  const isEmpty = Object.keys(selector).length === 0
  const faults = [
    ...nonNegative(spec, 'spec', 'minReadySeconds'),
    ...(isEmpty ? [requiredValue('spec.selector')] : []),
    ...nonNegative(spec, 'spec', 'replicas'),
  ]
  const template = spec['template']
  if (!isObject(template)) return [...faults, requiredValue('spec.template')]
  const mismatch = isEmpty ? [] : labelMismatch({ matchLabels: selector }, template)
  return [...faults, ...mismatch, ...templateFaults(template, 'spec.template'), ...alwaysRunning(template, 'ReplicationController')] // prettier-ignore
}
