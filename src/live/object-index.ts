// The live objects of one cluster, found by key, namespace, application and parent.
import type { ObjectKey } from '../kube/object.ts'
import { keyText } from '../kube/object.ts'
import type { LiveResource } from './live-resource.ts'
import { isClaimOf } from './stateful-claims.ts'
import { compareVersions } from './resource-version.ts'

/** How deep a chain of owners is followed; real ones have four links. */
const MAX_DEPTH = 32
/** How many deleted objects are remembered, so that a late answer does not bring one back. */
const MAX_TOMBSTONES = 10_000

export class ObjectIndex {
  readonly #byId = new Map<string, LiveResource>()
  readonly #byUid = new Map<string, Set<LiveResource>>()
  readonly #byNamespace = new Map<string, Set<LiveResource>>()
  readonly #byApp = new Map<string, Set<LiveResource>>()
  readonly #byParent = new Map<string, Set<LiveResource>>()
  readonly #tombstones = new Set<string>()

  get size(): number {
    return this.#byId.size
  }

  get(key: ObjectKey): LiveResource | undefined {
    return this.#byId.get(keyText(key))
  }

  byId(id: string): LiveResource | undefined {
    return this.#byId.get(id)
  }

  ofApp(app: string): ReadonlySet<LiveResource> {
    return this.#byApp.get(app) ?? NONE
  }

  ofNamespace(namespace: string): ReadonlySet<LiveResource> {
    return this.#byNamespace.get(namespace) ?? NONE
  }

  /** Takes a state of an object unless a newer one is known; answers whether it was taken, and what was known before. */
  put(resource: LiveResource): { readonly taken: boolean; readonly old: LiveResource | undefined } {
    const old = this.#byId.get(resource.id)
    if (this.#tombstones.has(uidOf(resource)) || (old !== undefined && !isNewer(resource, old)))
      return { taken: false, old }
    if (old !== undefined) this.#unlink(old)
    this.#byId.set(resource.id, resource)
    this.#link(resource)
    return { taken: true, old }
  }

  /** Forgets an object; one of the same name with another UID stays. */
  delete(id: string, uid: string): LiveResource | undefined {
    this.#bury(uid)
    const old = this.#byId.get(id)
    if (old === undefined || (uid !== '' && uidOf(old) !== uid)) return undefined
    this.#byId.delete(id)
    this.#unlink(old)
    return old
  }

  childrenOf(parent: LiveResource): readonly LiveResource[] {
    const children = [...(this.#byParent.get(uidOf(parent)) ?? NONE), ...(this.#byParent.get(parent.id) ?? NONE)]
    if (parent.claimTemplates.length === 0) return children
    const claims = [...this.ofNamespace(parent.key.namespace)].filter(
      ({ key }) => key.kind === 'PersistentVolumeClaim' && isClaimOf(key.name, parent.key.name, parent.claimTemplates),
    )
    return [...children, ...claims.filter((claim) => !children.includes(claim))]
  }

  parentsOf(child: LiveResource): readonly LiveResource[] {
    const parents = child.parents.flatMap((token) => [...(this.#byUid.get(token) ?? NONE), ...this.#known(token)])
    if (parents.length > 0 || child.key.kind !== 'PersistentVolumeClaim') return parents
    return [...this.ofNamespace(child.key.namespace)].filter(
      (set) => set.claimTemplates.length > 0 && isClaimOf(child.key.name, set.key.name, set.claimTemplates),
    )
  }

  /** The applications an object belongs to, by its own mark or that of an owner. */
  applicationsOf(resource: LiveResource): ReadonlySet<string> {
    const apps = new Set<string>()
    const seen = new Set<string>()
    let level: readonly LiveResource[] = [resource]
    for (let depth = 0; level.length > 0 && depth < MAX_DEPTH; depth++) {
      const next: LiveResource[] = []
      for (const current of level) {
        if (seen.has(current.id)) continue
        seen.add(current.id)
        if (current.app !== undefined) apps.add(current.app)
        next.push(...this.parentsOf(current))
      }
      level = next
    }
    return apps
  }

  #known(id: string): readonly LiveResource[] {
    const found = this.#byId.get(id)
    return found === undefined ? [] : [found]
  }

  #link(resource: LiveResource): void {
    addTo(this.#byUid, uidOf(resource), resource)
    addTo(this.#byNamespace, resource.key.namespace, resource)
    if (resource.app !== undefined) addTo(this.#byApp, resource.app, resource)
    for (const parent of resource.parents) addTo(this.#byParent, parent, resource)
  }

  #unlink(resource: LiveResource): void {
    removeFrom(this.#byUid, uidOf(resource), resource)
    removeFrom(this.#byNamespace, resource.key.namespace, resource)
    if (resource.app !== undefined) removeFrom(this.#byApp, resource.app, resource)
    for (const parent of resource.parents) removeFrom(this.#byParent, parent, resource)
  }

  #bury(uid: string): void {
    if (uid === '') return
    this.#tombstones.add(uid)
    if (this.#tombstones.size <= MAX_TOMBSTONES) return
    const [oldest] = this.#tombstones
    if (oldest !== undefined) this.#tombstones.delete(oldest)
  }
}

const NONE: ReadonlySet<LiveResource> = new Set()

function uidOf(resource: LiveResource): string {
  return resource.metadata.uid ?? ''
}

/** Another UID is another object: the one that comes later counts. */
function isNewer(next: LiveResource, old: LiveResource): boolean {
  if (next.metadata.uid !== old.metadata.uid) return true
  return compareVersions(next.metadata.resourceVersion ?? '', old.metadata.resourceVersion ?? '') > 0
}

function addTo(index: Map<string, Set<LiveResource>>, key: string, resource: LiveResource): void {
  const found = index.get(key)
  if (found === undefined) index.set(key, new Set([resource]))
  else found.add(resource)
}

function removeFrom(index: Map<string, Set<LiveResource>>, key: string, resource: LiveResource): void {
  const found = index.get(key)
  if (found === undefined) return
  found.delete(resource)
  if (found.size === 0) index.delete(key)
}
