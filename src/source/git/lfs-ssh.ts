// Where the LFS API of a repository over ssh is: the host says so by `git-lfs-authenticate` (git-lfs docs/api/server-discovery.md).
import { spawn } from 'node:child_process'
import { CapstanError } from '../../base/errors.ts'
import { maskSecrets } from '../../base/secret.ts'
import { type GitAccess, prepareAccess } from './access.ts'
import { gitEnvironment } from './command.ts'
import type { LfsEndpoint } from './lfs-endpoint.ts'

/** The answer is one small JSON object. */
const MAX_ANSWER_BYTES: number = 64 * 1024
const SSH_TIMEOUT_MS = 30_000

/** Asks the host. Throws `unavailable` with its words. */
export async function authenticateOverSsh(url: string, access: GitAccess, cacheFolder: string): Promise<LfsEndpoint> {
  const { destination, port, path } = partsOf(url)
  const prepared = await prepareAccess(url, access, cacheFolder)
  try {
    const answer = await run(
      [...(port === undefined ? [] : ['-p', port]), '--', destination, `git-lfs-authenticate ${quoted(path)} download`],
      prepared.environment,
    )
    return endpointOf(answer, url)
  } catch (error) {
    const text = error instanceof Error ? maskSecrets(error.message, prepared.secrets) : 'no answer'
    throw new CapstanError('unavailable', `git-lfs-authenticate: ${text}`, { cause: error })
  } finally {
    await prepared.release()
  }
}

function partsOf(url: string): { readonly destination: string; readonly port?: string; readonly path: string } {
  const scp = /^(?<destination>(?:[\w.-]+@)?[\w.-]+):(?!\/\/)(?<path>.+)$/.exec(url)?.groups
  if (scp !== undefined) return { destination: scp['destination'] ?? '', path: scp['path'] ?? '' }
  const { username, hostname, port, pathname } = new URL(url)
  const destination = username === '' ? hostname : `${decodeURIComponent(username)}@${hostname}`
  return { destination, path: decodeURIComponent(pathname), ...(port === '' ? {} : { port }) }
}

/** The host's shell reads it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** The command of ssh with its options is text for a shell, as git has it. */
function run(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = spawn('sh', ['-c', `${environment['GIT_SSH_COMMAND'] ?? 'ssh'} "$@"`, 'ssh', ...args], {
    env: gitEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SSH_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  let output = ''
  let words = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.length > MAX_ANSWER_BYTES) child.kill('SIGKILL')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2048)
  })
  child.on('error', reject)
  child.on('close', (code) => {
    if (code === 0) resolve(output)
    else reject(new Error(words.trim() || 'the host gave no answer'))
  })
  return promise
}

function endpointOf(answer: string, url: string): LfsEndpoint {
  let told: unknown
  try {
    told = JSON.parse(answer)
  } catch {
    throw new Error('the host sent no JSON')
  }
  const { href, header } = Object(told)
  if (typeof href !== 'string' || !/^https?:\/\//i.test(href)) throw new Error('the host named no address')
  const headers = Object.entries(Object(header)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  const isTrusted = URL.parse(href)?.hostname === hostOf(url)
  return { url: href.replace(/\/+$/, ''), headers: Object.fromEntries(headers), trust: {}, isTrusted }
}

function hostOf(url: string): string {
  return /^(?:ssh:\/\/)?(?:[^@/]*@)?(?<host>[^:/]+)/i.exec(url)?.groups?.['host'] ?? ''
}
