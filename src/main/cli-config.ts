// The command line's configuration file, as argocd has it: contexts, servers, users (util/localconfig, v3.5.1).
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { CliConfig, ServerEntry, Tokens } from '../cli/context.ts'
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

type Env = Readonly<Record<string, string | undefined>>

/** Where it stands: `--config`, ARGOCD_CONFIG_DIR, ~/.argocd where there is one, XDG_CONFIG_HOME, ~/.config/argocd. */
export async function cliConfigPath(flag: string | undefined, env: Env): Promise<string> {
  if (flag !== undefined) return flag
  const home = env['HOME'] ?? '.'
  const { ARGOCD_CONFIG_DIR: folder = '', XDG_CONFIG_HOME: xdg = '' } = env
  if (folder !== '') return join(folder, 'config')
  const legacy = join(home, '.argocd')
  const isLegacy = await stat(legacy).then(Boolean, () => false)
  if (isLegacy) return join(legacy, 'config')
  return join(xdg === '' ? join(home, '.config') : xdg, 'argocd', 'config')
}

async function readConfigFile(path: string): Promise<ConfigFile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new CapstanError('bad-input', `${path} cannot be read`, { cause: error })
  })
  if (text === undefined) return undefined
  const parsed: unknown = parseYaml(text)
  if (parsed === null || parsed === undefined) return EMPTY
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

const EMPTY: ConfigFile = { contexts: [], servers: [], users: [] }

function entriesOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter((item): item is Entry => typeof item === 'object' && item !== null) : []
}

function textOf(entry: Entry | undefined, field: string): string {
  const value = entry?.[field]
  return typeof value === 'string' ? value : ''
}

function named(entries: readonly Entry[], name: string, key = 'name'): Entry | undefined {
  return entries.find((entry) => textOf(entry, key) === name)
}

/** Contexts, which is current, and whether people are asked. */
export async function readCliConfig(path: string): Promise<CliConfig> {
  const file = await readConfigFile(path)
  const { contexts } = file ?? EMPTY
  return {
    currentContext: file?.['current-context'] ?? '',
    contexts: contexts.map((entry) => ({ name: textOf(entry, 'name'), server: textOf(entry, 'server') })),
    isPromptsEnabled: file?.['prompts-enabled'] === true,
    isThere: file !== undefined,
  }
}

/** The server of a context, or of the current one; undefined where there is none. */
export async function readServerEntry(path: string, wanted: string | undefined): Promise<ServerEntry | undefined> {
  const file = (await readConfigFile(path)) ?? EMPTY
  const context = named(file.contexts, wanted ?? file['current-context'] ?? '')
  if (context === undefined) {
    if (wanted !== undefined) throw undefinedContext(wanted)
    return undefined
  }
  const server = named(file.servers, textOf(context, 'server'), 'server')
  const user = named(file.users, textOf(context, 'user'))
  const [token, refreshToken] = [textOf(user, 'auth-token'), textOf(user, 'refresh-token')]
  return {
    server: textOf(context, 'server'),
    context: textOf(context, 'name'),
    isPlainText: server?.['plain-text'] === true,
    isInsecure: server?.['insecure'] === true,
    isCore: server?.['core'] === true,
    isGrpcWeb: server?.['grpc-web'] === true,
    rootPath: textOf(server, 'grpc-web-root-path'),
    ...(token === '' ? {} : { token: new Secret(token) }),
    ...(refreshToken === '' ? {} : { refreshToken: new Secret(refreshToken) }),
  }
}

function undefinedContext(name: string): CapstanError {
  return new CapstanError('not-found', `Context '${name}' undefined; "capstan context" shows those there are`)
}

/** Stores a server, its session and a context, and makes it current. */
export async function saveServerEntry(path: string, entry: ServerEntry, name: string): Promise<void> {
  const file = (await readConfigFile(path)) ?? EMPTY
  const server = {
    server: entry.server,
    ...(entry.isPlainText ? { 'plain-text': true } : {}),
    ...(entry.isInsecure ? { insecure: true } : {}),
    ...(entry.isGrpcWeb === true ? { 'grpc-web': true } : {}),
    ...(entry.isCore === true ? { core: true } : {}),
    'grpc-web-root-path': entry.rootPath,
  }
  await writeConfigFile(path, {
    'prompts-enabled': false,
    ...file,
    'current-context': name,
    contexts: replaced(file.contexts, 'name', { name, server: entry.server, user: name }),
    servers: replaced(file.servers, 'server', server),
    users: replaced(file.users, 'name', userOf(name, entry)),
  })
}

function userOf(name: string, { token, refreshToken }: Partial<Tokens>): Entry {
  return {
    ...(token === undefined ? {} : { 'auth-token': token.reveal() }),
    name,
    ...(refreshToken === undefined ? {} : { 'refresh-token': refreshToken.reveal() }),
  }
}

/** Another session for the user of a context. */
export async function saveTokens(path: string, context: string, tokens: Partial<Tokens>): Promise<void> {
  const file = (await readConfigFile(path)) ?? EMPTY
  const user = textOf(named(file.contexts, context), 'user')
  await writeConfigFile(path, { ...file, users: replaced(file.users, 'name', userOf(user, tokens)) })
}

/** Forgets the session of a context, which stays, as does its user: argocd needs both. False where there is no such context. */
export async function removeSession(path: string, name: string): Promise<boolean> {
  const file = (await readConfigFile(path)) ?? EMPTY
  if (named(file.contexts, name) === undefined) return false
  await saveTokens(path, name, {})
  return true
}

/** Removes a context with its server and user; the file where nothing is left in it. */
export async function removeContext(path: string, name: string): Promise<boolean> {
  const file = (await readConfigFile(path)) ?? EMPTY
  const context = named(file.contexts, name)
  if (context === undefined) return false
  const servers = file.servers.filter((entry) => textOf(entry, 'server') !== textOf(context, 'server'))
  if (servers.length === 0) {
    await rm(path)
    return true
  }
  await writeConfigFile(path, {
    ...file,
    'current-context': file['current-context'] === name ? '' : (file['current-context'] ?? ''),
    contexts: file.contexts.filter((entry) => entry !== context),
    servers,
    users: file.users.filter((entry) => textOf(entry, 'name') !== name),
  })
  return true
}

/** Makes a context current; `-` is the one before, whose name stands beside the file. */
export async function useCliContext(path: string, wanted: string): Promise<{ name: string; isNew: boolean }> {
  const file = (await readConfigFile(path)) ?? EMPTY
  const beside = join(dirname(path), '.prev-ctx')
  const name = wanted === '-' ? await readFile(beside, 'utf8').catch(() => '') : wanted
  if (name === '') throw new CapstanError('not-found', 'there is no context before this one')
  const before = file['current-context'] ?? ''
  if (before === name) return { name, isNew: false }
  if (named(file.contexts, name) === undefined) throw undefinedContext(name)
  await writeConfigFile(path, { ...file, 'current-context': name })
  await writeFile(beside, before, { mode: 0o600 })
  return { name, isNew: true }
}

/** Whether people are asked before something is deleted. */
export async function savePrompts(path: string, isEnabled: boolean): Promise<void> {
  const file = (await readConfigFile(path)) ?? EMPTY
  await writeConfigFile(path, { ...file, 'prompts-enabled': isEnabled })
}

/** In its place, so that the order of people's files stays; else at the end. */
function replaced(entries: readonly Entry[], key: string, entry: Entry): readonly Entry[] {
  const index = entries.findIndex((other) => other[key] === entry[key])
  return index < 0 ? [...entries, entry] : entries.with(index, entry)
}

/** Written beside and renamed, so that a kill leaves the old file whole; only its owner may read it. */
async function writeConfigFile(path: string, file: ConfigFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, stringifyYaml(file), { mode: 0o600 })
  await rename(draft, path)
}
