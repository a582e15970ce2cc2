// The command line's configuration file, as argocd has it: contexts, servers, users (util/localconfig, v3.5.1).
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { CliConfig, ServerEntry } from '../cli/context.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { stringifyYaml } from '../lang/yaml/write.ts'

type Entry = Readonly<Record<string, unknown>>

/** The file as it is; entries of other programs and unknown fields survive a write. */
interface ConfigFile {
  readonly 'current-context'?: string
  readonly 'prompts-enabled'?: unknown
  readonly contexts: readonly Entry[]
  readonly servers: readonly Entry[]
  readonly users: readonly Entry[]
}

/** Where it stands: `--config`, ARGOCD_CONFIG_DIR, ~/.config/argocd/config. */
export function cliConfigPath(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  if (flag !== undefined) return flag
  const folder =
    env['ARGOCD_CONFIG_DIR'] ?? join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? '.', '.config'), 'argocd')
  return join(folder, 'config')
}

async function readConfigFile(path: string): Promise<ConfigFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw new CapstanError('bad-input', `${path} cannot be read`, { cause: error })
  })
  const parsed: unknown = parseYaml(text)
  if (parsed === null || parsed === undefined) return { contexts: [], servers: [], users: [] }
  if (typeof parsed !== 'object' || Array.isArray(parsed))
    throw new CapstanError('bad-input', `${path}: expected a map; remove the file and log in again`)
  const file: Entry = { ...parsed }
  return {
    ...file,
    contexts: entriesOf(file['contexts']),
    servers: entriesOf(file['servers']),
    users: entriesOf(file['users']),
  }
}

function entriesOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter((item): item is Entry => typeof item === 'object' && item !== null) : []
}

function textOf(entry: Entry | undefined, field: string): string {
  const value = entry?.[field]
  return typeof value === 'string' ? value : ''
}

/** Contexts and which is current. */
export async function readCliConfig(path: string): Promise<CliConfig> {
  const file = await readConfigFile(path)
  const contexts = file.contexts.map((entry) => ({ name: textOf(entry, 'name'), server: textOf(entry, 'server') }))
  return { currentContext: file['current-context'] ?? '', contexts, isPromptsEnabled: file['prompts-enabled'] === true }
}

/** The server of a context, or of the current one; undefined where there is none. */
export async function readServerEntry(path: string, wanted: string | undefined): Promise<ServerEntry | undefined> {
  const file = await readConfigFile(path)
  const name = wanted ?? file['current-context'] ?? ''
  const context = file.contexts.find((entry) => textOf(entry, 'name') === name)
  if (context === undefined) {
    if (wanted !== undefined) throw new CapstanError('not-found', `Context '${wanted}' undefined`)
    return undefined
  }
  const server = file.servers.find((entry) => textOf(entry, 'server') === textOf(context, 'server'))
  const token = textOf(
    file.users.find((entry) => textOf(entry, 'name') === textOf(context, 'user')),
    'auth-token',
  )
  return {
    server: textOf(context, 'server'),
    isPlainText: server?.['plain-text'] === true,
    isInsecure: server?.['insecure'] === true,
    rootPath: textOf(server, 'grpc-web-root-path'),
    ...(token === '' ? {} : { token: new Secret(token) }),
  }
}

/** Stores a server, its session and a context, and makes it current. */
export async function saveServerEntry(path: string, entry: ServerEntry, name: string): Promise<void> {
  const file = await readConfigFile(path)
  const server = {
    server: entry.server,
    ...(entry.isPlainText ? { 'plain-text': true } : {}),
    ...(entry.isInsecure ? { insecure: true } : {}),
    ...(entry.rootPath === '' ? {} : { 'grpc-web-root-path': entry.rootPath }),
  }
  const user = { name, 'auth-token': entry.token?.reveal() ?? '' }
  await writeConfigFile(path, {
    ...file,
    'current-context': name,
    contexts: replaced(file.contexts, 'name', { name, server: entry.server, user: name }),
    servers: replaced(file.servers, 'server', server),
    users: replaced(file.users, 'name', user),
  })
}

/** Forgets the session of a context; false where there is no such context. */
export async function removeSession(path: string, name: string): Promise<boolean> {
  const file = await readConfigFile(path)
  const context = file.contexts.find((entry) => textOf(entry, 'name') === name)
  if (context === undefined) return false
  const user = textOf(context, 'user')
  await writeConfigFile(path, { ...file, users: file.users.filter((entry) => textOf(entry, 'name') !== user) })
  return true
}

export async function useCliContext(path: string, name: string): Promise<void> {
  const file = await readConfigFile(path)
  if (!file.contexts.some((entry) => textOf(entry, 'name') === name)) {
    throw new CapstanError('not-found', `Context '${name}' undefined`)
  }
  await writeConfigFile(path, { ...file, 'current-context': name })
}

function replaced(entries: readonly Entry[], key: string, entry: Entry): readonly Entry[] {
  return [...entries.filter((other) => other[key] !== entry[key]), entry]
}

/** Written beside and renamed, so that a kill leaves the old file whole; only its owner may read it. */
async function writeConfigFile(path: string, file: ConfigFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, stringifyYaml(file), { mode: 0o600 })
  await rename(draft, path)
}
