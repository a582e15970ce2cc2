// `login|logout|context|version|account`: which server, as whom.
import type { Command } from 'commander'
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { CliContext, ServerEntry } from './context.ts'
import { addServerFlags, globalFlags } from './flags.ts'
import { checkFormat, formatObject } from './output.ts'
import { formatTable } from './table.ts'

export function addSessionCommands(program: Command, context: CliContext): void {
  addLogin(program, context)
  addLogout(program, context)
  addContext(program, context)
  addVersion(program, context)
  addAccount(program, context)
}

interface LoginFlags {
  readonly username?: string
  readonly password?: string
  readonly name?: string
  readonly plaintext?: boolean
  readonly insecure?: boolean
  readonly grpcWebRootPath?: string
}

function addLogin(program: Command, context: CliContext): void {
  addServerFlags(program.command('login <server>'))
    .description('log in to a server')
    .option('--username <name>', 'account')
    .option('--password <password>', 'password; better left out and typed when asked')
    .option('--name <name>', 'name of the context (default: the server)')
    .option('--skip-test-tls', 'accepted for scripts')
    .addHelpText('after', '\nExamples:\n  capstan login 127.0.0.1:8080 --plaintext --username admin')
    .action(async (server: string, _: unknown, command: Command) => {
      const flags: LoginFlags = command.optsWithGlobals()
      const username = flags.username ?? (await context.ask('Username: ', false)).reveal()
      const password = flags.password === undefined ? await context.ask('Password: ', true) : new Secret(flags.password)
      const entry: ServerEntry = {
        server,
        isPlainText: flags.plaintext === true,
        isInsecure: flags.insecure === true,
        rootPath: flags.grpcWebRootPath ?? '',
      }
      const request = { username, password: password.reveal() }
      const api = await context.connect(entry)
      const { token } = await api.call<{ readonly token: string }>(
        'session.SessionService/Create',
        request,
        context.signal,
      )
      const name = flags.name ?? server
      await context.saveLogin(globalFlags(command), { ...entry, token: new Secret(token) }, name, username)
      context.write(`'${username}:login' logged in successfully\nContext '${name}' updated\n`)
    })
}

function addLogout(program: Command, context: CliContext): void {
  addServerFlags(program.command('logout <context>'))
    .description('forget the session of a context')
    .action(async (name: string, _: unknown, command: Command) => {
      const flags = globalFlags(command)
      const { contexts } = await context.readConfig(flags)
      if (!contexts.some((entry) => entry.name === name))
        throw new CapstanError('not-found', `Context '${name}' undefined`)
      try {
        await (
          await context.api({ ...flags, argocdContext: name })
        ).call('session.SessionService/Delete', {}, context.signal)
      } catch (error) {
        // The session is forgotten here even where the server can no longer be told.
        context.writeError(`the server was not told: ${error instanceof Error ? error.message : 'unknown'}\n`)
      }
      await context.removeLogin(flags, name)
      context.write(`Logged out from '${name}'\n`)
    })
}

function addContext(program: Command, context: CliContext): void {
  addServerFlags(program.command('context [name]'))
    .description('list contexts, or switch to one')
    .action(async (name: string | undefined, _: unknown, command: Command) => {
      const flags = globalFlags(command)
      if (name !== undefined) {
        await context.useContext(flags, name)
        context.write(`Switched to context '${name}'\n`)
        return
      }
      const { contexts, currentContext } = await context.readConfig(flags)
      const rows = contexts.map((entry) => [entry.name === currentContext ? '*' : '', entry.name, entry.server])
      context.write(formatTable([['CURRENT', 'NAME', 'SERVER'], ...rows]))
    })
}

interface VersionFlags {
  readonly client?: boolean
  readonly short?: boolean
  readonly output: string
}

function addVersion(program: Command, context: CliContext): void {
  addServerFlags(program.command('version'))
    .description("print this program's version and the server's")
    .option('--client', 'only this program')
    .option('--short', 'only the numbers')
    .option('-o, --output <format>', 'wide|json|yaml', 'wide')
    .action(async (flags: VersionFlags, command: Command) => {
      const format = checkFormat(flags.output, ['wide', 'json', 'yaml'])
      const client = { Version: context.version }
      const server =
        flags.client === true
          ? undefined
          : await (
              await context.api(globalFlags(command))
            ).call<Readonly<Record<string, string>>>('version.VersionService/Version', {}, context.signal)
      if (format !== 'wide') {
        context.write(formatObject({ client, server }, format))
        return
      }
      context.write(`capstan: ${context.version}\n`)
      if (server === undefined) return
      context.write(`capstan-server: ${server['Version'] ?? ''}\n`)
      const details = Object.entries(server).filter(([key]) => key !== 'Version' && flags.short !== true)
      context.write(details.map(([key, value]) => `  ${key.replace(/Version$/, ' Version')}: ${value}\n`).join(''))
    })
}

interface PasswordFlags {
  readonly account?: string
  readonly currentPassword?: string
  readonly newPassword?: string
}

function addAccount(program: Command, context: CliContext): void {
  const account = addServerFlags(program.command('account')).description('accounts and what they may do')
  account
    .command('get-user-info')
    .description('who is logged in')
    .action(async (_: unknown, command: Command) => {
      const api = await context.api(globalFlags(command))
      const info = await api.call<{ readonly loggedIn?: boolean; readonly username?: string; readonly iss?: string }>(
        'session.SessionService/GetUserInfo',
        {},
        context.signal,
      )
      context.write(`Logged In: ${info.loggedIn === true}\n`)
      if (info.loggedIn === true) context.write(`Username: ${info.username ?? ''}\nIssuer: ${info.iss ?? ''}\n`)
    })
  account
    .command('can-i <action> <resource> <object>')
    .description('may I do this? yes or no')
    .action(async (...given: readonly unknown[]) => {
      // commander gives the arguments, the options, and the command last.
      const command = given.at(-1) as Command
      const [action, resource, subresource] = command.args
      const api = await context.api(globalFlags(command))
      const { value } = await api.call<{ readonly value: string }>(
        'account.AccountService/CanI',
        { resource, action, subresource },
        context.signal,
      )
      context.write(`${value}\n`)
    })
  account
    .command('update-password')
    .description('change a password')
    .option('--account <name>', "another account's password")
    .option('--current-password <password>', 'password of the account that is logged in')
    .option('--new-password <password>', 'new password')
    .action(async (flags: PasswordFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      const current =
        flags.currentPassword ?? (await context.ask('*** Enter password of currently logged in user: ', true)).reveal()
      const next = flags.newPassword ?? (await askTwice(context)).reveal()
      await api.call(
        'account.AccountService/UpdatePassword',
        { name: flags.account, currentPassword: current, newPassword: next },
        context.signal,
      )
      context.write('Password updated\n')
    })
}

async function askTwice(context: CliContext): Promise<Secret> {
  const first = await context.ask('*** Enter new password: ', true)
  const second = await context.ask('*** Confirm new password: ', true)
  if (first.reveal() !== second.reveal()) throw new CapstanError('bad-input', 'Passwords do not match')
  return first
}
