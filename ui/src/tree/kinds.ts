// Short marks and families of Kubernetes kinds, so that a box is recognised before it is read.

export type KindFamily = 'app' | 'workload' | 'network' | 'config' | 'access' | 'storage' | 'other'

export interface KindMark {
  readonly short: string
  readonly family: KindFamily
}

/** Kubernetes' own short names, as `kubectl api-resources` has them. */
const MARKS: Readonly<Record<string, readonly [string, KindFamily]>> = {
  Application: ['app', 'app'],
  ApplicationSet: ['set', 'app'],
  AppProject: ['prj', 'app'],
  Deployment: ['dpl', 'workload'],
  ReplicaSet: ['rs', 'workload'],
  StatefulSet: ['sts', 'workload'],
  DaemonSet: ['ds', 'workload'],
  Rollout: ['ro', 'workload'],
  Pod: ['pod', 'workload'],
  Job: ['job', 'workload'],
  CronJob: ['cj', 'workload'],
  HorizontalPodAutoscaler: ['hpa', 'workload'],
  PodDisruptionBudget: ['pdb', 'workload'],
  ControllerRevision: ['rev', 'workload'],
  Service: ['svc', 'network'],
  Ingress: ['ing', 'network'],
  Endpoints: ['ep', 'network'],
  EndpointSlice: ['eps', 'network'],
  NetworkPolicy: ['np', 'network'],
  Gateway: ['gw', 'network'],
  HTTPRoute: ['rt', 'network'],
  ConfigMap: ['cm', 'config'],
  Secret: ['sec', 'config'],
  Namespace: ['ns', 'config'],
  CustomResourceDefinition: ['crd', 'config'],
  ServiceAccount: ['sa', 'access'],
  Role: ['rl', 'access'],
  RoleBinding: ['rb', 'access'],
  ClusterRole: ['cr', 'access'],
  ClusterRoleBinding: ['crb', 'access'],
  PersistentVolumeClaim: ['pvc', 'storage'],
  PersistentVolume: ['pv', 'storage'],
  StorageClass: ['sc', 'storage'],
}

/** The mark of a kind; of one that is not known, its capitals. */
export function markOf(kind: string): KindMark {
  const known = Object.hasOwn(MARKS, kind) ? MARKS[kind] : undefined
  if (known !== undefined) return { short: known[0], family: known[1] }
  const capitals = kind.replaceAll(/[^A-Z]/g, '').toLowerCase()
  return { short: (capitals.length > 1 ? capitals : kind.toLowerCase()).slice(0, 3), family: 'other' }
}
