// Which fields refer to which resources by name, and which may hold $(VAR)s (api/internal/konfig/builtinpluginconsts).
import type { FieldSpec } from './field-spec.ts'
import type { Gvk } from './res-id.ts'

/** A type of resource and the fields that name such resources. */
export interface NameReference extends Partial<Gvk> {
  readonly referrers: readonly FieldSpec[]
}

const WORKLOADS = ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'] as const

/** Where kinds keep their pod spec. */
function podSpec(kind: string): string {
  if (kind === 'Pod') return 'spec'
  if (kind === 'PodTemplate') return 'template/spec'
  return kind === 'CronJob' ? 'spec/jobTemplate/spec/template/spec' : 'spec/template/spec'
}

function inPods(kinds: readonly string[], paths: readonly string[]): FieldSpec[] {
  return kinds.flatMap((kind) => paths.map((path) => ({ kind, path: `${podSpec(kind)}/${path}` })))
}

const ALL_PODS = ['Pod', 'PodTemplate', ...WORKLOADS, 'CronJob']
const CONTROLLED_PODS = ['Pod', 'StatefulSet', 'Deployment', 'ReplicationController', 'CronJob', 'Job', 'DaemonSet']
const RBAC = 'rbac.authorization.k8s.io'
const ADMISSION = 'admissionregistration.k8s.io'

const SCALED: readonly FieldSpec[] = [{ kind: 'HorizontalPodAutoscaler', path: 'spec/scaleTargetRef/name' }]

const NAMED_IN_RULES: readonly FieldSpec[] = [
  { kind: 'Role', path: 'rules/resourceNames' },
  { kind: 'ClusterRole', path: 'rules/resourceNames' },
]

const CONFIG_MAP: readonly FieldSpec[] = [
  ...inPods(ALL_PODS, [
    'volumes/configMap/name',
    'containers/env/valueFrom/configMapKeyRef/name',
    'initContainers/env/valueFrom/configMapKeyRef/name',
    'containers/envFrom/configMapRef/name',
    'initContainers/envFrom/configMapRef/name',
    'volumes/projected/sources/configMap/name',
  ]),
  { kind: 'Node', path: 'spec/configSource/configMap' },
  ...NAMED_IN_RULES,
  { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap' },
]

const SECRET: readonly FieldSpec[] = [
  ...inPods(ALL_PODS, [
    'volumes/secret/secretName',
    'containers/env/valueFrom/secretKeyRef/name',
    'initContainers/env/valueFrom/secretKeyRef/name',
    'containers/envFrom/secretRef/name',
    'initContainers/envFrom/secretRef/name',
    'imagePullSecrets/name',
    'volumes/projected/sources/secret/name',
  ]),
  { kind: 'Ingress', path: 'spec/tls/secretName' },
  { kind: 'Ingress', path: 'metadata/annotations/ingress.kubernetes.io\\/auth-secret' },
  { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret' },
  { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret' },
  { kind: 'ServiceAccount', path: 'imagePullSecrets/name' },
  { kind: 'StorageClass', path: 'parameters/secretName' },
  { kind: 'StorageClass', path: 'parameters/adminSecretName' },
  { kind: 'StorageClass', path: 'parameters/userSecretName' },
  { kind: 'StorageClass', path: 'parameters/secretRef' },
  ...NAMED_IN_RULES,
  {
    group: 'serving.knative.dev',
    version: 'v1',
    kind: 'Service',
    path: 'spec/template/spec/containers/env/valueFrom/secretKeyRef/name',
  },
  { kind: 'PersistentVolume', path: 'spec/azureFile/secretName' },
]

const SERVICE: readonly FieldSpec[] = [
  { group: 'apps', kind: 'StatefulSet', path: 'spec/serviceName' },
  { kind: 'Ingress', path: 'spec/rules/http/paths/backend/serviceName' },
  { kind: 'Ingress', path: 'spec/backend/serviceName' },
  { kind: 'Ingress', path: 'spec/rules/http/paths/backend/service/name' },
  { kind: 'Ingress', path: 'spec/defaultBackend/service/name' },
  { group: 'apiregistration.k8s.io', kind: 'APIService', path: 'spec/service/name' },
  { group: ADMISSION, kind: 'ValidatingWebhookConfiguration', path: 'webhooks/clientConfig/service' },
  { group: ADMISSION, kind: 'MutatingWebhookConfiguration', path: 'webhooks/clientConfig/service' },
]

export const NAME_REFERENCES: readonly NameReference[] = [
  { kind: 'Deployment', referrers: SCALED },
  { kind: 'ReplicationController', referrers: SCALED },
  { kind: 'ReplicaSet', referrers: SCALED },
  { kind: 'StatefulSet', referrers: SCALED },
  { version: 'v1', kind: 'ConfigMap', referrers: CONFIG_MAP },
  { version: 'v1', kind: 'Secret', referrers: SECRET },
  { version: 'v1', kind: 'Service', referrers: SERVICE },
  { group: RBAC, kind: 'Role', referrers: [{ group: RBAC, kind: 'RoleBinding', path: 'roleRef/name' }] },
  {
    group: RBAC,
    kind: 'ClusterRole',
    referrers: [
      { group: RBAC, kind: 'RoleBinding', path: 'roleRef/name' },
      { group: RBAC, kind: 'ClusterRoleBinding', path: 'roleRef/name' },
    ],
  },
  {
    version: 'v1',
    kind: 'ServiceAccount',
    referrers: [
      { group: RBAC, kind: 'RoleBinding', path: 'subjects' },
      { group: RBAC, kind: 'ClusterRoleBinding', path: 'subjects' },
      ...inPods(CONTROLLED_PODS, ['serviceAccountName']),
    ],
  },
  {
    version: 'v1',
    kind: 'PersistentVolumeClaim',
    referrers: inPods(CONTROLLED_PODS, ['volumes/persistentVolumeClaim/claimName']),
  },
  {
    version: 'v1',
    kind: 'PersistentVolume',
    referrers: [
      { kind: 'PersistentVolumeClaim', path: 'spec/volumeName' },
      { kind: 'ClusterRole', path: 'rules/resourceNames' },
    ],
  },
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'StorageClass',
    referrers: [
      { kind: 'PersistentVolume', path: 'spec/storageClassName' },
      { kind: 'PersistentVolumeClaim', path: 'spec/storageClassName' },
      { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/storageClassName' },
    ],
  },
  {
    group: 'scheduling.k8s.io',
    version: 'v1',
    kind: 'PriorityClass',
    referrers: inPods(CONTROLLED_PODS, ['priorityClassName']),
  },
  // The group is upstream's slip: no ingress class is ever followed.
  {
    group: 'networking.k8s.io/v1',
    version: 'v1',
    kind: 'IngressClass',
    referrers: [{ kind: 'Ingress', path: 'spec/ingressClassName' }],
  },
  {
    group: ADMISSION,
    kind: 'ValidatingAdmissionPolicy',
    referrers: [{ group: ADMISSION, kind: 'ValidatingAdmissionPolicyBinding', path: 'spec/policyName' }],
  },
]

const CONTAINER_TEXTS = ['args', 'command', 'env/value', 'volumeMounts/mountPath'].flatMap((path) => [
  `containers/${path}`,
  `initContainers/${path}`,
])

export const VAR_REFERENCES: readonly FieldSpec[] = [
  ...inPods(['Pod', ...WORKLOADS, 'CronJob'], CONTAINER_TEXTS),
  ...inPods(['Pod', 'DaemonSet', 'Deployment', 'Job', 'ReplicaSet'], ['volumes/nfs/server']),
  { kind: 'CronJob', path: 'spec/jobTemplate/spec/template/volumes/nfs/server' },
  { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/nfs/server' },
  { kind: 'Deployment', path: 'spec/template/metadata/annotations' },
  { kind: 'Ingress', path: 'spec/rules/host' },
  { kind: 'Ingress', path: 'spec/tls/hosts' },
  { kind: 'Ingress', path: 'spec/tls/secretName' },
  { kind: 'Service', path: 'spec/ports/port' },
  { kind: 'Service', path: 'spec/ports/targetPort' },
  { kind: 'PersistentVolume', path: 'spec/nfs/server' },
  { path: 'metadata/labels' },
  { path: 'metadata/annotations' },
]
