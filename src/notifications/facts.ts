// Facts that expressions and templates ask for and that must be fetched first, such as the message of a commit.
import { CapstanError } from '../base/errors.ts'
import type { GoValue } from '../lang/go/values.ts'

/** An evaluation asks for no more than this; each costs a request. */
export const MAX_FACTS = 20

/** Thrown through an evaluation where a fact is not known yet. No CapstanError: nobody on the way may take it for one. */
class FactNeeded extends Error {
  readonly key: string
  readonly fetch: () => Promise<GoValue>

  constructor(key: string, fetch: () => Promise<GoValue>) {
    super(`${key} is not known yet`)
    this.key = key
    this.fetch = fetch
  }
}

/** What was fetched for one object; an expression that asked is evaluated again with the answer. */
export class Facts {
  readonly #known = new Map<string, GoValue | CapstanError>()

  /** The fact, at once where it is known; throws what it could not be fetched for. Only inside `resolve`. */
  get(key: string, fetch: () => Promise<GoValue>): GoValue {
    const known = this.#known.get(key)
    if (known === undefined) throw new FactNeeded(key, fetch)
    if (known instanceof CapstanError) throw known
    return known
  }

  /** Evaluates until no fact is missing any more. */
  async resolve<Result>(evaluate: () => Result): Promise<Result> {
    for (;;) {
      try {
        return evaluate()
      } catch (error) {
        if (!(error instanceof FactNeeded)) throw error
        if (this.#known.size >= MAX_FACTS) {
          throw new CapstanError('limit', `more than ${MAX_FACTS} facts are asked for`, { cause: error })
        }
        this.#known.set(error.key, await this.#fetch(error))
      }
    }
  }

  async #fetch({ fetch }: FactNeeded): Promise<GoValue | CapstanError> {
    try {
      return await fetch()
    } catch (error) {
      if (error instanceof CapstanError) return error
      throw error
    }
  }
}
