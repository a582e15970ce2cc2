// replicas (api/internal/builtins/ReplicaCountTransformer.go).
import { CapstanError } from '../../base/errors.ts'
import type { FieldSpec, SetValue } from './field-spec.ts'
import { changeField, setScalar } from './field-spec.ts'
import type { Replica } from './kustomization.ts'
import type { MappingNode } from './node.ts'
import { gvkText, isSelected } from './res-id.ts'
import type { ResourceSet } from './resource-set.ts'

/** Sets the count of what has or had the name. Throws `bad-input` where nothing has. */
export function setReplicas(set: ResourceSet, replica: Replica, specs: readonly FieldSpec[]): void {
  const name = replica.name ?? ''
  let isFound = false
  for (const spec of specs) {
    for (const resource of set.withAnyId((id) => id.name === name && isSelected(id, spec))) {
      isFound = true
      setReplicaCount(resource.node, replica, spec)
    }
  }
  if (isFound) return
  const types = specs.map((spec) => gvkText(spec)).join(' ')
  const message = `resource with name ${name} does not match a config with the following GVK [${types}]`
  throw new CapstanError('bad-input', message)
}

/** Sets the count at one field of a resource. */
export function setReplicaCount(node: MappingNode, replica: Replica, spec: FieldSpec): void {
  const set: SetValue = setScalar(String(replica.count ?? 0), 'int')
  changeField(node, spec, { set, createKind: 'scalar' })
}
