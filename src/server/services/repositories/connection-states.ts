// Whether repositories and registries answer: asked at most once a minute for the same credentials (server/repository/repository.go `getConnectionState`, v3.5.1).
import type { Clock } from '../../../base/clock.ts'
import { sha256Hex } from '../../../base/digest.ts'
import { messageOf } from '../../../base/errors.ts'
import { LruCache } from '../../../base/lru.ts'
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
import { Secret } from '../../../base/secret.ts'
import { withAbort } from '../../../base/with-abort.ts'
import type { Message } from '../../../crds/message-type.ts'
import type { RegistryCredential } from '../../../settings/registry-credential.ts'
import { configurationHash } from '../../../settings/registry-identity.ts'
import type { Repository } from '../../../settings/repositories.ts'

type State = Message<'ConnectionState'>

interface KeptStatesOptions<Target> {
  readonly clock: Clock
  /** The same for as long as a state holds: a change of what it is made of is asked about anew. */
  readonly keyOf: (target: Target) => string
  /** Throws where the repository or registry does not let us in. */
  readonly test: (target: Target, signal: AbortSignal) => Promise<void>
}

/** Upstream keeps it for an hour (ARGOCD_SERVER_CONNECTION_STATUS_CACHE_EXPIRATION); a minute shows what was mended. */
export const KEPT_MS = 60_000
/** States are small; more repositories than these are asked anew. */
const MAX_STATES = 10_000
/** One who asks may leave; the others still get the answer. */
const TEST_TIMEOUT_MS = 60_000

/** Changed credentials are other credentials: nobody waits for what they were. */
class KeptStates<Target> {
  readonly #options: KeptStatesOptions<Target>
  readonly #states = new LruCache<{ readonly atMs: number; readonly state: Promise<State> }>({ maxSize: MAX_STATES })

  constructor(options: KeptStatesOptions<Target>) {
    this.#options = options
  }

  /** `isFresh` asks now. Those who ask at the same time share one question. */
  of(target: Target, isFresh: boolean, signal: AbortSignal): Promise<State> {
    const key = this.#options.keyOf(target)
    const nowMs = this.#options.clock.now()
    const known = this.#states.get(key)
    if (!isFresh && known !== undefined && nowMs - known.atMs < KEPT_MS) return withAbort(known.state, signal)
    const state = this.#ask(target)
    this.#states.set(key, { atMs: nowMs, state })
    return withAbort(state, signal)
  }

  async #ask(target: Target): Promise<State> {
    const attemptedAt = rfc3339Seconds(this.#options.clock.now())
    try {
      await this.#options.test(target, AbortSignal.timeout(TEST_TIMEOUT_MS))
      return { status: 'Successful', message: '', attemptedAt }
    } catch (error) {
      return { status: 'Failed', message: `Unable to connect to repository: ${messageOf(error)}`, attemptedAt }
    }
  }
}

/** Of repositories. */
export class ConnectionStates extends KeptStates<Repository> {
  constructor({ clock, test }: Omit<KeptStatesOptions<Repository>, 'keyOf'>) {
    super({ clock, test, keyOf: fingerprint })
  }
}

/** Of registries, which are asked by their logins. */
export class RegistryStates extends KeptStates<RegistryCredential> {
  constructor({ clock, test }: Omit<KeptStatesOptions<RegistryCredential>, 'keyOf'>) {
    super({ clock, test, keyOf: registryKey })
  }
}

/** A digest of everything a connection depends on, its secrets included. */
function fingerprint(repository: Repository): string {
  const parts = Object.entries(repository)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, value instanceof Secret ? value.reveal() : value])
  return sha256Hex(JSON.stringify(parts))
}

/** A changed password is another version of the Secret. */
function registryKey(credential: RegistryCredential): string {
  return JSON.stringify([credential.id, configurationHash(credential), credential.source.resourceVersion])
}
