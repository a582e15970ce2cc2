// Tokens of service accounts: JSON Web Tokens signed with the cluster's key (RS256, as kube-apiserver's are).
import { randomUUID, sign, verify } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { rfc3339Seconds } from '../base/rfc3339.ts'
import type { IssuedToken, TokenIssuer, TokenQuery } from './apiserver/hooks.ts'
import type { JsonObject } from '../kube/object.ts'
import type { UserInfo } from './apiserver/user.ts'
import type { CheckingKey, SigningKey, TokenAlgorithm, TokenKeys } from './start-token-keys.ts'
import type { Store } from './storage/store.ts'

export interface TokenOptions {
  readonly keys: TokenKeys
  readonly clock: Clock
  /** Where service accounts are looked up: a token ends with its account. */
  readonly store: Store
  /** Users by static tokens; these tokens have no end. */
  readonly staticTokens?: ReadonlyMap<string, UserInfo>
}

const ISSUER = 'https://kubernetes.default.svc'
/** Longer texts are no tokens of ours and not worth the work of checking. */
const MAX_TOKEN_LENGTH = 8 * 1024

/** An object a token is bound to: it ends with it. */
interface Bound {
  readonly name?: string
  readonly uid?: string
}

interface Claims {
  readonly aud?: readonly string[]
  readonly exp?: number
  readonly iss?: string
  readonly jti?: string
  readonly nbf?: number
  readonly sub?: string
  readonly 'kubernetes.io'?: {
    readonly namespace?: string
    readonly serviceaccount?: Bound
    readonly pod?: Bound
    readonly secret?: Bound
    readonly node?: Bound
  }
}

/** The issuer behind serviceaccounts/token and tokenreviews. */
export function createTokenIssuer(options: TokenOptions): TokenIssuer {
  const { keys } = options
  return {
    issuer: ISSUER,
    defaultAudiences: [ISSUER],
    issue: async (query) => issue(options, await keys.signing(), query),
    review: async (token, audiences) =>
      staticUser(options, { token, audiences }) ?? review(options, { token, audiences }),
    async keySet() {
      await keys.signing()
      return keys.checking().map((key) => ({ algorithm: key.algorithm, jwk: jwkOf(key) }))
    },
  }
}

/** A public key as RFC 7517 has it. */
function jwkOf({ id, algorithm, publicKey }: CheckingKey): JsonObject {
  // A key in JSON is an object of texts.
  const { kty, ...numbers } = publicKey.export({ format: 'jwk' }) as Readonly<Record<string, string>>
  return { use: 'sig', kty: kty ?? '', kid: id, alg: algorithm, ...numbers }
}

function issue(options: TokenOptions, key: SigningKey, query: TokenQuery): IssuedToken {
  const now = Math.floor(options.clock.now() / 1000)
  const { name = '', uid = '' } = query.serviceAccount.metadata
  const expires = now + query.expirationSeconds
  const bound = query.boundObject
  const claims = {
    aud: query.audiences,
    exp: expires,
    iat: now,
    iss: ISSUER,
    jti: randomUUID(),
    'kubernetes.io': {
      namespace: query.namespace,
      ...(bound === undefined ? {} : { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
      serviceaccount: { name, uid },
    },
    nbf: now,
    sub: `system:serviceaccount:${query.namespace}:${name}`,
  }
  const text = `${encode({ alg: key.algorithm, kid: key.id })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(text), { key: key.privateKey, ...FORM[key.algorithm] }).toString(
    'base64url',
  )
  return {
    token: `${text}.${signature}`,
    expirationTimestamp: rfc3339Seconds(expires * 1000),
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

interface TokenCheck {
  readonly token: string
  readonly audiences: readonly string[]
}

/** Static tokens say nothing of audiences: they are good for the server's own. */
function staticUser({ staticTokens }: TokenOptions, { token, audiences }: TokenCheck): UserInfo | undefined {
  return audiences.length === 0 || audiences.includes(ISSUER) ? staticTokens?.get(token) : undefined
}

function review(options: TokenOptions, { token, audiences }: TokenCheck): UserInfo | undefined {
  const claims = verifiedClaims(options.keys, token)
  if (claims === undefined) return undefined
  const now = options.clock.now() / 1000
  if (claims.iss !== ISSUER || (claims.exp ?? 0) <= now || (claims.nbf ?? 0) > now + 60) return undefined
  const wanted = audiences.length === 0 ? [ISSUER] : audiences
  if (!(claims.aud ?? []).some((audience) => wanted.includes(audience))) return undefined
  return accountOf(options.store, claims)
}

/** How a signature is written; ECDSA's as RFC 7518 wants it. */
const FORM = { RS256: {}, ES256: { dsaEncoding: 'ieee-p1363' } } as const satisfies Readonly<
  Record<TokenAlgorithm, object>
>

function verifiedClaims(keys: TokenKeys, token: string): Claims | undefined {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  if (token.length > MAX_TOKEN_LENGTH || more.length > 0 || signature === '') return undefined
  const text = Buffer.from(`${header}.${payload}`)
  const bytes = Buffer.from(signature, 'base64url')
  // The header is not asked: what a key can check, it signed.
  const isValid = keys
    .checking()
    .some(({ algorithm, publicKey }) => verify('sha256', text, { key: publicKey, ...FORM[algorithm] }, bytes))
  // Signed by us, so written by `issue`.
  return isValid ? (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims) : undefined
}

function accountOf(store: Store, claims: Claims): UserInfo | undefined {
  const { namespace = '', serviceaccount = {}, pod, secret, node } = claims['kubernetes.io'] ?? {}
  const { name = '', uid = '' } = serviceaccount
  const isThere =
    stands(store, `/serviceaccounts/${namespace}/`, serviceaccount) &&
    stands(store, `/pods/${namespace}/`, pod) &&
    stands(store, `/secrets/${namespace}/`, secret) &&
    stands(store, '/nodes/', node)
  if (!isThere) return undefined
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  return { name: `system:serviceaccount:${namespace}:${name}`, uid, groups, extra: extraOf(claims) }
}

/** Whether the very object a claim names is still there. */
function stands(store: Store, prefix: string, bound: Bound | undefined): boolean {
  if (bound === undefined) return true
  return store.get(prefix + (bound.name ?? ''))?.value.includes(`"uid":"${bound.uid ?? ''}"`) === true
}

/** What reviews tell beside name and groups (apiserver v0.36.3 `pkg/authentication/serviceaccount/util.go`). */
function extraOf(claims: Claims): Readonly<Record<string, readonly string[]>> {
  const { pod, node } = claims['kubernetes.io'] ?? {}
  const values: Readonly<Record<string, string | undefined>> = {
    'credential-id': claims.jti === undefined ? undefined : `JTI=${claims.jti}`,
    'pod-name': pod?.name,
    'pod-uid': pod?.uid,
    'node-name': node?.name,
    'node-uid': node?.uid,
  }
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [[`authentication.kubernetes.io/${key}`, [value]]],
    ),
  )
}
