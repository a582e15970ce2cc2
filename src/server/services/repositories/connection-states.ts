// Whether repositories answer: asked at most once a minute for the same credentials (server/repository/repository.go `getConnectionState`, v3.5.1).
import { createHash } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { messageOf } from '../../../base/errors.ts'
import { LruCache } from '../../../base/lru.ts'
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
import { Secret } from '../../../base/secret.ts'
import { withAbort } from '../../../base/with-abort.ts'
import type { Message } from '../../../crds/message-type.ts'
import type { Repository } from '../../../settings/repositories.ts'

type State = Message<'ConnectionState'>

export interface ConnectionStatesOptions {
  readonly clock: Clock
  /** Throws where the repository does not let us in. */
  readonly test: (repository: Repository, signal: AbortSignal) => Promise<void>
}

/** Upstream keeps it for an hour (ARGOCD_SERVER_CONNECTION_STATUS_CACHE_EXPIRATION); a minute shows what was mended. */
export const KEPT_MS = 60_000
/** States are small; more repositories than these are asked anew. */
const MAX_STATES = 10_000
/** One who asks may leave; the others still get the answer. */
const TEST_TIMEOUT_MS = 60_000

/** Changed credentials are other credentials: nobody waits for what they were. */
export class ConnectionStates {
  readonly #options: ConnectionStatesOptions
  readonly #states = new LruCache<{ readonly atMs: number; readonly state: Promise<State> }>({ maxSize: MAX_STATES })

  constructor(options: ConnectionStatesOptions) {
    this.#options = options
  }

  /** `isFresh` asks now. Those who ask at the same time share one question. */
  of(repository: Repository, isFresh: boolean, signal: AbortSignal): Promise<State> {
    const key = fingerprint(repository)
    const nowMs = this.#options.clock.now()
    const known = this.#states.get(key)
    if (!isFresh && known !== undefined && nowMs - known.atMs < KEPT_MS) return withAbort(known.state, signal)
    const state = this.#ask(repository)
    this.#states.set(key, { atMs: nowMs, state })
    return withAbort(state, signal)
  }

  async #ask(repository: Repository): Promise<State> {
    const attemptedAt = rfc3339Seconds(this.#options.clock.now())
    try {
      await this.#options.test(repository, AbortSignal.timeout(TEST_TIMEOUT_MS))
      return { status: 'Successful', message: '', attemptedAt }
    } catch (error) {
      return { status: 'Failed', message: `Unable to connect to repository: ${messageOf(error)}`, attemptedAt }
    }
  }
}

/** A digest of everything a connection depends on, its secrets included. */
function fingerprint(repository: Repository): string {
  const parts = Object.entries(repository)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, value instanceof Secret ? value.reveal() : value])
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
