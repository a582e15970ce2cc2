// Session tokens as JWTs signed with HS256: made, and read with every claim checked (RFC 7519; util/session/sessionmanager.go, v3.5.1).
import type { Clock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'

/** `iss` of the tokens that this server signs. */
export const TOKEN_ISSUER = 'argocd'

export interface TokenKey {
  readonly clock: Clock
  readonly signingKey: () => Secret
}

export interface IssuedToken {
  readonly token: string
  /** `jti`. */
  readonly id: string
  /** Seconds since the epoch. */
  readonly issuedAt: number
  /** Seconds since the epoch; 0: never. */
  readonly expiresAt: number
}

export interface TokenClaims {
  readonly subject: string
  readonly id: string
  readonly issuedAt: number
  /** Seconds since the epoch; infinite where it never expires. */
  readonly expiresAt: number
}

/** A signed token; 0 seconds make one that never expires. */
export async function signToken(
  claims: { readonly subject: string; readonly id: string; readonly expiresInSeconds: number },
  key: TokenKey,
): Promise<IssuedToken> {
  const { SignJWT } = await import('jose')
  const issuedAt = Math.floor(key.clock.now() / 1000)
  const expiresAt = claims.expiresInSeconds > 0 ? issuedAt + claims.expiresInSeconds : 0
  const unsigned = new SignJWT({})
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(TOKEN_ISSUER)
    .setSubject(claims.subject)
    .setJti(claims.id)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
  if (expiresAt > 0) unsigned.setExpirationTime(expiresAt)
  return { token: await unsigned.sign(bytesOf(key)), id: claims.id, issuedAt, expiresAt }
}

/** Reads a token; throws `unauthenticated` where its signature, issuer or times are wrong. */
export async function verifyToken(token: string, key: TokenKey): Promise<TokenClaims> {
  const { jwtVerify } = await import('jose')
  try {
    const currentDate = new Date(key.clock.now())
    const options = { issuer: TOKEN_ISSUER, algorithms: ['HS256'], currentDate }
    const { payload } = await jwtVerify(token, bytesOf(key), options)
    const { sub = '', jti = '', iat = 0, exp = Number.POSITIVE_INFINITY } = payload
    return { subject: sub, id: jti, issuedAt: iat, expiresAt: exp }
  } catch (error) {
    const isExpired = error instanceof Error && 'code' in error && error.code === 'ERR_JWT_EXPIRED'
    throw invalidSession(isExpired ? 'token is expired' : 'token is not valid', error)
  }
}

/** Whether a token says that this server made it; unverified. */
export function isOwnToken(token: string): boolean {
  const [, payload = ''] = token.split('.')
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims !== 'object' || claims === null || !('iss' in claims) || claims.iss === TOKEN_ISSUER
  } catch {
    return true // ours is the check that says what is wrong with it
  }
}

/** Upstream's answer to a token that is no longer good. */
export function invalidSession(reason: string, cause?: unknown): CapstanError {
  return new CapstanError('unauthenticated', `invalid session: ${reason}`, { cause })
}

function bytesOf({ signingKey }: TokenKey): Uint8Array {
  return new TextEncoder().encode(signingKey().reveal())
}
