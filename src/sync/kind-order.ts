// The order in which kinds are applied: a table of weights, lowest first.

/** Facts section 2; the kind alone counts, not its group. */
const KINDS = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
] as const

const WEIGHTS: ReadonlyMap<string, number> = new Map(KINDS.map((kind, index) => [kind, index - KINDS.length]))

/** -35 (Namespace) to -1 (APIService); 0, thus last, for a kind the table does not name. */
export function kindWeight(kind: string): number {
  return WEIGHTS.get(kind) ?? 0
}
