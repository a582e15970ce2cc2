// PGP keys: data keys are decrypted by the system's gpg, in a key ring of its own that exists for one decryption.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../../../base/secret.ts'

/** Gpg starts an agent and reads a key; much more than this means it waits for somebody. */
const TIMEOUT_MS = 20_000
/** A data key as an OpenPGP message is under a kilobyte. */
const MAX_OUTPUT = 64 * 1024

/** What an armored message holds; undefined where no key fits. Throws the system's error where there is no gpg. */
export async function openPgpMessage(
  message: string,
  keys: readonly Secret[],
  timeoutMs: number = TIMEOUT_MS,
): Promise<Buffer | undefined> {
  if (keys.length === 0) return undefined
  const home = await mkdtemp(join(tmpdir(), 'capstan-gpg-'))
  try {
    for (const key of keys) await gpg({ home, timeoutMs }, ['--import'], key.reveal())
    return await gpg({ home, timeoutMs }, ['--pinentry-mode', 'loopback', '--passphrase', '', '--decrypt'], message)
  } finally {
    await endAgent(home)
    await rm(home, { recursive: true, force: true })
  }
}

/** Nothing of this process' environment is passed on but where programs are. */
function environment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, GNUPGHOME: home, LC_ALL: 'C' }
}

/** Keys and messages go through standard input: arguments are seen by every user of the machine. */
async function gpg(
  { home, timeoutMs }: { readonly home: string; readonly timeoutMs: number },
  words: readonly string[],
  input: string,
): Promise<Buffer | undefined> {
  const child = spawn('gpg', ['--homedir', home, '--batch', '--no-tty', '--quiet', ...words], {
    env: environment(home),
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>()
  const chunks: Buffer[] = []
  let size = 0
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= MAX_OUTPUT) chunks.push(chunk)
    else child.kill('SIGKILL')
  })
  child.on('error', reject)
  child.on('close', (code) => resolve(code === 0 ? Buffer.concat(chunks) : undefined))
  child.stdin.on('error', () => undefined) // gpg may end before it has read everything; its exit code tells
  child.stdin.end(input)
  return promise
}

async function endAgent(home: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  execFile('gpgconf', ['--homedir', home, '--kill', 'all'], { env: environment(home), timeout: TIMEOUT_MS }, () =>
    resolve(),
  )
  await promise
}
