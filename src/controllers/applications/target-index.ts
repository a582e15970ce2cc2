// Which applications compare an object, also one that carries no mark.

/** Application keys by object id. */
export class TargetIndex {
  readonly #apps = new Map<string, Set<string>>()
  readonly #ids = new Map<string, readonly string[]>()

  get(id: string): ReadonlySet<string> {
    return this.#apps.get(id) ?? NONE
  }

  /** Replaces the objects of an application. */
  set(app: string, ids: readonly string[]): void {
    for (const id of this.#ids.get(app) ?? []) this.#remove(id, app)
    if (ids.length === 0) this.#ids.delete(app)
    else this.#ids.set(app, ids)
    for (const id of ids) {
      const apps = this.#apps.get(id)
      if (apps === undefined) this.#apps.set(id, new Set([app]))
      else apps.add(app)
    }
  }

  #remove(id: string, app: string): void {
    const apps = this.#apps.get(id)
    apps?.delete(app)
    if (apps?.size === 0) this.#apps.delete(id)
  }
}

const NONE: ReadonlySet<string> = new Set()
