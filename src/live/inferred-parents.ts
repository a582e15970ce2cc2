// Parents that an object does not name as its owner but that it plainly belongs to.
import { keyOf, kindOf, type KubeObject, type ObjectKey } from '../kube/object.ts'
import { textAt } from '../kube/field.ts'

/** The parent of an object without owners (gitops-engine `pkg/cache/references.go`, argo-cd v3.5.1); undefined for most. */
export function inferredParent(object: KubeObject): ObjectKey | undefined {
  const { group, kind } = kindOf(object)
  const { namespace } = keyOf(object)
  if (group === '' && kind === 'Endpoints')
    return { group: '', kind: 'Service', namespace, name: object.metadata.name ?? '' }
  if (group === '' && kind === 'Secret') return tokenOwner(object, namespace)
  if (group === 'operators.coreos.com' && kind === 'ClusterServiceVersion') return operatorGroup(object, namespace)
  return undefined
}

function tokenOwner(secret: KubeObject, namespace: string): ObjectKey | undefined {
  const name = secret.metadata.annotations?.['kubernetes.io/service-account.name']
  if (textAt(secret, 'type') !== 'kubernetes.io/service-account-token' || name === undefined) return undefined
  return { group: '', kind: 'ServiceAccount', namespace, name }
}

function operatorGroup(version: KubeObject, namespace: string): ObjectKey | undefined {
  const name = version.metadata.annotations?.['olm.operatorGroup']
  if (name === undefined) return undefined
  return { group: 'operators.coreos.com', kind: 'OperatorGroup', namespace, name }
}
