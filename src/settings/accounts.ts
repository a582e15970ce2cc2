// Local accounts: what argocd-cm says of them and argocd-secret keeps for them (argo-cd v3.5.1 `util/settings/accounts.go`).
import type { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import { type MapReader, readConfigMap, readSecret } from './map-reader.ts'

export type AccountCapability = 'login' | 'apiKey'

export interface AccountToken {
  readonly id: string
  /** Seconds since the epoch. */
  readonly iat: number
  /** Seconds since the epoch; absent: never. */
  readonly exp?: number
}

export interface LocalAccount {
  readonly name: string
  readonly enabled: boolean
  readonly capabilities: readonly AccountCapability[]
  /** bcrypt. */
  readonly passwordHash?: Secret
  /** RFC 3339. */
  readonly passwordMtime?: string
  readonly tokens: readonly AccountToken[]
}

const ADMIN = 'admin'
const PREFIX = 'accounts.'
const CAPABILITIES: readonly AccountCapability[] = ['login', 'apiKey']

/** Accounts by name; `admin` always stands first. Throws `bad-input` naming the map and the key. */
export function parseAccounts(configMap: KubeObject, secret: KubeObject): ReadonlyMap<string, LocalAccount> {
  const settings = readConfigMap(configMap)
  const secrets = readSecret(secret)
  const admin = readAccount(ADMIN, secrets)
  const capabilities = capabilitiesOf(settings, `${PREFIX}${ADMIN}`, ['login'])
  const accounts = new Map<string, LocalAccount>([
    [ADMIN, { ...admin, enabled: settings.boolean('admin.enabled') ?? true, capabilities }],
  ])
  for (const key of settings.keys()) {
    const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : ''
    if (name === '' || name.includes('.') || name === ADMIN) continue
    accounts.set(name, {
      ...readAccount(name, secrets),
      enabled: settings.boolean(`${key}.enabled`) ?? true,
      capabilities: capabilitiesOf(settings, key, []),
    })
  }
  return accounts
}

/** Where argocd-secret keeps what belongs to an account. */
export function accountKeys(name: string): {
  readonly password: string
  readonly passwordMtime: string
  readonly tokens: string
} {
  const prefix = name === ADMIN ? ADMIN : `${PREFIX}${name}`
  return { password: `${prefix}.password`, passwordMtime: `${prefix}.passwordMtime`, tokens: `${prefix}.tokens` }
}

/** The tokens that argocd-secret lists for an account. Throws `bad-input` naming the key. */
export function tokensOfAccount(secret: KubeObject, name: string): readonly AccountToken[] {
  return readTokens(accountKeys(name).tokens, readSecret(secret))
}

function capabilitiesOf(
  settings: MapReader,
  key: string,
  otherwise: readonly AccountCapability[],
): readonly AccountCapability[] {
  const words = settings.list(key)
  if (words.length === 0) return otherwise
  return words.map((word) => {
    const capability = CAPABILITIES.find((known) => known === word)
    if (capability === undefined)
      throw settings.wrong(key, `holds ${JSON.stringify(word)}: write login, apiKey or both`)
    return capability
  })
}

type StoredAccount = Pick<LocalAccount, 'name' | 'passwordHash' | 'passwordMtime' | 'tokens'>

function readAccount(name: string, secrets: MapReader): StoredAccount {
  const keys = accountKeys(name)
  const passwordHash = secrets.secret(keys.password)
  const passwordMtime = secrets.text(keys.passwordMtime)
  return {
    name,
    ...(passwordHash === undefined ? {} : { passwordHash }),
    ...(passwordMtime === undefined ? {} : { passwordMtime }),
    tokens: readTokens(keys.tokens, secrets),
  }
}

function readTokens(key: string, secrets: MapReader): readonly AccountToken[] {
  const text = secrets.text(key)
  if (text === undefined) return []
  const tokens = parseList(text)
  if (tokens === undefined) throw secrets.wrong(key, 'is no JSON list of tokens: remove the key and issue tokens anew')
  return tokens
}

function parseList(text: string): readonly AccountToken[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    if (parsed === null) return []
    return Array.isArray(parsed) && parsed.every(isToken) ? parsed : undefined
  } catch {
    return undefined // the caller names the key
  }
}

function isToken(value: unknown): value is AccountToken {
  if (typeof value !== 'object' || value === null) return false
  return 'id' in value && typeof value.id === 'string' && 'iat' in value && typeof value.iat === 'number'
}
