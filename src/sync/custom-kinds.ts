// What CustomResourceDefinitions among the objects of a sync bring into being.
import { type GroupKind, type KubeObject, splitApiVersion } from '../kube/object.ts'
import { textAt } from '../kube/field.ts'

export interface DefinedKind extends GroupKind {
  readonly namespaced: boolean
}

export function isCustomResourceDefinition(object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return (
    object.kind === 'CustomResourceDefinition' && splitApiVersion(object.apiVersion).group === 'apiextensions.k8s.io'
  )
}

/** The kind a CRD defines; undefined for another object, or a CRD too broken to tell. */
export function definedKind(object: KubeObject): DefinedKind | undefined {
  if (!isCustomResourceDefinition(object)) return undefined
  const group = textAt(object, 'spec', 'group')
  const kind = textAt(object, 'spec', 'names', 'kind')
  if (group === '' || kind === '') return undefined
  return { group, kind, namespaced: textAt(object, 'spec', 'scope') !== 'Cluster' }
}

export function kindText(kind: GroupKind): string {
  return `${kind.group}/${kind.kind}`
}
