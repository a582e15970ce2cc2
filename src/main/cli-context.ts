// What commands are given: terminal, configuration file and servers of this machine.
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { text as textOfStream } from 'node:stream/consumers'
import type { ApiClient } from '../api/client/client.ts'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { CliContext, GlobalFlags, ServerEntry } from '../cli/context.ts'
import {
  cliConfigPath,
  readCliConfig,
  readServerEntry,
  removeSession,
  saveServerEntry,
  useCliContext,
} from './cli-config.ts'
import { VERSION } from './version.ts'
import { ageOf } from '../local-cluster/kinds/tables/human-duration.ts'

export function createCliContext(signal: AbortSignal): CliContext {
  const pathOf = (flags: GlobalFlags): string => cliConfigPath(flags.config, process.env)
  return {
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    clock: systemClock,
    ageOf,
    signal,
    isTerminal: process.stdin.isTTY && process.stdout.isTTY,
    api: async (flags) => connect(await entryOf(flags, pathOf(flags))),
    connect,
    readConfig: (flags) => readCliConfig(pathOf(flags)),
    saveLogin: (flags, entry, name) => saveServerEntry(pathOf(flags), entry, name),
    removeLogin: (flags, name) => removeSession(pathOf(flags), name),
    useContext: (flags, name) => useCliContext(pathOf(flags), name),
    ask,
    readText: (path) => readText(path),
    version: VERSION,
    edit: async (text, name) => (await import('./cli-editor.ts')).editText(text, name, process.env),
    isSameRepository: async (a, b) => (await import('../settings/git-url.ts')).isSameRepository(a, b),
  }
}

/** Flags win over the environment, and both over the configuration. */
async function entryOf(flags: GlobalFlags, path: string): Promise<ServerEntry> {
  const named = flags.server ?? process.env['ARGOCD_SERVER']
  const token = flags.authToken ?? process.env['ARGOCD_AUTH_TOKEN']
  const stored = named === undefined ? await readServerEntry(path, flags.argocdContext) : await entryNamed(path, named)
  if (stored === undefined) {
    throw new CapstanError(
      'unauthenticated',
      'no server is known: run "capstan login SERVER", or give --server (or ARGOCD_SERVER)',
    )
  }
  return {
    ...stored,
    isPlainText: flags.plaintext ?? stored.isPlainText,
    isInsecure: flags.insecure ?? stored.isInsecure,
    rootPath: flags.grpcWebRootPath ?? stored.rootPath,
    ...(token === undefined ? {} : { token: new Secret(token) }),
  }
}

/** What is stored of a server that was named, or the server alone. */
async function entryNamed(path: string, server: string): Promise<ServerEntry> {
  const { contexts } = await readCliConfig(path)
  const context = contexts.find((entry) => entry.server === server)
  const stored = context === undefined ? undefined : await readServerEntry(path, context.name)
  return stored ?? { server, isPlainText: false, isInsecure: false, rootPath: '' }
}

async function connect(entry: ServerEntry): Promise<ApiClient> {
  const { isPlainText } = entry
  const scheme = /^[a-z]+:\/\//i.exec(entry.server)?.[0]
  if (scheme !== undefined) {
    const text = `a server is host:port, without "${scheme}"; --plaintext talks to it without TLS`
    throw new CapstanError('bad-input', text)
  }
  const root = entry.rootPath === '' ? '' : `/${entry.rootPath.replaceAll(/^\/|\/$/g, '')}`
  // Commands that ask no server need not load what every call looks like.
  const { createApiClient } = await import('../api/client/client.ts')
  return createApiClient({
    baseUrl: `${isPlainText ? 'http' : 'https'}://${entry.server}${root}`,
    send: entry.isInsecure && !isPlainText ? sendUnchecked : fetch,
    ...(entry.token === undefined ? {} : { token: entry.token }),
  })
}

/** `--insecure`: any server certificate will do. Loaded only then. */
async function sendUnchecked(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const { Agent } = await import('undici')
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  // Node's fetch takes a dispatcher, which its types leave out.
  return fetch(input, { ...init, dispatcher } as unknown as RequestInit)
}

async function ask(question: string, isSecret: boolean): Promise<Secret> {
  if (!process.stdin.isTTY) {
    throw new CapstanError(
      'bad-input',
      `cannot ask ${JSON.stringify(question.trim())} without a terminal; give it as a flag`,
    )
  }
  if (isSecret) return askUnseen(question)
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return new Secret(await lines.question(question))
  } finally {
    lines.close()
  }
}

/** Reads a line without showing it. */
async function askUnseen(question: string): Promise<Secret> {
  process.stdout.write(question)
  process.stdin.setRawMode(true)
  let typed = ''
  try {
    for await (const chunk of process.stdin) {
      const keys = String(chunk)
      const end = Array.from(keys).findIndex((key) => '\r\n\u0003\u0004'.includes(key))
      typed = typeKeys(typed, end < 0 ? keys : keys.slice(0, end))
      if (keys[end] === '\u0003') throw new CapstanError('bad-input', 'interrupted')
      if (end >= 0) break
    }
    return new Secret(typed)
  } finally {
    process.stdin.setRawMode(false)
    process.stdin.pause()
    process.stdout.write('\n')
  }
}

/** Backspace takes the last character away. */
function typeKeys(before: string, keys: string): string {
  let typed = before
  for (const key of keys) typed = key === '\u007F' || key === '\b' ? typed.slice(0, -1) : typed + key
  return typed
}

async function readText(path: string): Promise<string> {
  if (path === '-') return textOfStream(process.stdin)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CapstanError('not-found', `${path} cannot be read: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
}
