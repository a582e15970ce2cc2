// `account …`: local accounts, their tokens, and what the one logged in may do.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { formatLines } from '../app/describe.ts'
import { refusal, type CliContext } from '../context.ts'
import { localTime } from '../human-time.ts'
import { formatObject } from '../output.ts'
import { printList, printObject } from '../print.ts'
import { formatTable } from '../table.ts'
import { claimsOf, secondsOfDuration } from '../token.ts'
import { addFamily, addVerb, type Call } from '../verb.ts'
import { output, text } from '../verb-flags.ts'

const SERVICE = 'account.AccountService'

interface Account {
  readonly name?: string
  readonly enabled?: boolean
  readonly capabilities?: readonly string[] | null
  readonly tokens?: readonly { readonly id?: string; readonly issuedAt?: number | string; readonly expiresAt?: number | string }[] | null // prettier-ignore
}

interface UserInfo {
  readonly loggedIn?: boolean
  readonly username?: string
  readonly iss?: string
  readonly groups?: readonly string[] | null
}

export function addAccountFamily(program: Command, context: CliContext): void {
  const account = addFamily(program, 'account', 'local accounts, their tokens, and what you may do')
  addReading(account, context)
  addAsking(account, context)
  addTokens(account, context)
  addPassword(account, context)
  addSessionToken(account, context)
  addBcrypt(account, context)
}

function addReading(account: Command, context: CliContext): void {
  addVerb(account, context, {
    words: 'list',
    about: 'list accounts',
    flags: { output: output('wide', 'name', 'json', 'yaml') },
    examples: ['account list', 'account list -o name'],
    async run(call) {
      const { items } = await call.send<{ readonly items?: readonly Account[] | null }>(`${SERVICE}/ListAccounts`)
      printList(call, items ?? [], { name: ({ name = '' }) => name, wide: formatAccounts })
    },
  })
  addVerb(account, context, {
    words: 'get',
    about: 'show an account: yours, or another',
    flags: { output: output('wide', 'name', 'json', 'yaml'), ...accountFlag },
    examples: ['account get', 'account get --account ci'],
    async run(call) {
      const name = await accountName(call)
      const found = await call.send<Account>(`${SERVICE}/GetAccount`, { name })
      printObject(call, found, () => formatAccount(found, context.clock.now()), { name: () => `${found.name ?? ''}\n` })
    },
  })
}

const accountFlag = { account: text('name of the account; else yours', { short: 'a' }) } as const

async function accountName({ flags, send }: Pick<Call<typeof accountFlag>, 'flags' | 'send'>): Promise<string> {
  const { account = '' } = flags
  return account === '' ? ((await userInfo({ send })).username ?? '') : account
}

function userInfo({ send }: Pick<Call, 'send'>): Promise<UserInfo> {
  return send<UserInfo>('session.SessionService/GetUserInfo')
}

function formatAccounts(accounts: readonly Account[]): string {
  const rows = accounts.map(({ name = '', enabled, capabilities }) => [
    name,
    String(enabled === true),
    (capabilities ?? []).join(', '),
  ])
  return formatTable([['NAME', 'ENABLED', 'CAPABILITIES'], ...rows])
}

function formatAccount({ name = '', enabled, capabilities, tokens }: Account, nowMs: number): string {
  const head = formatLines([
    ['Name:', name],
    ['Enabled:', String(enabled === true)],
    ['Capabilities:', (capabilities ?? []).join(', ')],
  ])
  const rows = (tokens ?? []).map(({ id = '', issuedAt = 0, expiresAt = 0 }) => [
    id,
    localTime(Number(issuedAt)),
    expiry(Number(expiresAt), nowMs),
  ])
  const table = rows.length === 0 ? 'NONE\n' : formatTable([['ID', 'ISSUED AT', 'EXPIRING AT'], ...rows])
  return `${head}\nTokens:\n${table}`
}

function expiry(seconds: number, nowMs: number): string {
  if (seconds <= 0) return 'never'
  return localTime(seconds) + (seconds * 1000 < nowMs ? ' (expired)' : '')
}

function addAsking(account: Command, context: CliContext): void {
  addVerb(account, context, {
    words: 'get-user-info',
    aliases: ['whoami'],
    about: 'who is logged in',
    flags: { output: text('json or yaml, else lines', { short: 'o', initial: '' }) },
    examples: ['account get-user-info', 'account whoami -o json'],
    async run(call) {
      const info = await userInfo(call)
      const { output: form } = call.flags
      if (form === 'json' || form === 'yaml') {
        // Upstream ends YAML with a line of its own.
        call.print(formatObject(info, form) + (form === 'yaml' ? '\n' : ''))
        return
      }
      if (form !== '') throw refusal(`Unknown output format: ${form}`)
      call.print(`Logged In: ${info.loggedIn === true}\n`)
      if (info.loggedIn === true)
        call.print(
          `Username: ${info.username ?? ''}\nIssuer: ${info.iss ?? ''}\nGroups: ${(info.groups ?? []).join(',')}\n`,
        )
    },
  })
  addVerb(account, context, {
    words: 'can-i <action> <resource> <object>',
    about: 'may I do this? yes or no',
    examples: ["account can-i sync applications '*'", "account can-i create clusters '*'"],
    async run(call) {
      const [action, resource, subresource] = call.args
      const { value = '' } = await call.send<{ readonly value?: string }>(`${SERVICE}/CanI`, { resource, action, subresource }) // prettier-ignore
      call.print(`${value}\n`)
    },
  })
}

function addTokens(account: Command, context: CliContext): void {
  addVerb(account, context, {
    words: 'generate-token',
    about: 'make a token for scripts; the account needs the capability apiKey',
    writes: true,
    flags: {
      ...accountFlag,
      expiresIn: text('how long it is good: 12h, 7d; 0s for ever', { short: 'e', initial: '0s' }),
      id: text('its name; else a random one'),
    },
    examples: ['account generate-token --account ci', 'account generate-token --account ci --expires-in 30d'],
    async run(call) {
      const request = { name: await accountName(call), expiresIn: secondsOfDuration(call.flags.expiresIn), id: call.flags.id } // prettier-ignore
      const { token = '' } = await call.send<{ readonly token?: string }>(`${SERVICE}/CreateToken`, request)
      call.print(`${token}\n`)
    },
  })
  addVerb(account, context, {
    words: 'delete-token <id>',
    about: 'revoke a token; account get shows the ids',
    writes: true,
    flags: accountFlag,
    examples: ['account delete-token --account ci 9a8b7c'],
    async run(call) {
      const [id = ''] = call.args
      const name = await accountName(call)
      if (await call.confirm(`Are you sure you want to delete '${id}' token? [y/n]`))
        await call.send(`${SERVICE}/DeleteToken`, { name, id })
      else call.print(`The command to delete '${id}' was cancelled.\n`)
    },
  })
}

/** Who issues the tokens of local accounts. */
const LOCAL_ISSUER = 'argocd'

function addPassword(account: Command, context: CliContext): void {
  addVerb(account, context, {
    words: 'update-password',
    about: 'change a password: yours, or that of another account',
    flags: {
      account: text('name of the account; else yours'),
      currentPassword: text('your password; better left out and typed when asked'),
      newPassword: text('the new one; better left out and typed when asked'),
    },
    examples: ['account update-password', 'account update-password --account ci'],
    async run(call) {
      const { username = '', iss } = await userInfo(call)
      const { account: name = username } = call.flags
      const currentPassword =
        call.flags.currentPassword ??
        (iss === LOCAL_ISSUER
          ? (await context.ask(`*** Enter password of currently logged in user (${username}): `, true)).reveal()
          : '')
      const newPassword = call.flags.newPassword ?? (await askTwice(context, name)).reveal()
      await call.send(`${SERVICE}/UpdatePassword`, { name, currentPassword, newPassword })
      call.print('Password updated\n')
      if (name === username) await renewSession(call, username, newPassword)
    },
  })
}

async function askTwice(context: CliContext, account: string): Promise<Secret> {
  const first = await context.ask(`*** Enter new password for user ${account}: `, true)
  const second = await context.ask(`*** Confirm new password for user ${account}: `, true)
  if (first.reveal() !== second.reveal()) throw new CapstanError('bad-input', 'Passwords do not match')
  return first
}

/** The old session ends with the old password. */
async function renewSession({ context, global, send, print }: Call, username: string, password: string): Promise<void> {
  const { currentContext } = await context.sessions.read(global)
  const name = global.argocdContext ?? currentContext
  // Without a context, the session was given by a flag and is not ours to keep.
  if (name === '') return
  const { token } = await send<{ readonly token: string }>('session.SessionService/Create', { username, password })
  await context.sessions.setTokens(global, name, { token: new Secret(token) })
  print(`Context '${name}' updated\n`)
}

function addSessionToken(account: Command, context: CliContext): void {
  addVerb(account, context, {
    words: 'session-token',
    about: 'print the token of your session, for scripts',
    flags: { output: text('json: with what is known of it', { short: 'o', initial: '' }) },
    examples: ['account session-token', 'account session-token -o json'],
    async run(call) {
      const session = await context.sessions.stored(call.global, call.global.argocdContext)
      const token = session?.token?.reveal() ?? ''
      if (token === '') throw refusal("No authentication token found. Please login first with 'capstan login'")
      const { iss, sub, iat, exp } = claimsOf(token)
      if (exp > 0 && exp * 1000 < context.clock.now()) throw refusal("Token is invalid or expired. Please run 'capstan relogin'") // prettier-ignore
      if (call.flags.output !== 'json') return call.print(`${token}\n`)
      const info = {
        ...(exp > 0 ? { expires_at: localTime(exp) } : {}),
        has_refresh_token: session?.refreshToken !== undefined,
        ...(iat > 0 ? { issued_at: localTime(iat) } : {}),
        issuer: iss,
        token,
        type: iss === LOCAL_ISSUER ? 'local' : 'sso',
        username: sub.split(':')[0],
      }
      call.print(formatObject(info, 'json'))
    },
  })
}

function addBcrypt(account: Command, context: CliContext): void {
  addVerb(account, context, {
    words: 'bcrypt',
    about: 'hash a password as argocd-secret keeps it',
    flags: { password: text('the password; better left out and typed when asked') },
    examples: ['account bcrypt --password s3cret'],
    async run(call) {
      const password = call.flags.password ?? (await context.ask('Password: ', true)).reveal()
      if (password === '') throw refusal('Password is required')
      call.print(await context.hashPassword(new Secret(password)))
    },
  })
}
