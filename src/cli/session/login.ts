// `login|relogin|logout`: a session on a server, kept for the commands that follow.
import type { Command } from 'commander'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import type { ApiClient } from '../../api/client/client.ts'
import { refusal, type CliContext, type GlobalFlags, type ServerEntry, type SingleSignOnFlags, type Tokens } from '../context.ts' // prettier-ignore
import { addServerFlags } from '../flags.ts'
import { claimsOf } from '../token.ts'
import { addVerb, isYes } from '../verb.ts'
import { number, text, truthFlag, type Values } from '../verb-flags.ts'

export function addLoginCommands(program: Command, context: CliContext): void {
  addLogin(program, context)
  addRelogin(program, context)
  addLogout(program, context)
}

const ssoFlags = {
  callback: text('address the browser comes back to, where it is not the local port'),
  ssoPort: number('local port the browser comes back to', { initial: 8085 }),
  ssoLaunchBrowser: truthFlag('open the browser; with =false the address is printed', { initial: true }),
} as const

function signOnFlags(flags: Values<typeof ssoFlags>): SingleSignOnFlags {
  return { callback: flags.callback, port: flags.ssoPort, isBrowserOpened: flags.ssoLaunchBrowser }
}

function addLogin(program: Command, context: CliContext): void {
  const command = addVerb(program, context, {
    words: 'login [server]',
    about: 'log in to a server',
    flags: {
      username: text('account'),
      password: text('password; better left out and typed when asked'),
      name: text('name of the context (default: the server)'),
      sso: truthFlag("log in by the server's single sign-on, in a browser"),
      ...ssoFlags,
      skipTestTls: truthFlag('do not try first whether the server speaks TLS'),
    },
    examples: [
      'login 127.0.0.1:8080 --plaintext --username admin',
      'login cd.example --sso',
      'login cd.example --sso --sso-launch-browser=false',
      'login --core',
    ],
    async run({ args, flags, global, context }) {
      const server = global.core === true ? 'kubernetes' : (args[0] ?? '')
      if (server === '') throw refusal('name the server: capstan login HOST:PORT, or use --core')
      const entry = await entryOf(context, server, { ...global, skipTestTls: flags.skipTestTls === true })
      const name = flags.name ?? (entry.rootPath === '' ? server : `${server}/${entry.rootPath.replaceAll(/^\/+|\/+$/g, '')}`) // prettier-ignore
      const tokens = entry.isCore === true ? {} : await logIn(await context.connect(entry, global))
      await context.sessions.save(global, { ...entry, ...tokens }, name)
      context.write(`Context '${name}' updated\n`)

      async function logIn(api: ApiClient): Promise<Tokens> {
        const { username, password } = flags
        const found = flags.sso === true ? await context.signOn(api, signOnFlags(flags)) : await passwordLogin(context, api, { username, password }) // prettier-ignore
        context.write(`'${displayName(found.token)}' logged in successfully\n`)
        return found
      }
    },
  })
  addServerFlags(command)
}

/** How the server is reached, asked of people where it is not as it should be. */
async function entryOf(
  context: CliContext,
  server: string,
  flags: GlobalFlags & { readonly skipTestTls: boolean },
): Promise<ServerEntry> {
  const { plaintext, insecure, core, grpcWeb, grpcWebRootPath: rootPath = '' } = flags
  const entry: ServerEntry = {
    server,
    isPlainText: plaintext === true,
    isInsecure: insecure === true,
    rootPath,
    isCore: core === true,
    isGrpcWeb: grpcWeb === true,
  }
  if (entry.isPlainText || entry.isInsecure || entry.isCore === true || flags.skipTestTls) return entry
  const found = await context.probe(flags, server)
  if (found === undefined) return entry
  const warning = found === 'plain' ? 'server is not configured with TLS. Proceed' : `server certificate had error: ${found.certificateError}. Proceed insecurely` // prettier-ignore
  const answer = await context.ask(`WARNING: ${warning} (y/n)? `, false)
  if (!isYes(answer.reveal())) throw refusal('not logged in')
  return found === 'plain' ? { ...entry, isPlainText: true } : { ...entry, isInsecure: true }
}

async function passwordLogin(
  context: CliContext,
  api: ApiClient,
  given: { readonly username: string | undefined; readonly password: string | undefined },
): Promise<Tokens> {
  const username = given.username ?? (await context.ask('Username: ', false)).reveal()
  const password = given.password === undefined ? await context.ask('Password: ', true) : new Secret(given.password)
  const request = { username, password: password.reveal() }
  const { token } = await api.call<{ readonly token: string }>('session.SessionService/Create', request, context.signal)
  return { token: new Secret(token) }
}

/** Upstream's userDisplayName: address, name, or subject. */
function displayName(token: Secret): string {
  const { all, sub } = claimsOf(token.reveal())
  const named = [all['email'], all['name']].find((value) => typeof value === 'string' && value !== '')
  return typeof named === 'string' ? named : sub
}

/** Who issues the tokens of local accounts. */
const LOCAL_ISSUER = 'argocd'

function addRelogin(program: Command, context: CliContext): void {
  const command = addVerb(program, context, {
    words: 'relogin',
    about: 'log in again, as the same, where a session has ended',
    flags: { password: text('password; better left out and typed when asked'), ...ssoFlags },
    examples: ['relogin', 'relogin --sso-launch-browser=false'],
    async run({ flags, global, context }) {
      const { currentContext } = await context.sessions.read(global)
      const entry = await context.sessions.stored(global)
      if (entry === undefined) throw refusal('No context found. Login using `capstan login`')
      const { token, refreshToken: _, ...server } = entry
      if (token === undefined) throw refusal(`nobody was logged in to ${entry.server}; use "capstan login"`)
      const api = await context.connect(server, global)
      const { iss, sub } = claimsOf(token.reveal())
      const isLocal = iss === LOCAL_ISSUER
      context.write(isLocal ? `Relogging in as '${displayName(token)}'\n` : 'Reinitiating SSO login\n')
      const tokens = isLocal
        ? await passwordLogin(context, api, { username: sub.split(':')[0], password: flags.password })
        : await context.signOn(api, signOnFlags(flags))
      await context.sessions.setTokens(global, currentContext, tokens)
      context.write(`Context '${currentContext}' updated\n`)
    },
  })
  addServerFlags(command)
}

function addLogout(program: Command, context: CliContext): void {
  const command = addVerb(program, context, {
    words: 'logout <context>',
    about: 'end the session of a context, here and on the server',
    examples: ['logout cd.example'],
    async run({ args: [name = ''], global, context, confirm }) {
      const { contexts, isThere } = await context.sessions.read(global)
      if (!isThere) throw refusal('Nothing to logout from')
      if (!contexts.some((entry) => entry.name === name)) throw refusal(`Context ${name} does not exist`)
      if (!(await confirm(`Are you sure you want to log out from '${name}'?`))) return
      await tellServer(context, { ...global, argocdContext: name })
      await context.sessions.forget(global, name)
      context.write(`Logged out from '${name}'\n`)
    },
  })
  addServerFlags(command)
}

async function tellServer(context: CliContext, flags: GlobalFlags): Promise<void> {
  try {
    const api = await context.api(flags)
    await api.revoke(context.signal)
  } catch (error) {
    // The session is forgotten here even where the server can no longer be told.
    if (!(error instanceof CapstanError)) throw error
    context.writeError(`the server was not told: ${messageOf(error)}\n`)
  }
}
