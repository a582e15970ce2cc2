// What commands are given: terminal, configuration file and servers of this machine.
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { text as textOfStream } from 'node:stream/consumers'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { KubeAccess } from '../cli/cluster/access.ts'
import type { CliContext, GlobalFlags, Sessions } from '../cli/context.ts'
import { ageOf } from '../local-cluster/kinds/tables/human-duration.ts'
import type * as ConfigModule from './cli-config.ts'
import { VERSION } from './version.ts'

export function createCliContext(signal: AbortSignal): CliContext {
  const { env } = process
  return {
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    clock: systemClock,
    ageOf,
    signal,
    isTerminal: process.stdin.isTTY && process.stdout.isTTY,
    api: async (flags) => (await import('./cli-connection.ts')).openApi(flags, env, signal),
    connect: async (entry, flags) => (await import('./cli-connection.ts')).connectTo(entry, flags ?? {}),
    probe: async (flags, server) => (await import('./cli-connection.ts')).probeServer(flags, server, signal),
    signOn: async (api, flags) => (await import('./cli-sign-on.ts')).signOn(api, flags, signal),
    sessions: createSessions(env),
    kube: kubeOnDemand(env, signal),
    policies: {
      read: async (source) => (await import('./cli-policies.ts')).policyTool(env).read(source),
      isAllowed: async (settings, question) =>
        (await import('./cli-policies.ts')).policyTool(env).isAllowed(settings, question),
    },
    hashPassword: async (password) => (await import('./cli-passwords.ts')).hashPassword(password),
    ask: createAsk(),
    readText: (path) => readText(path),
    version: VERSION,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    edit: async (text, name) => (await import('./cli-editor.ts')).editText(text, name, env),
    isSameRepository: async (a, b) => (await import('../settings/git-url.ts')).isSameRepository(a, b),
  }
}

type ConfigFile = typeof ConfigModule
type Env = Readonly<Record<string, string | undefined>>

/** The configuration file, read when it is asked for. */
function createSessions(env: Env): Sessions {
  const at = async <T>({ config }: GlobalFlags, work: (file: ConfigFile, path: string) => Promise<T>): Promise<T> => {
    const file = await import('./cli-config.ts')
    return work(file, await file.cliConfigPath(config, env))
  }
  return {
    read: (flags) => at(flags, (file, path) => file.readCliConfig(path)),
    stored: (flags, name) => at(flags, (file, path) => file.readServerEntry(path, name)),
    save: (flags, entry, name) => at(flags, (file, path) => file.saveServerEntry(path, entry, name)),
    setTokens: (flags, name, tokens) => at(flags, (file, path) => file.saveTokens(path, name, tokens)),
    forget: (flags, name) => at(flags, (file, path) => file.removeSession(path, name)),
    delete: (flags, name) => at(flags, (file, path) => file.removeContext(path, name)),
    use: (flags, name) => at(flags, (file, path) => file.useCliContext(path, name)),
    setPrompts: (flags, isEnabled) => at(flags, (file, path) => file.savePrompts(path, isEnabled)),
  }
}

/** Loaded with the first of its questions. */
function kubeOnDemand(env: Env, signal: AbortSignal): KubeAccess {
  const load = async (): Promise<KubeAccess> => (await import('./cli-clusters.ts')).kubeAccess(env, signal)
  return {
    checkImage: async (flags, question) => (await load()).checkImage(flags, question),
    contexts: async (flags) => (await load()).contexts(flags),
    destination: async (flags) => (await load()).destination(flags),
    installManager: async (flags, options) => (await load()).installManager(flags, options),
    accountToken: async (flags, options) => (await load()).accountToken(flags, options),
    uninstallManager: async (flags) => (await load()).uninstallManager(flags),
    publicEndpoint: async (flags) => (await load()).publicEndpoint(flags),
    initialPassword: async (flags) => (await load()).initialPassword(flags),
  }
}

/** Asks people at a terminal; else takes the lines of standard input, as `echo y |` gives them. */
function createAsk(): CliContext['ask'] {
  let lines: Promise<string[]> | undefined
  return async (question, isSecret) => {
    if (process.stdin.isTTY) return isSecret ? askUnseen(question) : askSeen(question)
    lines ??= textOfStream(process.stdin).then((text) =>
      text.split('\n').slice(0, text.endsWith('\n') ? -1 : undefined),
    )
    const line = (await lines).shift()
    if (line === undefined || (line === '' && isSecret))
      throw new CapstanError('bad-input', `cannot ask ${JSON.stringify(question.trim())} without a terminal; give it as a flag`) // prettier-ignore
    return new Secret(line.replace(/\r$/, ''))
  }
}

async function askSeen(question: string): Promise<Secret> {
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
