// The fields that transformers change where a kustomization says nothing else (api/internal/konfig/builtinpluginconsts).
import type { FieldSpec } from './field-spec.ts'

export const NAME_SPECS: readonly FieldSpec[] = [{ path: 'metadata/name' }]

export const NAMESPACE_SPECS: readonly FieldSpec[] = [
  { path: 'metadata/name', kind: 'Namespace', create: true },
  { path: 'spec/service/namespace', group: 'apiregistration.k8s.io', kind: 'APIService', create: true },
  {
    path: 'spec/conversion/webhook/clientConfig/service/namespace',
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
  },
]

/** Pod templates and what else of an object has metadata of its own. */
function templates(name: 'labels' | 'annotations'): FieldSpec[] {
  const path = `spec/template/metadata/${name}`
  return [
    { path: `metadata/${name}`, create: true },
    { path, create: true, version: 'v1', kind: 'ReplicationController' },
    { path, create: true, kind: 'Deployment' },
    { path, create: true, kind: 'ReplicaSet' },
    { path, create: true, kind: 'DaemonSet' },
    // Annotations reach stateful sets of any group.
    { path, create: true, kind: 'StatefulSet', ...(name === 'labels' ? { group: 'apps' } : {}) },
    { path, create: true, group: 'batch', kind: 'Job' },
    { path: `spec/jobTemplate/metadata/${name}`, create: true, group: 'batch', kind: 'CronJob' },
    { path: `spec/jobTemplate/spec/template/metadata/${name}`, create: true, group: 'batch', kind: 'CronJob' },
  ]
}

export const ANNOTATION_SPECS: readonly FieldSpec[] = templates('annotations')

export const TEMPLATE_LABEL_SPECS: readonly FieldSpec[] = [
  ...templates('labels'),
  { path: 'spec/volumeClaimTemplates[]/metadata/labels', create: true, group: 'apps', kind: 'StatefulSet' },
]

const AFFINITY_TERMS = [
  'podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm',
  'podAffinity/requiredDuringSchedulingIgnoredDuringExecution',
  'podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm',
  'podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution',
]

function podSelectors(kind: string): FieldSpec[] {
  const inPodSpec = [...AFFINITY_TERMS.map((term) => `affinity/${term}`), 'topologySpreadConstraints']
  return inPodSpec.map((path) => ({
    path: `spec/template/spec/${path}/labelSelector/matchLabels`,
    create: false,
    group: 'apps',
    kind,
  }))
}

const NETWORK = { create: false, group: 'networking.k8s.io', kind: 'NetworkPolicy' }

export const SELECTOR_LABEL_SPECS: readonly FieldSpec[] = [
  { path: 'spec/selector', create: true, version: 'v1', kind: 'Service' },
  { path: 'spec/selector', create: true, version: 'v1', kind: 'ReplicationController' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'Deployment' },
  ...podSelectors('Deployment'),
  { path: 'spec/selector/matchLabels', create: true, kind: 'ReplicaSet' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'DaemonSet' },
  { path: 'spec/selector/matchLabels', create: true, group: 'apps', kind: 'StatefulSet' },
  ...podSelectors('StatefulSet'),
  { path: 'spec/selector/matchLabels', create: false, group: 'batch', kind: 'Job' },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', create: false, group: 'batch', kind: 'CronJob' },
  { path: 'spec/selector/matchLabels', create: false, group: 'policy', kind: 'PodDisruptionBudget' },
  { ...NETWORK, path: 'spec/podSelector/matchLabels' },
  { ...NETWORK, path: 'spec/ingress/from/podSelector/matchLabels' },
  { ...NETWORK, path: 'spec/egress/to/podSelector/matchLabels' },
  ...TEMPLATE_LABEL_SPECS,
]

export const IMAGE_SPECS: readonly FieldSpec[] = ['spec', 'spec/template/spec'].flatMap((place) =>
  ['containers[]/image', 'initContainers[]/image', 'volumes[]/image/reference'].map((path) => ({
    path: `${place}/${path}`,
    create: true,
  })),
)

export const REPLICA_SPECS: readonly FieldSpec[] = [
  'Deployment',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
].map((kind) => ({ path: 'spec/replicas', create: true, kind }))
