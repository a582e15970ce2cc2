// Single sign-on: the key `oidc.config` of argocd-cm as a typed value (argo-cd v3.5.1 `util/settings/settings.go` `OIDCConfig`).
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import { parseDurationMs } from '../lang/go/time/duration.ts'
import type { MapReader } from './map-reader.ts'

/** What is asked for a claim of the id token (OpenID Connect Core, 5.5.1). */
export interface ClaimRequest {
  readonly essential?: boolean
  readonly value?: string
  readonly values?: readonly string[]
}

export interface OidcSettings {
  /** As the button on the page names it. */
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** Absent for a public client, which proves itself by PKCE alone. */
  readonly clientSecret?: Secret
  /** The client of command lines; empty: the same one. */
  readonly cliClientId: string
  readonly scopes: readonly string[]
  readonly idTokenClaims: Readonly<Record<string, ClaimRequest>>
  /** Groups are asked for at the provider's userinfo, too. */
  readonly userInfoGroups: boolean
  readonly userInfoCacheMs: number
  /** May hold `{{token}}` and `{{logoutRedirectURL}}`; empty: none. */
  readonly logoutUrl: string
  /** PEM of who signed the provider's certificate, trusted instead of the system's; empty: the system's trust. */
  readonly rootCa: string
  readonly isPkceEnabled: boolean
  readonly domainHint: string
  /** Other audiences whose tokens are taken. */
  readonly allowedAudiences: readonly string[]
}

const KEY = 'oidc.config'
const DEFAULT_SCOPES = ['openid', 'profile', 'email', 'groups']
const DEFAULT_USER_INFO_CACHE_MS = 5 * 60_000

/**
 * Reads `oidc.config`; undefined where there is none. `resolve` gives the value behind `$key` references. Throws `bad-input`
 * naming the field.
 */
export function parseOidcSettings(reader: MapReader, resolve: (text: string) => string): OidcSettings | undefined {
  const value = reader.yaml(KEY)
  if (value === undefined || value === null) return undefined
  if (!isFields(value)) throw reader.wrong(KEY, 'is no map: write name, issuer, clientID and clientSecret')
  const text = (name: string): string => readText(reader, value, name, resolve)
  const [issuer, clientId, secret] = [text('issuer'), text('clientID'), text('clientSecret')]
  if (!URL.canParse(issuer)) throw reader.wrong(KEY, 'has an issuer that is no URL: write https://…')
  if (clientId === '') throw reader.wrong(KEY, 'has no clientID: write the one the provider gave')
  return {
    name: text('name'),
    issuer,
    clientId,
    ...(secret === '' ? {} : { clientSecret: new Secret(secret) }),
    cliClientId: text('cliClientID'),
    scopes: readTexts(reader, value, 'requestedScopes', DEFAULT_SCOPES),
    idTokenClaims: readClaims(value['requestedIDTokenClaims']),
    userInfoGroups: value['enableUserInfoGroups'] === true,
    userInfoCacheMs: readDuration(reader, text('userInfoCacheExpiration')),
    logoutUrl: text('logoutURL'),
    rootCa: text('rootCA'),
    isPkceEnabled: value['enablePKCEAuthentication'] === true,
    domainHint: text('domainHint').trim(),
    allowedAudiences: readTexts(reader, value, 'allowedAudiences', []),
  }
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readText(reader: MapReader, fields: Fields, name: string, resolve: (text: string) => string): string {
  const value = fields[name]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw reader.wrong(KEY, `has a ${name} that is no text: put it in quotes`)
  try {
    return resolve(value)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw reader.wrong(KEY, `has a ${name} that leads nowhere: ${error.message}`, error)
  }
}

function readTexts(reader: MapReader, fields: Fields, name: string, otherwise: readonly string[]): readonly string[] {
  const value = fields[name]
  if (value === undefined || value === null) return otherwise
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw reader.wrong(KEY, `has ${name} that are no list of texts: write them as [a, b]`)
  }
  return value.length === 0 ? otherwise : value
}

function readClaims(value: unknown): Readonly<Record<string, ClaimRequest>> {
  if (!isFields(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, claim]) => {
      const { essential, value: wanted, values } = isFields(claim) ? claim : {}
      return [
        name,
        {
          ...(essential === true ? { essential } : {}),
          ...(typeof wanted === 'string' ? { value: wanted } : {}),
          ...(Array.isArray(values) ? { values: values.filter((item) => typeof item === 'string') } : {}),
        },
      ]
    }),
  )
}

function readDuration(reader: MapReader, text: string): number {
  if (text === '') return DEFAULT_USER_INFO_CACHE_MS
  const duration = parseDurationMs(text)
  if (duration !== undefined) return duration
  throw reader.wrong(KEY, `has a userInfoCacheExpiration that is no duration: write 5m`)
}
