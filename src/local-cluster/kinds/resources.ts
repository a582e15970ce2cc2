// The built-in resources of Kubernetes 1.36.3 with default flags, found by path, kind or short name.
import { createHash } from 'node:crypto'
import type { GroupVersionKind } from '../../kube/object.ts'
import type { ServedResource } from './contract.ts'
import rows from './generated/resources.json' with { type: 'json' }

// The file is made by tools/generate-discovery-data.ts with exactly these fields; `group` on subresources stands only where it differs.
const TABLE = rows as readonly ServedResource[]
const byPath = new Map(TABLE.map((row) => [pathText(row.group, row.version, row.resource), row]))
const byKind = new Map(TABLE.map((row) => [pathText(row.group, row.version, row.kind), row]))

/** Every resource a default server serves, core group first, groups and versions in the order discovery lists them. */
export function builtinResources(): readonly ServedResource[] {
  return TABLE
}

/** The resource served at `/apis/<group>/<version>/…/<resource>`; undefined where no built-in is. */
export function builtinResource(group: string, version: string, resource: string): ServedResource | undefined {
  return byPath.get(pathText(group, version, resource))
}

/** The resource whose objects are of this kind. */
export function builtinResourceOfKind(gvk: GroupVersionKind): ServedResource | undefined {
  return byKind.get(pathText(gvk.group, gvk.version, gvk.kind))
}

/** The kind of lists of a resource: `PodList`. */
export function listKindOf(resource: Pick<ServedResource, 'kind' | 'listKind'>): string {
  return resource.listKind ?? `${resource.kind}List`
}

/** What discovery shows for the version a resource is stored in (apimachinery `discovery.StorageVersionHash`). */
export function storageVersionHash(gvk: GroupVersionKind): string {
  const text = `${gvk.group}/${gvk.version}/${gvk.kind}`
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64')
}

function pathText(group: string, version: string, name: string): string {
  return `${group}/${version}/${name}`
}
