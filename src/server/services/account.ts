// account.AccountService: what may I do, passwords, and tokens of local accounts (server/account/account.go, v3.5.1).
import { randomUUID } from 'node:crypto'
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import { compileRegexp, matchesRegexp } from '../../lang/go/regexp/regexp.ts'
import { accountKeys, tokensOfAccount, type AccountToken, type LocalAccount } from '../../settings/accounts.ts'
import { hashPassword, isPasswordOf } from '../auth/passwords.ts'
import { TOKEN_ISSUER } from '../auth/tokens.ts'
import type { Call, ServiceHandlers } from '../context.ts'
import { numberField, requiredText, textField, type RequestFields } from './fields.ts'
import { callerOf, isAllowed, requireAllowed, wrapErrors } from './permissions.ts'

/** Where the accounts' hashes and tokens are kept. */
const STORED_IN = 'argocd-secret'
/** A person logged in elsewhere may set a password only so long after (`common.ChangePasswordSSOTokenMaxAge`). */
const SSO_TOKEN_MAX_AGE_SECONDS = 5 * 60

const ACTIONS = ['get', 'create', 'update', 'delete', 'sync', 'override', 'action', 'invoke']
const RESOURCES = [
  'clusters',
  'projects',
  'applications',
  'applicationsets',
  'repositories',
  'write-repositories',
  'certificates',
  'accounts',
  'gpgkeys',
  'logs',
  'exec',
  'extensions',
]
const PROJECT_SCOPED = new Set(['applications', 'applicationsets', 'logs', 'exec', 'clusters', 'repositories'])

export const accountService: ServiceHandlers = {
  CanI: canI,
  UpdatePassword: updatePassword,
  ListAccounts: listAccounts,
  GetAccount: getAccount,
  CreateToken: createToken,
  DeleteToken: deleteToken,
}

/** GET /api/v1/account/can-i: an action with a path behind it (`action/apps/Deployment/restart`) is asked for as `action`. */
async function canI(request: RequestFields, call: Call): Promise<object> {
  const [resource, action] = [textField(request, 'resource'), textField(request, 'action')]
  for (const [known, word] of [
    [ACTIONS, action],
    [RESOURCES, resource],
  ] as const) {
    if (!known.includes(word)) throw new CapstanError('bad-input', `[${known.join(' ')}] does not contain ${word}`)
  }
  const object = objectOf(resource, textField(request, 'subresource'), call.context.namespace)
  return { value: isAllowed(call, resource, action, object) ? 'yes' : 'no' }
}

/** `project/<control namespace>/name` and `project/name` mean the same object. */
function objectOf(resource: string, text: string, namespace: string): string {
  const parts = text.split('/')
  const isOurs = PROJECT_SCOPED.has(resource) && parts.length === 3 && parts[1] === namespace
  return isOurs ? `${parts[0]}/${parts[2]}` : text
}

/** PUT /api/v1/account/password (004-34): a person's own password needs the current one. */
async function updatePassword(request: RequestFields, call: Call): Promise<object> {
  const caller = callerOf(call)
  const isLocal = caller.issuer === TOKEN_ISSUER
  const wanted = textField(request, 'name')
  const name = wanted === '' ? caller.username : wanted
  if (name !== caller.username || !isLocal) wrapErrors('permission denied', () => requireAllowed(call, 'accounts', 'update', wanted)) // prettier-ignore
  if (isLocal) await requireCurrentPassword(request, call)
  else if (call.context.clock.now() / 1000 - caller.issuedAt > SSO_TOKEN_MAX_AGE_SECONDS) {
    throw new CapstanError('unknown', "SSO token is too old. Please use 'argocd relogin' to get a new token")
  }
  const password = requiredText(request, 'newPassword')
  const { passwordPattern } = call.context.settings()
  if (!matchesRegexp(compileRegexp(passwordPattern), password)) {
    throw new CapstanError('unknown', `new password does not match the following expression: ${passwordPattern}`)
  }
  wrapErrors('failed to update account password', () => accountOf(name, call))
  const keys = accountKeys(name)
  const mtime = rfc3339Seconds(call.context.clock.now())
  const values = { [keys.password]: await hashPassword(new Secret(password)), [keys.passwordMtime]: mtime }
  await call.context.store.change('Secret', STORED_IN, () => ({ values }), call.signal)
  call.context.log.info('password changed', { account: name, by: caller.username })
  return {}
}

async function requireCurrentPassword(request: RequestFields, call: Call): Promise<void> {
  const { username } = callerOf(call)
  if (textField(request, 'name') === '' && username.startsWith('proj:')) {
    throw new CapstanError(
      'bad-input',
      `password can only be changed for local users, not user ${JSON.stringify(username)}`,
    )
  }
  const account = call.context.accounts().get(username)
  const current = new Secret(textField(request, 'currentPassword'))
  if (account?.passwordHash === undefined || !(await isPasswordOf(account.passwordHash.reveal(), current))) {
    throw new CapstanError('bad-input', 'current password does not match')
  }
}

async function listAccounts(_request: RequestFields, call: Call): Promise<object> {
  const items = [...call.context.accounts().values()]
    .filter(({ name }) => isOwn(name, call) || isAllowed(call, 'accounts', 'get', name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { items: items.map(describe) }
}

async function getAccount(request: RequestFields, call: Call): Promise<object> {
  const name = textField(request, 'name')
  requireAccount(call, 'get', { name, denied: `permission denied to get account ${name}` })
  return wrapErrors(`failed to get account ${name}`, () => describe(accountOf(name, call)))
}

/** POST /api/v1/account/{name}/token: a token that carries no session and ends when it is deleted. */
async function createToken(request: RequestFields, call: Call): Promise<object> {
  const name = textField(request, 'name')
  requireAccount(call, 'update', { name, denied: `permission denied to create token for account ${name}` })
  const id = textField(request, 'id') || randomUUID()
  const { store, authenticator } = call.context
  const failed = 'failed to update account with new token'
  const account = wrapErrors(failed, () => accountOf(name, call))
  if (!account.capabilities.includes('apiKey')) {
    throw new CapstanError('unknown', `${failed}: account '${name}' does not have apiKey capability`)
  }
  const issued = await authenticator.issue(`${name}:apiKey`, numberField(request, 'expiresIn') ?? 0, id)
  const entry = { id, iat: issued.issuedAt, ...(issued.expiresAt === 0 ? {} : { exp: issued.expiresAt }) }
  await store.change(
    'Secret',
    STORED_IN,
    (secret) => {
      const tokens = tokensOfAccount(secret, name)
      if (tokens.some((token) => token.id === id)) {
        throw new CapstanError('unknown', `${failed}: account already has token with id '${id}'`)
      }
      return { values: { [accountKeys(name).tokens]: JSON.stringify([...tokens, entry]) } }
    },
    call.signal,
  )
  return { token: issued.token }
}

async function deleteToken(request: RequestFields, call: Call): Promise<object> {
  const [name, id] = [textField(request, 'name'), textField(request, 'id')]
  requireAccount(call, 'update', { name, denied: `permission denied to delete account ${name}` })
  const failed = `failed to delete account ${name}`
  wrapErrors(failed, () => accountOf(name, call))
  await call.context.store.change(
    'Secret',
    STORED_IN,
    (secret) => {
      const tokens = tokensOfAccount(secret, name)
      const left = tokens.filter((token) => token.id !== id)
      if (left.length === tokens.length) {
        throw new CapstanError('not-found', `${failed}: token with id '${id}' does not exist`)
      }
      return { values: { [accountKeys(name).tokens]: left.length === 0 ? null : JSON.stringify(left) } }
    },
    call.signal,
  )
  return {}
}

/** An account may always see and change itself. */
function requireAccount(
  call: Call,
  action: string,
  { name, denied }: { readonly name: string; readonly denied: string },
): void {
  if (isOwn(name, call)) return
  const inner = `permission denied for account ${name} with action ${action}`
  wrapErrors(`${denied}: ${inner}`, () => requireAllowed(call, 'accounts', action, name))
}

function isOwn(name: string, call: Call): boolean {
  const { username, issuer } = callerOf(call)
  return username === name && issuer === TOKEN_ISSUER
}

function accountOf(name: string, call: Call): LocalAccount {
  const account = call.context.accounts().get(name)
  if (account === undefined) throw new CapstanError('not-found', `account '${name}' does not exist`)
  return account
}

function describe({ name, enabled, capabilities, tokens }: LocalAccount): object {
  return {
    name,
    enabled,
    capabilities,
    tokens: tokens.toSorted((a, b) => b.iat - a.iat).map(describeToken),
  }
}

function describeToken({ id, iat, exp = 0 }: AccountToken): object {
  return { id, issuedAt: iat, expiresAt: exp }
}
