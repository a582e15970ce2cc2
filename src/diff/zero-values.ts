// Zeros that Go's types of Kubernetes do not write: fields that are no pointers and are left out when empty.
import type { JsonValue } from '../kube/object.ts'

/** Optional strings that are pointers: "" is a value of its own there (k8s.io/api v0.36.3). */
const POINTER_STRINGS: ReadonlySet<string> = new Set([
  'storageClassName',
  'volumeMode',
  'volumeAttributesClassName',
  'runtimeClassName',
  'ingressClassName',
  'appProtocol',
  'preemptionPolicy',
  'procMount',
  'fsGroupChangePolicy',
  'localhostProfile',
  'service',
  'fsType',
  'ipFamilyPolicy',
  'internalTrafficPolicy',
  'loadBalancerClass',
  'hostnameOverride',
  'trafficDistribution',
  'gmsaCredentialSpecName',
  'gmsaCredentialSpec',
  'runAsUserName',
  'expression',
  'matchPolicy',
  'sideEffects',
  'failurePolicy',
  'reinvocationPolicy',
  'scope',
  'url',
  'path',
  'unhealthyPodEvictionPolicy',
  'concurrencyPolicy',
  'timeZone',
  'completionMode',
  'podReplacementPolicy',
  'managedBy',
  'restartPolicy',
  'setHostnameAsFQDN',
  'secretName',
  'apiGroup',
  'nodeName',
  'hostname',
  'volumeName',
  'supplementalGroupsPolicy',
  'nominatedNodeName',
  'type',
  'protocol',
  'controller',
  'user',
  'recursiveReadOnly',
])

/** Optional numbers and booleans that are no pointers, by the last two parts of their definition's name. */
const PLAIN_SCALARS: Readonly<Record<string, readonly string[]>> = {
  'v1.PodSpec': ['hostNetwork', 'hostPID', 'hostIPC'],
  'v1.Container': ['stdin', 'stdinOnce', 'tty'],
  'v1.EphemeralContainer': ['stdin', 'stdinOnce', 'tty'],
  'v1.ContainerPort': ['hostPort'],
  'v1.VolumeMount': ['readOnly'],
  'v1.PersistentVolumeClaimVolumeSource': ['readOnly'],
  'v1.NFSVolumeSource': ['readOnly'],
  'v1.ISCSIVolumeSource': ['readOnly'],
  'v1.CephFSVolumeSource': ['readOnly'],
  'v1.GCEPersistentDiskVolumeSource': ['readOnly', 'partition'],
  'v1.AWSElasticBlockStoreVolumeSource': ['readOnly', 'partition'],
  'v1.Probe': ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'],
  'v1.ServiceSpec': ['publishNotReadyAddresses', 'healthCheckNodePort'],
  'v1.ServicePort': ['nodePort'],
  'v1.DeploymentSpec': ['minReadySeconds', 'paused'],
  'v1.ReplicaSetSpec': ['minReadySeconds'],
  'v1.DaemonSetSpec': ['minReadySeconds'],
  'v1.StatefulSetSpec': ['minReadySeconds'],
  'v1.DeploymentStatus': ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'],
}

/** True for a zero that Go leaves out of the field `name` of a definition such as `io.k8s.api.core.v1.PodSpec`. */
export function isOmittedZero(value: JsonValue, definition: string | undefined, name: string): boolean {
  if (value === '') return !POINTER_STRINGS.has(name)
  if (value !== 0 && value !== false) return false
  const short = definition?.split('.').slice(-2).join('.') ?? ''
  return PLAIN_SCALARS[short]?.includes(name) === true
}
