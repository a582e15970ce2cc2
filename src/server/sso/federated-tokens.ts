// Tokens of the OpenID provider: verified by its keys, and whom they name (util/oidc/provider.go and util/session, v3.5.1).
import type { JWTPayload } from 'jose'
import { LruCache } from '../../base/lru.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Secret } from '../../base/secret.ts'
import { messageOf } from '../../base/errors.ts'
import type { OidcSettings } from '../../settings/oidc.ts'
import { invalidSession } from '../auth/tokens.ts'
import type { Identity } from '../auth/identity.ts'
import type { Providers } from './provider.ts'

export interface FederatedOptions {
  readonly providers: Providers
  readonly clock: Clock
  readonly log: Log
  /** Claims whose values are groups (`scopes` of argocd-rbac-cm). */
  readonly scopes: () => readonly string[]
}

/** What of a token is kept between calls; a session has one. */
const MAX_SESSIONS = 10_000
/** As upstream has it (`TokenVerificationError`). */
const NOT_VERIFIED = 'failed to verify the token'

/** What the provider was asked for a person beside the token. */
interface Held {
  readonly accessToken?: Secret
  readonly groups?: readonly string[]
  readonly askedAtMs?: number
}

/** Recognises sessions of the provider, and remembers what it takes to ask more about them. */
export class FederatedTokens {
  readonly #options: FederatedOptions
  readonly #held = new LruCache<Held>({ maxSize: MAX_SESSIONS })

  constructor(options: FederatedOptions) {
    this.#options = options
  }

  /** A login that has just ended: the access token lets the server ask for groups. Throws like `identify`. */
  async begin(idToken: Secret, accessToken: Secret): Promise<void> {
    const { sub = '' } = await this.#verify(idToken.reveal(), this.#options.providers.settings())
    this.#held.set(sub, { accessToken })
    await this.identify(idToken.reveal())
  }

  /** Throws `unauthenticated` where signature, issuer, audience or times are wrong. */
  async identify(token: string): Promise<Identity & { readonly tokenId: string; readonly expiresAt: number }> {
    const settings = this.#options.providers.settings()
    const claims = await this.#verify(token, settings)
    const subject = subjectOf(claims)
    // Names of our own: roles, and tokens of projects.
    if (/^(?:role|proj):/.test(subject)) throw invalidSession(NOT_VERIFIED)
    const groups = [
      ...groupsOf(claims, this.#options.scopes()),
      ...(await this.#askedGroups(claims.sub ?? '', settings)),
    ]
    return {
      subject,
      username: textOf(claims['email']) || subject,
      issuer: settings.issuer,
      groups: [...new Set(groups)],
      issuedAt: claims.iat ?? 0,
      tokenId: tokenIdOf(claims),
      expiresAt: claims.exp ?? 0,
    }
  }

  async #verify(token: string, settings: OidcSettings): Promise<JWTPayload> {
    const { clientId, cliClientId, allowedAudiences } = settings
    const ours = allowedAudiences.length > 0 ? allowedAudiences : [clientId, cliClientId].filter((id) => id !== '')
    const { providers, clock, log } = this.#options
    const { keys } = await providers.provider()
    const { jwtVerify } = await import('jose')
    try {
      const verified = await jwtVerify(token, keys, {
        issuer: settings.issuer,
        audience: [...ours],
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'sub'],
      })
      return verified.payload
    } catch (error) {
      log.warn('a token of the provider was refused', { error: messageOf(error) })
      const isExpired = error instanceof Error && 'code' in error && error.code === 'ERR_JWT_EXPIRED'
      throw invalidSession(isExpired ? 'token is expired' : NOT_VERIFIED, error)
    }
  }

  /** Groups of the provider's userinfo, kept for as long as the setting says; none where the access token is gone. */
  async #askedGroups(subject: string, settings: OidcSettings): Promise<readonly string[]> {
    const held = this.#held.get(subject)
    if (!settings.userInfoGroups || held?.accessToken === undefined) return []
    const { clock, log, providers } = this.#options
    const { groups, askedAtMs = 0 } = held
    if (groups !== undefined && clock.now() - askedAtMs < settings.userInfoCacheMs) return groups
    try {
      const { fetchUserInfo } = await import('openid-client')
      const { configuration } = await providers.provider()
      const claims = await fetchUserInfo(configuration, held.accessToken.reveal(), subject)
      const asked = groupsOf(claims, this.#options.scopes())
      this.#held.set(subject, { accessToken: held.accessToken, groups: asked, askedAtMs: clock.now() })
      return asked
    } catch (error) {
      log.warn('the provider did not tell the groups of a person', { error: messageOf(error) })
      throw invalidSession('groups could not be asked for at the provider: log in again', error)
    }
  }
}

/** The federated user id of Dex where there is one, else `sub` (`jwtutil.GetUserIdentifier`). */
function subjectOf(claims: JWTPayload): string {
  const { federated_claims: federated } = claims
  const id = typeof federated === 'object' && federated !== null ? textOf(Object(federated).user_id) : ''
  return id || (claims.sub ?? '')
}

/** `jti`, or what providers have in its place, by which a session is ended. */
function tokenIdOf(claims: JWTPayload): string {
  return claims.jti ?? (textOf(claims['uti']) || textOf(claims['at_hash']) || `${claims.sub ?? ''}@${claims.iat ?? 0}`)
}

/** Values of the claims named: a text, or a list of texts. */
function groupsOf(claims: Readonly<Record<string, unknown>>, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const value = claims[name]
    if (typeof value === 'string') return [value]
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
