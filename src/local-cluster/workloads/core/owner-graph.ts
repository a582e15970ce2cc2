// Who depends on whom, by uid.
import type { ResourceType } from '../../../kube/client/client.ts'
import type { KubeObject } from '../../../kube/object.ts'

export interface GraphNode {
  readonly type: ResourceType
  readonly object: KubeObject
}

/** Every object seen, and the dependents of every owner, seen or not. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>()
  readonly #dependents = new Map<string, Set<string>>()

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid)
  }

  /** Uids of the objects that name `owner` as theirs. */
  dependents(owner: string): readonly string[] {
    return [...(this.#dependents.get(owner) ?? [])]
  }

  put(uid: string, node: GraphNode): void {
    this.#unlink(uid)
    this.#nodes.set(uid, node)
    for (const { uid: owner } of node.object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner)
      if (dependents === undefined) this.#dependents.set(owner, new Set([uid]))
      else dependents.add(uid)
    }
  }

  /** Forgets an object; answers with those that depend on it. */
  remove(uid: string): readonly string[] {
    this.#unlink(uid)
    this.#nodes.delete(uid)
    return this.dependents(uid)
  }

  #unlink(uid: string): void {
    for (const { uid: owner } of this.#nodes.get(uid)?.object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner)
      dependents?.delete(uid)
      if (dependents?.size === 0) this.#dependents.delete(owner)
    }
  }
}
