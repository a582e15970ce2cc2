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
  /** The server has refused the login: the next request asks for a new one. */
  forget(): void
}

/** A failed login is not tried again sooner: every watch of a cluster asks for it. */
const FAILURE_AGE_MS = 5_000

/** Keeps a login until it expires; many who ask at once share one question. */
export function keptLogin(clock: Clock, ask: () => Promise<Login>): LoginSource {
  let known: Login | undefined
  let asking: Promise<Login> | undefined
  let failed: { readonly error: unknown; readonly atMs: number } | undefined
  const isValid = (login: Login): boolean => login.expiresAtMs === undefined || login.expiresAtMs > clock.now()
  const askNow = async (): Promise<Login> => {
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
      if (known !== undefined && isValid(known)) return known
      if (failed !== undefined && clock.now() - failed.atMs < FAILURE_AGE_MS) throw failed.error
      asking ??= askNow()
      return asking
    },
    forget() {
      known = undefined
    },
  }
}
