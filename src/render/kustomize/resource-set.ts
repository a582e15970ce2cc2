// The resources of a build in their order, with ids that must be unique (api/resmap/reswrangler.go).
import { CapstanError } from '../../base/errors.ts'
import type { ResId } from './res-id.ts'
import { idKey, idText, isSameId } from './res-id.ts'
import type { Resource } from './resource.ts'
import { allIds, currentId } from './resource.ts'

/** All resources of one build together; beyond this no cluster takes them as one application. */
export const MAX_RESOURCES = 100_000

export class ResourceSet {
  #items: Resource[] = []
  /** Keys of current ids; undefined once a transformer may have renamed something. */
  #keys: Set<string> | undefined

  get items(): readonly Resource[] {
    return this.#items
  }

  /** To be called whenever names, namespaces or kinds may have changed. */
  touch(): void {
    this.#keys = undefined
  }

  /** Throws `bad-input` where a resource with that id is there already. */
  append(resource: Resource): void {
    this.#keys ??= new Set(this.#items.map((item) => idKey(currentId(item))))
    const id = currentId(resource)
    const key = idKey(id)
    if (this.#keys.has(key)) {
      throw new CapstanError('bad-input', `may not add resource with an already registered id: ${idText(id)}`)
    }
    if (this.#items.length >= MAX_RESOURCES) {
      throw new CapstanError('limit', `more than ${MAX_RESOURCES} resources in one build`)
    }
    this.#keys.add(key)
    this.#items.push(resource)
  }

  appendAll(resources: readonly Resource[]): void {
    for (const resource of resources) this.append(resource)
  }

  /** Puts other resources in place of all, checking their ids. */
  replaceAll(resources: readonly Resource[]): void {
    this.#items = []
    this.touch()
    this.appendAll(resources)
  }

  replace(old: Resource, now: Resource): void {
    this.#items[this.#items.indexOf(old)] = now
    this.touch()
  }

  /** Those that have the id now or had it before. */
  withAnyId(matches: (id: ResId) => boolean): Resource[] {
    return this.#items.filter((item) => allIds(item).some(matches))
  }

  /** The one resource a strategic merge patch without a target is for. Throws `bad-input` for none or several. */
  findForPatch(id: ResId): Resource {
    const found = this.withAnyId((candidate) => isSameId(candidate, id))
    const [only] = found
    if (found.length === 1 && only !== undefined) return only
    const problem = found.length === 0 ? 'no matches' : 'multiple matches'
    const text = idText(id)
    throw new CapstanError('bad-input', `${problem} for Id ${text}; failed to find unique target for patch ${text}`)
  }
}
