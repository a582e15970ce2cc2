// How much of all requests together may be in memory: one caller's large messages must not end the server.
import { CapstanError } from '../../base/errors.ts'

/** Two messages of the largest size, and room for everybody else. */
export const MAX_HELD_BYTES: number = 512 << 20
/** What every call may hold whatever the others do: those of the page and of commands are far smaller. */
export const FREE_BYTES: number = 64 << 10

/** What one call holds. */
export interface MessageShare {
  /** Throws `limit` where all calls together hold too much. */
  take(bytes: number): void
  give(bytes: number): void
  /** Gives back what is left. */
  close(): void
}

export class MessageBudget {
  readonly #max: number
  #held = 0

  constructor(maxBytes: number = MAX_HELD_BYTES) {
    this.#max = maxBytes
  }

  /** What all calls hold beyond what each may. */
  get held(): number {
    return this.#held
  }

  /** For one call, from its begin to its end. */
  open(): MessageShare {
    let [taken, counted] = [0, 0]
    const count = (): void => {
      const now = Math.max(taken - FREE_BYTES, 0)
      this.#held += now - counted
      counted = now
    }
    return {
      take: (bytes) => {
        const more = Math.max(taken + bytes - FREE_BYTES, 0) - counted
        if (this.#held + more > this.#max) {
          throw new CapstanError('limit', 'grpc: the server holds too many large messages: try again later')
        }
        taken += bytes
        count()
      },
      give: (bytes) => {
        taken -= bytes
        count()
      },
      close: () => {
        taken = 0
        count()
      },
    }
  }
}
