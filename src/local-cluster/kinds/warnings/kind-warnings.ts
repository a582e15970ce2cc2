// What the server warns of, kind by kind (`WarningsOnCreate` of the strategies in kubernetes v1.36.3 `pkg/registry`).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { nameOf } from '../tables/table.ts'
import { dnsLabel } from '../validation/names.ts'
import { keyPairWarnings } from './key-pairs.ts'
import { podWarnings, termWarnings } from './pod-warnings.ts'

type Warnings = (object: JsonObject, old?: JsonObject) => readonly string[]

/** By `group/version/Kind`. Those on updates are asked for where an update raised the generation. */
export const WARNINGS: Readonly<Record<string, Warnings>> = {
  '/v1/Pod': (pod) => [...nameWarnings(pod, "the Pod's hostname"), ...podWarnings(pod)],
  '/v1/PodTemplate': (object) => podWarnings(objectOf(object['template']), 'template'),
  '/v1/ReplicationController': workloadWarnings,
  'apps/v1/Deployment': workloadWarnings,
  'apps/v1/ReplicaSet': workloadWarnings,
  'apps/v1/DaemonSet': templateWarnings,
  'apps/v1/StatefulSet': (object) => [...templateWarnings(object), ...historyWarnings(object)],
  'batch/v1/Job': workloadWarnings,
  'batch/v1/CronJob': (object) => [
    ...nameWarnings(object, POD_NAMES),
    ...podWarnings(templateOf(objectOf(objectOf(object['spec'])['jobTemplate'])), 'spec.jobTemplate.spec.template'),
  ],
  '/v1/Service': serviceWarnings,
  '/v1/PersistentVolume': volumeWarnings,
  '/v1/Secret': secretWarnings,
  'resource.k8s.io/v1/ResourceSlice': (object) => {
    const driver = textOf(objectOf(object['spec'])['driver'])
    if (driver === driver.toLowerCase()) return []
    return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`]
  },
  'storage.k8s.io/v1/CSIDriver': (object, old) => {
    const { tokenRequests, serviceAccountTokenInSecrets } = objectOf(object['spec'])
    const isKnown = old !== undefined && deepEqual(tokenRequests, objectOf(old['spec'])['tokenRequests'])
    if (isKnown || isAbsent(tokenRequests) || !isAbsent(serviceAccountTokenInSecrets)) return []
    return [
      'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
    ]
  },
  '/v1/ServiceAccount': (object) =>
    annotationsOf(object)['kubernetes.io/enforce-mountable-secrets'] === undefined
      ? []
      : [
          'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
        ],
  'networking.k8s.io/v1/Ingress': (object, old) => {
    if (old !== undefined) return []
    const isOld = annotationsOf(object)['kubernetes.io/ingress.class'] !== undefined
    if (!isOld || !isAbsent(objectOf(object['spec'])['ingressClassName'])) return []
    return [`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`]
  },
}

const POD_NAMES = 'Pod names and hostnames'

function annotationsOf(object: JsonObject): JsonObject {
  return objectOf(objectOf(object['metadata'])['annotations'])
}

function secretWarnings(object: JsonObject): readonly string[] {
  if (object['type'] !== 'kubernetes.io/tls') return []
  const data = objectOf(object['data'])
  return keyPairWarnings(textOf(data['tls.crt']), textOf(data['tls.key']))
}

function templateOf(object: JsonObject): JsonObject {
  return objectOf(objectOf(object['spec'])['template'])
}

function nameWarnings(object: JsonObject, use: string): readonly string[] {
  const faults = dnsLabel(nameOf(object))
  if (faults.length === 0) return []
  const advice = 'which can result in surprising behavior; a DNS label is recommended'
  return [`metadata.name: this is used in ${use}, ${advice}: [${faults.join(' ')}]`]
}

function templateWarnings(object: JsonObject): readonly string[] {
  return podWarnings(templateOf(object), 'spec.template')
}

function workloadWarnings(object: JsonObject): readonly string[] {
  return [...nameWarnings(object, POD_NAMES), ...templateWarnings(object)]
}

function historyWarnings(object: JsonObject): readonly string[] {
  if (numberOf(objectOf(object['spec'])['revisionHistoryLimit']) >= 0) return []
  return ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
}

function serviceWarnings(object: JsonObject): readonly string[] {
  const spec = objectOf(object['spec'])
  const type = textOf(spec['type'])
  const hasExternalIps = listOf(spec['externalIPs']).length > 0
  const isExternalName = type === 'ExternalName'
  const when = (condition: boolean, text: string): readonly string[] => (condition ? [text] : [])
  const isHeadless = textOf(spec['clusterIP']) === 'None'
  return [
    ...when(
      annotationsOf(object)['service.kubernetes.io/topology-aware-hints'] !== undefined,
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    ),
    ...when(
      isHeadless && textOf(spec['loadBalancerIP']) !== '',
      'spec.loadBalancerIP is ignored for headless services',
    ),
    ...when(isHeadless && hasExternalIps, 'spec.externalIPs is ignored for headless services'),
    ...when(
      isHeadless && spec['sessionAffinity'] === 'ClientIP',
      'spec.SessionAffinity is ignored for headless services',
    ),
    ...when(hasExternalIps, 'spec.externalIPs is deprecated and may no longer be implemented in some clusters'),
    ...when(isExternalName && hasExternalIps, 'spec.externalIPs is ignored when spec.type is "ExternalName"'),
    ...when(
      !isExternalName && textOf(spec['externalName']) !== '',
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ),
    ...when(
      spec['trafficDistribution'] === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ),
  ]
}

const DEPRECATED_SOURCES: Readonly<Record<string, string>> = {
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}
const RECYCLE =
  'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'

function volumeWarnings(object: JsonObject): readonly string[] {
  const spec = objectOf(object['spec'])
  const terms = objectsOf(objectOf(objectOf(spec['nodeAffinity'])['required'])['nodeSelectorTerms'])
  return [
    ...(spec['persistentVolumeReclaimPolicy'] === 'Recycle' ? [RECYCLE] : []),
    ...terms.flatMap((term, index) => termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`)),
    ...Object.keys(DEPRECATED_SOURCES)
      .filter((source) => !isAbsent(spec[source]))
      .map((source) => `spec.${source}: ${DEPRECATED_SOURCES[source] ?? ''}`),
  ]
}
