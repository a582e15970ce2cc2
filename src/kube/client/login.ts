// Credentials that are asked for while a transport lives, because they expire.
import type { Clock } from '../../base/clock.ts'
import type { Secret } from '../../base/secret.ts'

/** What a request carries. Either part may be absent. */
export interface Login {
  readonly token?: Secret
  /** PEM; the connection is opened anew when it changes. */
  readonly clientCertificate?: string
  readonly clientKey?: Secret
  /** When it ends; absent: it lasts until the server refuses it. */
  readonly expiresAtMs?: number
}

export interface LoginSource {
  /** The login for the next request: the last one while it lasts. Rejects with `unauthenticated` and what to do. */
  current(): Promise<Login>
  /** The server has refused this login: where it is still the one that is kept, a later request asks for another. */
  forget(refused: Login): void
}

/** Nobody is asked again sooner, after a failure or for a login that was refused: every watch of a cluster would. */
const PAUSE_MS = 5_000

/** Keeps a login until it expires; many who ask at once share one question. */
export function keptLogin(clock: Clock, ask: () => Promise<Login>): LoginSource {
  let known: Login | undefined
  let asking: Promise<Login> | undefined
  let askedMs = 0
  let failed: { readonly error: unknown; readonly atMs: number } | undefined
  const isValid = (login: Login): boolean => login.expiresAtMs === undefined || login.expiresAtMs > clock.now()
  const askNow = async (): Promise<Login> => {
    askedMs = clock.now()
    try {
      known = await ask()
      return known
    } catch (error) {
      failed = { error, atMs: clock.now() }
      throw error
    } finally {
      asking = undefined
    }
  }
  return {
    async current() {
      // A login that comes expired is sent for a while all the same: the server says what it thinks of it.
      if (known !== undefined && (isValid(known) || clock.now() - askedMs < PAUSE_MS)) return known
      if (failed !== undefined && clock.now() - failed.atMs < PAUSE_MS) throw failed.error
      asking ??= askNow()
      return asking
    },
    forget(refused) {
      if (known === refused && clock.now() - askedMs >= PAUSE_MS) known = undefined
    },
  }
}
