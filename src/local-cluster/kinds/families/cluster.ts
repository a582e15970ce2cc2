// Storage, networking, RBAC, scheduling, coordination and admission: kinds with a few defaults each.
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import {
  change,
  changeAt,
  changeEach,
  fill,
  isAbsent,
  listOf,
  numberOf,
  objectOf,
  put,
  textOf,
  without,
} from '../edit.ts'
import { roundList } from '../pod/container-defaults.ts'
import { defaultClaimSpec, defaultVolumeSource } from '../pod/volume-defaults.ts'
import { specParts, type Family } from './family.ts'

const RBAC_GROUP = 'rbac.authorization.k8s.io'

export const storageFamily: Family = {
  '/v1/PersistentVolume': {
    setDefaults: (object) =>
      change(fillPhase(object), 'spec', (spec) =>
        defaultVolumeSource(
          change(
            fill(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
            'capacity',
            roundList,
          ),
        ),
      ),
    prepareForCreate: (object, { nowMs }) =>
      protect(
        { ...object, status: { phase: 'Pending', lastPhaseTransitionTime: rfc3339Seconds(nowMs) } },
        'kubernetes.io/pv-protection',
      ),
  },
  '/v1/PersistentVolumeClaim': {
    setDefaults: (object) => change(fillPhase(object), 'spec', defaultClaimSpec),
    prepareForCreate: (object) =>
      protect(
        { ...change(object, 'spec', (spec) => mirrorDataSource(spec, {})), status: { phase: 'Pending' } },
        'kubernetes.io/pvc-protection',
      ),
    prepareForUpdate: (object, old) => change(object, 'spec', (spec) => mirrorDataSource(spec, objectOf(old['spec']))),
  },
  'certificates.k8s.io/v1/CertificateSigningRequest': {
    prepareForUpdate: (object, old) => put(object, 'spec', old['spec'] ?? {}),
    fieldLabels: (object) => ({ 'spec.signerName': textOf(objectOf(object['spec'])['signerName']) }),
  },
  'storage.k8s.io/v1/VolumeAttributesClass': {
    prepareForCreate: (object) => protect(object, 'kubernetes.io/vac-protection'),
  },
  'storage.k8s.io/v1/StorageClass': {
    setDefaults: (object) => fill(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  },
  'storage.k8s.io/v1/CSIDriver': {
    setDefaults: (object) => change(object, 'spec', defaultDriverSpec),
    prepareForUpdate: countChange,
  },
}

/** Keeps storage in use from being deleted (admission plugin StorageObjectInUseProtection, on by default). */
function protect(object: JsonObject, finalizer: string): JsonObject {
  return change(object, 'metadata', (metadata) => {
    const finalizers = listOf(metadata['finalizers'])
    return finalizers.includes(finalizer) ? metadata : put(metadata, 'finalizers', [...finalizers, finalizer])
  })
}

function fillPhase(object: JsonObject): JsonObject {
  return change(fill(object, { status: {} }), 'status', (status) => fill(status, { phase: 'Pending' }))
}

/** What `dataSource` alone may name; all else is dropped in silence, as it was before `dataSourceRef` came. */
function isOldSource(source: JsonObject): boolean {
  const group = textOf(source['apiGroup'])
  if (source['kind'] === 'PersistentVolumeClaim' && group === '') return true
  return source['kind'] === 'VolumeSnapshot' && group === 'snapshot.storage.k8s.io'
}

/** `dataSource` and `dataSourceRef` say the same unless the reference crosses namespaces (pkg/api/persistentvolumeclaim, NormalizeDataSources). */
function mirrorDataSource(spec: JsonObject, before: JsonObject): JsonObject {
  const { dataSource, dataSourceRef } = spec
  const isNew = isAbsent(before['dataSource']) && isAbsent(before['dataSourceRef'])
  if (!isAbsent(dataSource) && isAbsent(dataSourceRef)) {
    const isDropped = isNew && !isOldSource(objectOf(dataSource))
    return isDropped ? without(spec, 'dataSource') : put(spec, 'dataSourceRef', dataSource)
  }
  if (isAbsent(dataSourceRef) || !isAbsent(dataSource)) return spec
  const { namespace, ...local } = objectOf(dataSourceRef)
  return textOf(namespace) === '' ? put(spec, 'dataSource', local) : spec
}

/** Drivers have no generation before they change. */
function countChange(object: JsonObject, old: JsonObject): JsonObject {
  if (deepEqual(object['spec'], old['spec'])) return object
  return change(object, 'metadata', (metadata) => put(metadata, 'generation', numberOf(metadata['generation']) + 1))
}

function defaultDriverSpec(spec: JsonObject): JsonObject {
  return fill(spec, {
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    volumeLifecycleModes: ['Persistent'],
    requiresRepublish: false,
    seLinuxMount: false,
  })
}

export const networkFamily: Family = {
  'networking.k8s.io/v1/Ingress': { generationParts: specParts },
  'networking.k8s.io/v1/IngressClass': {
    setDefaults: (object) =>
      change(object, 'spec', (spec) => change(spec, 'parameters', (ref) => fill(ref, { scope: 'Cluster' }))),
    generationParts: specParts,
  },
  'networking.k8s.io/v1/NetworkPolicy': {
    setDefaults: (object) => change(object, 'spec', defaultNetworkPolicy),
    generationParts: specParts,
  },
  'discovery.k8s.io/v1/EndpointSlice': {
    setDefaults: (object) => changeEach(object, 'ports', (port) => fill(port, { name: '', protocol: 'TCP' })),
    generationParts: (object) => [object['endpoints'], object['ports'], object['addressType'], objectOf(object['metadata'])['labels']], // prettier-ignore
  },
}

function defaultNetworkPolicy(spec: JsonObject): JsonObject {
  let edited = spec
  for (const direction of ['ingress', 'egress'])
    edited = changeEach(edited, direction, (rule) =>
      changeEach(rule, 'ports', (port) => fill(port, { protocol: 'TCP' })),
    )
  if (listOf(spec['policyTypes']).length > 0) return edited
  const types = listOf(spec['egress']).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  return put(edited, 'policyTypes', types)
}

export const rbacFamily: Family = {
  [`${RBAC_GROUP}/v1/RoleBinding`]: { setDefaults: defaultBinding },
  [`${RBAC_GROUP}/v1/ClusterRoleBinding`]: { setDefaults: defaultBinding },
}

function defaultBinding(binding: JsonObject): JsonObject {
  const edited = change(binding, 'roleRef', groupOfRole)
  return changeEach(edited, 'subjects', (subject) =>
    subject['kind'] === 'User' || subject['kind'] === 'Group' ? fill(subject, { apiGroup: RBAC_GROUP }) : subject,
  )
}

function groupOfRole(role: JsonObject): JsonObject {
  return (role['apiGroup'] ?? '') === '' ? put(role, 'apiGroup', RBAC_GROUP) : role
}

export const policyFamily: Family = {
  'flowcontrol.apiserver.k8s.io/v1/FlowSchema': {
    setDefaults: (object) =>
      change(object, 'spec', (spec) =>
        numberOf(spec['matchingPrecedence']) === 0 ? put(spec, 'matchingPrecedence', 1000) : spec,
      ),
    generationParts: specParts,
  },
  'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration': {
    setDefaults: (object) => change(object, 'spec', defaultPriorityLevel),
    generationParts: specParts,
  },
  'apiregistration.k8s.io/v1/APIService': {
    prepareForCreate: (object, { nowMs }) =>
      isAbsent(objectOf(object['spec'])['service'])
        ? {
            ...object,
            status: {
              conditions: [
                {
                  type: 'Available',
                  status: 'True',
                  lastTransitionTime: rfc3339Seconds(nowMs),
                  reason: 'Local',
                  message: 'Local APIServices are always available',
                },
              ],
            },
          }
        : object,
    setDefaults: (object) =>
      change(object, 'spec', (spec) => change(spec, 'service', (service) => fill(service, { port: 443 }))),
  },
  'policy/v1/PodDisruptionBudget': { generationParts: specParts },
  'scheduling.k8s.io/v1/PriorityClass': {
    setDefaults: (object) => fill(object, { preemptionPolicy: 'PreemptLowerPriority' }),
    // Created with 1, and never raised.
    generationParts: () => [],
  },
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration': {
    setDefaults: (object) => changeEach(object, 'webhooks', (webhook) => defaultWebhook(webhook, {})),
    generationParts: (object) => [object['webhooks']],
  },
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': {
    setDefaults: (object) =>
      changeEach(object, 'webhooks', (webhook) => defaultWebhook(webhook, { reinvocationPolicy: 'Never' })),
    generationParts: (object) => [object['webhooks']],
  },
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': {
    setDefaults: (object) => change(object, 'spec', defaultAdmissionPolicy),
    generationParts: specParts,
  },
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': {
    setDefaults: (object) => change(object, 'spec', (spec) => change(spec, 'matchResources', defaultMatch)),
    generationParts: specParts,
  },
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy': {
    setDefaults: (object) => change(object, 'spec', defaultAdmissionPolicy),
    generationParts: specParts,
  },
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding': {
    setDefaults: (object) => change(object, 'spec', (spec) => change(spec, 'matchResources', defaultMatch)),
    generationParts: specParts,
  },
}

const QUEUING: JsonObject = { handSize: 8, queues: 64, queueLengthLimit: 50 }

function defaultPriorityLevel(spec: JsonObject): JsonObject {
  const exempt = change(spec, 'exempt', (level) => fill(level, { nominalConcurrencyShares: 0, lendablePercent: 0 }))
  return change(exempt, 'limited', (level) => {
    const edited = fill(level, { nominalConcurrencyShares: 30, lendablePercent: 0 })
    // These are no pointers upstream, so a zero is as good as nothing.
    return changeAt(edited, ['limitResponse', 'queuing'], (queuing) => {
      const zero = Object.keys(QUEUING).filter((key) => numberOf(queuing[key]) === 0)
      return fill(without(queuing, ...zero), QUEUING)
    })
  })
}

function defaultWebhook(webhook: JsonObject, more: JsonObject): JsonObject {
  const edited = fill(webhook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...more,
  })
  const withPort = change(edited, 'clientConfig', (config) =>
    change(config, 'service', (ref) => fill(ref, { port: 443 })),
  )
  return changeEach(withPort, 'rules', (rule) => fill(rule, { scope: '*' }))
}

function defaultAdmissionPolicy(spec: JsonObject): JsonObject {
  return change(fill(spec, { failurePolicy: 'Fail' }), 'matchConstraints', defaultMatch)
}

function defaultMatch(match: JsonObject): JsonObject {
  let edited = fill(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} })
  for (const key of ['resourceRules', 'excludeResourceRules'])
    edited = changeEach(edited, key, (rule) => fill(rule, { scope: '*' }))
  return edited
}
