// Log in with a password, recognise a session token, log out. Texts are upstream's (util/session/sessionmanager.go, v3.5.1).
import { randomInt, randomUUID } from 'node:crypto'
import { sleep, type Clock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'
import { LoginFailures } from './failures.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Identity } from './identity.ts'
import { isPasswordOf } from './passwords.ts'
import type { Revocations } from './revocations.ts'
import {
  invalidSession,
  isOwnToken,
  type IssuedToken,
  signToken,
  type TokenClaims,
  TOKEN_ISSUER,
  verifyToken,
} from './tokens.ts'

/** A failed or good login takes this long at least, so that its time tells nothing. */
const DELAY_MS: readonly [number, number] = [500, 1000]
/** Logins under way at once; more are refused, as upstream's limiter does (server/session/ratelimiter.go). */
export const MAX_LOGINS = 50
const MAX_NAME_BYTES = 32
/** A session with less time left is renewed (util/session `autoRegenerateTokenDuration`). */
const RENEW_MS = 300_000
/** No password of a person is longer; bcrypt reads 72 bytes. */
const MAX_PASSWORD_BYTES = 1024
/** Compared with when the account is unknown, so that its absence costs the same time. */
const NOBODYS_HASH = '$2a$10$CwTycUXWue0Thq9StjUM0uJ8xwn0Wc0j3bVHKlvqnA6Kp1Ik9qk9G'

export interface Account {
  readonly name: string
  readonly enabled: boolean
  readonly capabilities: readonly string[]
  readonly passwordHash: string | undefined
  /** Tokens issued before are refused; milliseconds since the epoch. */
  readonly passwordChangedMs: number | undefined
  /** Ids of API keys that are valid. */
  readonly tokenIds: readonly string[]
}

export interface AuthenticatorOptions {
  readonly clock: Clock
  /** Read at every call, so that a changed secret acts at once. */
  readonly account: (name: string) => Account | undefined
  readonly project?: (name: string) => AppProject | undefined
  readonly signingKey: () => Secret
  readonly sessionMs: () => number
  /** Recognises tokens that another issuer signed; absent: they are refused. */
  readonly federated?: FederatedLogins
  /** Where ended sessions are kept; absent: in this process alone. */
  readonly revocations?: Revocations
  /** Spreads the delay of logins; tests pass one that gives zero. */
  readonly delayMs?: () => number
}

/** Sessions of an OpenID provider. */
export interface FederatedLogins {
  /** Is there one whose tokens count? */
  isConfigured(): boolean
  /** Throws `unauthenticated`; `tokenId` is what a session is ended by, and `expiresAt` (seconds) when it is over anyway. */
  identify(token: string): Promise<Identity & { readonly tokenId: string; readonly expiresAt: number }>
}

export interface Authenticator {
  /** A session token. Throws `unauthenticated` with one text for every reason that must not be told apart. */
  login(username: string, password: Secret, signal?: AbortSignal): Promise<string>
  /** A token for `<account>:apiKey` or `proj:<project>:<role>`; 0 seconds: it never expires. It is good once its id is registered. */
  issue(subject: string, expiresInSeconds: number, id?: string): Promise<IssuedToken>
  /** Throws `unauthenticated` saying why the session is no longer good. */
  identify(token: string): Promise<Identity>
  /** A fresh token for a session with little time left; undefined where none is due. */
  renew(identity: Identity): Promise<string | undefined>
  /** From now on the token is refused. */
  revoke(token: string): Promise<void>
}

/** Tokens are JWTs signed with HS256, as upstream's: a token made by either is good for both. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { clock, account } = options
  const failures = new LoginFailures(clock)
  const revoked = options.revocations ?? inMemory(clock)
  const delayMs = options.delayMs ?? (() => randomInt(DELAY_MS[0], DELAY_MS[1]))

  const compare = oneAtATime(isPasswordOf)
  let logins = 0

  async function login(username: string, password: Secret, signal?: AbortSignal): Promise<string> {
    if (logins >= MAX_LOGINS) throw unauthenticated('Invalid username or password')
    logins++
    try {
      return await tryLogin(username, password, signal)
    } finally {
      logins--
    }
  }

  async function tryLogin(username: string, password: Secret, signal?: AbortSignal): Promise<string> {
    const [name, text] = [username, password.reveal()]
    if (text === '') throw unauthenticated('Blank passwords are not allowed')
    const isTooLong = Buffer.byteLength(name) > MAX_NAME_BYTES || Buffer.byteLength(text) > MAX_PASSWORD_BYTES
    if (isTooLong) throw unauthenticated('Invalid username or password')
    await sleep(clock, delayMs(), signal)
    const known = account(name)
    const isGood = await compare(known?.passwordHash ?? NOBODYS_HASH, password)
    if (failures.isBlocked(name)) throw unauthenticated('Invalid username or password')
    if (known === undefined || !isGood) {
      failures.failed(name)
      throw unauthenticated('Invalid username or password')
    }
    requireUsable(known, 'login')
    failures.succeeded(name)
    return (await issue(`${name}:login`, Math.floor(options.sessionMs() / 1000))).token
  }

  async function issue(subject: string, expiresInSeconds: number, id: string = randomUUID()): Promise<IssuedToken> {
    return signToken({ subject, id, expiresInSeconds }, options)
  }

  /** Whoever signed it is found out by who it says it is from: our own key is never tried on another's token. */
  async function identifyFederated(token: string): Promise<Identity | undefined> {
    const { federated } = options
    if (federated === undefined || !federated.isConfigured() || isOwnToken(token)) return undefined
    const { tokenId, expiresAt: _, ...identity } = await federated.identify(token)
    if (revoked.has(sessionKey(identity, tokenId))) throw invalidSession('token is revoked, please re-login')
    return identity
  }

  async function identify(token: string): Promise<Identity> {
    const other = await identifyFederated(token)
    if (other !== undefined) return other
    const claims = await verifyToken(token, options)
    if (revoked.has(sessionKey({ subject: claims.subject, issuer: TOKEN_ISSUER }, claims.id))) {
      throw invalidSession('token is revoked, please re-login')
    }
    return claims.subject.startsWith('proj:') ? identifyRole(claims, options) : identifyAccount(claims)
  }

  function identifyAccount(claims: TokenClaims): Identity {
    const separator = claims.subject.lastIndexOf(':')
    const capability = claims.subject.slice(separator + 1)
    const name = claims.subject.slice(0, Math.max(separator, 0))
    const known = account(name)
    if (known === undefined || !['login', 'apiKey'].includes(capability)) {
      throw invalidSession(`account ${name} does not exist`)
    }
    requireUsable(known, capability)
    if (capability === 'apiKey' && !known.tokenIds.includes(claims.id)) {
      throw invalidSession(`account ${name} does not have token with id ${claims.id}`)
    }
    // A time that cannot be read ends every session: it may be later than any of them.
    const { passwordChangedMs: changedMs } = known
    if (changedMs !== undefined && !(claims.issuedAt >= Math.floor(changedMs / 1000))) {
      throw invalidSession('account password has changed since token issued')
    }
    const session = capability === 'login' ? { sessionEndsAt: claims.expiresAt } : {}
    return { subject: name, username: name, issuer: TOKEN_ISSUER, groups: [], issuedAt: claims.issuedAt, ...session }
  }

  async function renew({ subject, sessionEndsAt }: Identity): Promise<string | undefined> {
    const isDue = sessionEndsAt !== undefined && sessionEndsAt * 1000 - clock.now() < RENEW_MS
    return isDue ? (await issue(`${subject}:login`, Math.floor(options.sessionMs() / 1000))).token : undefined
  }

  async function revoke(token: string): Promise<void> {
    const { federated } = options
    if (federated === undefined || isOwnToken(token)) {
      const { subject, id, expiresAt } = await verifyToken(token, options)
      await revoked.add(sessionKey({ subject, issuer: TOKEN_ISSUER }, id), expiresAt)
    } else {
      const { tokenId, expiresAt, ...identity } = await federated.identify(token)
      await revoked.add(sessionKey(identity, tokenId), expiresAt)
    }
  }

  return { login, issue, identify, renew, revoke }
}

/** People choose ids of their tokens: one of theirs must not end another's. */
function sessionKey({ issuer, subject }: Pick<Identity, 'issuer' | 'subject'>, id: string): string {
  return JSON.stringify([issuer, subject, id])
}

function inMemory(clock: Clock): Revocations {
  const ended = new Map<string, number>()
  return {
    has: (id) => ended.has(id),
    async add(id, expiresAt) {
      const nowSeconds = clock.now() / 1000
      for (const [old, until] of ended) if (until < nowSeconds) ended.delete(old)
      ended.set(id, expiresAt)
    },
  }
}

/** Each comparison is a thread that computes for some 60 ms: a rush of logins must not start fifty. */
function oneAtATime<Args extends readonly unknown[], Result>(
  run: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (...args) => {
    const result = last.then(() => run(...args))
    last = result.catch(() => undefined)
    return result
  }
}

/** A token of a project's role is good while the project lists it (`GetJWTToken` of app_project_types.go, v3.5.1). */
function identifyRole({ subject, id, issuedAt }: TokenClaims, { project }: AuthenticatorOptions): Identity {
  const [, name = '', role = ''] = subject.split(':')
  const found = project?.(name)
  if (found === undefined) throw invalidSession(`appprojects.argoproj.io "${name}" not found`)
  const known = found.spec.roles?.find((candidate) => candidate.name === role)
  if (known === undefined) throw invalidSession(`role '${role}' does not exist in project '${name}'`)
  const listed = [found.status?.jwtTokensByRole?.[role]?.items, known.jwtTokens].flatMap((items) => items ?? [])
  // Only a token without an id is known by the time of its issue.
  if (!listed.some((token) => (id === '' || !token.id ? token.iat === issuedAt : token.id === id))) {
    throw invalidSession(`JWT token for role '${role}' issued at '${issuedAt}' does not exist in project '${name}'`)
  }
  return { subject, username: subject, issuer: TOKEN_ISSUER, groups: [], issuedAt }
}

function requireUsable(account: Account, capability: string): void {
  if (!account.enabled) throw unauthenticated(`Account ${account.name} is disabled`)
  if (!account.capabilities.includes(capability)) {
    throw unauthenticated(`Account ${account.name} does not have ${capability} capability`)
  }
}

function unauthenticated(message: string): CapstanError {
  return new CapstanError('unauthenticated', message)
}
