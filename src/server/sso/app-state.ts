// What a login carries through the browser and back: sealed, so that nobody reads or makes it (util/oidc/oidc.go, v3.5.1).
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { CapstanError } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'

export const STATE_COOKIE = 'argocd.oauthstate'
/** A person who takes longer to log in begins anew. */
export const STATE_LIFETIME_SECONDS = 300
const NONCE_BYTES = 12
const TAG_BYTES = 16

export interface AppState {
  /** Comes back in the address; must be this one. */
  readonly state: string
  /** Where the browser goes in the end; empty: to the start page. */
  readonly returnUrl: string
  /** Empty without PKCE. */
  readonly verifier: string
  /** The address the provider sends the browser to. */
  readonly redirectUri: string
  /** Seconds since the epoch. */
  readonly madeAt: number
}

/** The text of the cookie (AES-256-GCM under a key made from the server's own). */
export function sealState(state: AppState, key: Secret): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyOf(key), nonce)
  const sealed = Buffer.concat([cipher.update(JSON.stringify(state), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('hex')
}

/** Reads a cookie of `sealState`. Throws `bad-input` for anything else, and for one that is too old. */
export function openState(cookie: string, key: Secret, nowSeconds: number): AppState {
  const bytes = Buffer.from(cookie, 'hex')
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) throw invalid()
  const decipher = createDecipheriv('aes-256-gcm', keyOf(key), bytes.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  let text: string
  try {
    text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    throw invalid()
  }
  const state = JSON.parse(text) as AppState // sealed by this server
  if (nowSeconds - state.madeAt > STATE_LIFETIME_SECONDS) throw invalid()
  return state
}

function invalid(): CapstanError {
  return new CapstanError('bad-input', 'the login was begun elsewhere or too long ago: log in again')
}

function keyOf(key: Secret): Buffer {
  return createHash('sha256').update('login state').update(key.reveal()).digest()
}

/** Says whether a browser may be sent to an address: protocol and host of an allowed one, and a path within its path. */
export function isAllowedReturn(address: string, allowed: readonly string[]): boolean {
  if (address === '') return true
  const target = URL.parse(address)
  if (target === null || /[\r\n\\]/.test(address)) return false
  return allowed.some((one) => {
    const base = URL.parse(one)
    if (base === null || base.protocol !== target.protocol || base.host !== target.host) return false
    // URL.parse has taken `..` out of the path.
    const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`
    return target.pathname === base.pathname || target.pathname.startsWith(folder)
  })
}
