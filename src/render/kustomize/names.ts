// namePrefix and nameSuffix (api/internal/builtins/PrefixTransformer.go, SuffixTransformer.go).
import type { FieldSpec } from './field-spec.ts'
import { changeField, setScalar } from './field-spec.ts'
import { effectiveNamespace, isSelected } from './res-id.ts'
import type { Resource } from './resource.ts'
import { currentId, originalId, rememberName } from './resource.ts'
import type { ResourceSet } from './resource-set.ts'
import { textOf } from './node.ts'

/** Types whose names mean something to the cluster and are left alone. */
const SKIPPED = [
  { kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', kind: 'APIService' },
  { kind: 'Namespace' },
]

export interface Affix {
  readonly place: 'prefix' | 'suffix'
  readonly text: string
}

/** Puts a text before or behind the names, and remembers what they were. */
export function addAffix(set: ResourceSet, affix: Affix, specs: readonly FieldSpec[]): void {
  for (const resource of set.items) {
    const id = originalId(resource)
    if (SKIPPED.some((skipped) => isSelected(id, skipped))) continue
    for (const spec of specs) if (isSelected(id, spec)) addTo(resource, affix, spec)
  }
  set.touch()
}

function addTo(resource: Resource, { place, text }: Affix, spec: FieldSpec): void {
  if (spec.path === 'metadata/name' && text !== '') {
    if (place === 'prefix') resource.prefixes = [...resource.prefixes, text]
    else resource.suffixes = [...resource.suffixes, text]
    rememberName(resource, effectiveNamespace(currentId(resource)))
  }
  changeField(resource.node, spec, {
    set: (node) => setScalar(place === 'prefix' ? text + textOf(node) : textOf(node) + text)(node),
  })
}
