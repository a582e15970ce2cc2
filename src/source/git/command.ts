// Runs one git command: a clean environment, a deadline, bounded output, and errors without secrets.
import { spawn } from 'node:child_process'
import { CapstanError } from '../../base/errors.ts'
import { maskSecrets, type Secret } from '../../base/secret.ts'

/** A fetch of a large repository over a slow line still fits; upstream allows 90 s for its tools. */
export const GIT_TIMEOUT_MS = 90_000
/** Lists of refs are the largest output: about 70 bytes each, so this is some 900,000 refs. */
export const MAX_OUTPUT_BYTES: number = 64 << 20

export interface GitCommand {
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** What it reads; nothing by default. */
  readonly input?: Uint8Array
  readonly secrets?: readonly Secret[]
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A git command that ended with an error; `stderr` is masked. */
export class GitError extends CapstanError {
  readonly stderr: string

  constructor(stderr: string, options?: ErrorOptions) {
    super('unavailable', stderr.trim() || 'git failed without a message', options)
    this.name = 'GitError'
    this.stderr = stderr
  }
}

/** The environment of every git process: nothing of the user's own Git configuration, no prompt, messages in English. */
export function gitEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '/', SSL_CERT_FILE, SSL_CERT_DIR, HTTPS_PROXY, HTTP_PROXY, NO_PROXY } = process.env
  const inherited = { PATH, HOME, SSL_CERT_FILE, SSL_CERT_DIR, HTTPS_PROXY, HTTP_PROXY, NO_PROXY }
  return {
    ...Object.fromEntries(
      Object.entries(inherited).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    ...more,
  }
}

/** Runs git and gives what it printed. Throws `GitError` with its words, `timeout` past the deadline, `not-found` without git. */
export async function runGit(command: GitCommand): Promise<string> {
  const { signal, secrets = [], timeoutMs = GIT_TIMEOUT_MS } = command
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = spawn('git', command.args, {
    env: gitEnvironment(command.environment),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(signal === undefined ? {} : { signal }),
  })
  const chunks: Buffer[] = []
  let bytes = 0
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_OUTPUT_BYTES) child.kill('SIGKILL')
    else chunks.push(chunk)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-8192)
  })
  // One that ends before it has read all says why itself.
  child.stdin.on('error', () => {})
  child.stdin.end(command.input)
  child.on('error', (error) => reject(startError(error)))
  child.on('close', (code, killedBy) => {
    if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'))
    else if (bytes > MAX_OUTPUT_BYTES)
      reject(new CapstanError('limit', `git ${command.args[0] ?? ''} printed more than ${MAX_OUTPUT_BYTES} bytes`))
    else if (killedBy === 'SIGKILL')
      reject(new CapstanError('timeout', `git did not finish within ${timeoutMs / 1000} s`))
    else reject(new GitError(maskSecrets(stderr, secrets)))
  })
  return promise
}

/** Turns a failure to start git into advice. */
export function startError(error: Error): Error {
  const isMissing = 'code' in error && error.code === 'ENOENT'
  return isMissing
    ? new CapstanError('not-found', 'git was not found on the PATH; install git 2.39 or newer', { cause: error })
    : error
}
