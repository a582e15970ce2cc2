// validators: transformers that look and must not touch (api/internal/target/kusttarget.go runValidators).
import { isDeepStrictEqual } from 'node:util'
import { CapstanError } from '../../base/errors.ts'
import { valueOfNode } from './node.ts'
import type { Resource } from './resource.ts'
import type { ResourceSet } from './resource-set.ts'
import type { NamedTransform } from './transforms.ts'

/** Runs each. Throws `bad-input` for one that changes anything. */
export function runValidators(set: ResourceSet, validators: readonly NamedTransform[]): void {
  for (const validator of validators) {
    const before = snapshot(set.items)
    validator.transform(set)
    if (!isDeepStrictEqual(before, snapshot(set.items))) {
      throw new CapstanError('bad-input', `validator shouldn't modify the resource map: ${validator.kind} did`)
    }
  }
}

function snapshot(resources: readonly Resource[]): unknown[] {
  return resources.map((resource) => valueOfNode(resource.node))
}
