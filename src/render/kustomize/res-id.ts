// What names a resource in a build: group, version, kind, name and namespace (kyaml resid v0.21.1).
import { splitApiVersion } from '../../kube/object.ts'

/** Fields that are empty select everything. */
export interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface ResId extends Gvk {
  readonly name: string
  readonly namespace: string
}

/** What cluster-scoped resources have for a namespace, so that none is equal to it. */
export const NO_NAMESPACE = '_non_namespaceable_'

export function gvkOf(apiVersion: string, kind: string): Gvk {
  return { ...splitApiVersion(apiVersion), kind }
}

/** Does the type match a selector whose empty fields match all? */
export function isSelected(gvk: Gvk, selector: Partial<Gvk>): boolean {
  return isSame(gvk.kind, selector.kind) && isSame(gvk.group, selector.group) && isSame(gvk.version, selector.version)
}

function isSame(value: string, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === '' || value === wanted
}

/** `Deployment.v1.apps`, as messages have it. */
export function gvkText(gvk: Partial<Gvk>): string {
  return `${orElse(gvk.kind, '[noKind]')}.${orElse(gvk.version, '[noVer]')}.${orElse(gvk.group, '[noGrp]')}`
}

/** `Deployment.v1.apps/web.[noNs]`, as messages have it. */
export function idText(id: Partial<ResId>): string {
  return `${gvkText(id)}/${orElse(id.name, '[noName]')}.${orElse(id.namespace, '[noNs]')}`
}

function orElse(value: string | undefined, instead: string): string {
  return value === undefined || value === '' ? instead : value
}

/** The namespace that decides whether two ids are equal: none and `default` are the same. */
export function effectiveNamespace(id: ResId): string {
  if (isClusterScoped(id)) return NO_NAMESPACE
  return id.namespace === '' ? 'default' : id.namespace
}

/** Two ids with the same key name the same resource. */
export function idKey(id: ResId): string {
  return `${id.group}/${id.version}/${id.kind}/${effectiveNamespace(id)}/${id.name}`
}

export function isSameId(a: ResId, b: ResId): boolean {
  return (
    a.name === b.name &&
    a.kind === b.kind &&
    a.group === b.group &&
    a.version === b.version &&
    effectiveNamespace(a) === effectiveNamespace(b)
  )
}

/** Only types that the schema knows to stand outside namespaces; unknown ones count as namespaced. */
export function isClusterScoped(gvk: Gvk): boolean {
  return CLUSTER_SCOPED.get(gvk.group)?.has(`${gvk.version}/${gvk.kind}`) ?? false
}

function kinds(versions: string, names: string): string[] {
  return versions.split(' ').flatMap((version) => names.split(' ').map((name) => `${version}/${name}`))
}

/** Of Kubernetes 1.21.2, whose schema kustomize 5.8.1 has built in. */
const CLUSTER_SCOPED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['', new Set(kinds('v1', 'ComponentStatus Namespace Node NodeProxyOptions PersistentVolume'))],
  [
    'admissionregistration.k8s.io',
    new Set(kinds('v1 v1beta1', 'MutatingWebhookConfiguration ValidatingWebhookConfiguration')),
  ],
  ['apiextensions.k8s.io', new Set(kinds('v1 v1beta1', 'CustomResourceDefinition'))],
  ['apiregistration.k8s.io', new Set(kinds('v1 v1beta1', 'APIService'))],
  ['certificates.k8s.io', new Set(kinds('v1 v1beta1', 'CertificateSigningRequest'))],
  ['flowcontrol.apiserver.k8s.io', new Set(kinds('v1beta1', 'FlowSchema PriorityLevelConfiguration'))],
  ['networking.k8s.io', new Set(kinds('v1 v1beta1', 'IngressClass'))],
  ['node.k8s.io', new Set(kinds('v1 v1beta1', 'RuntimeClass'))],
  ['policy', new Set(kinds('v1beta1', 'PodSecurityPolicy'))],
  ['rbac.authorization.k8s.io', new Set(kinds('v1 v1beta1', 'ClusterRole ClusterRoleBinding'))],
  ['scheduling.k8s.io', new Set(kinds('v1 v1beta1', 'PriorityClass'))],
  ['storage.k8s.io', new Set(kinds('v1 v1beta1', 'CSIDriver CSINode StorageClass VolumeAttachment'))],
])
