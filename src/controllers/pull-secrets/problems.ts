// What keeps images of Applications from being pulled, by Application and by where it was found: the text of its condition.

/** One who is told of another state. */
export type ProblemListener = (application: string) => void

/** Messages hold nothing secret; those that are the same count once. */
export class Problems {
  readonly #found = new Map<string, Map<string, readonly string[]>>()
  readonly #onChange: ProblemListener

  constructor(onChange: ProblemListener) {
    this.#onChange = onChange
  }

  /** Notes what was found at a place, by Application; Applications that are not named have no problem there any more. */
  set(place: string, messages: ReadonlyMap<string, readonly string[]>): void {
    for (const [application, found] of this.#found) {
      if (messages.has(application) || !found.delete(place)) continue
      if (found.size === 0) this.#found.delete(application)
      this.#onChange(application)
    }
    for (const [application, texts] of messages) {
      const found = this.#found.get(application) ?? new Map<string, readonly string[]>()
      this.#found.set(application, found)
      const before = found.get(place)
      if (before?.join('\n') === texts.join('\n')) continue
      found.set(place, texts)
      this.#onChange(application)
    }
  }

  of(application: string): readonly string[] {
    return [...new Set([...(this.#found.get(application)?.values() ?? [])].flat())]
  }

  forget(application: string): void {
    this.#found.delete(application)
  }
}
