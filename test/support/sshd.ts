// A real sshd on loopback in a folder of its own: one host key, one accepted key, Git's side of the connection.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './git.ts'
import { startProgram } from './processes.ts'
import { freePort } from './free-port.ts'

/** Where Debian and most others install it. */
const SSHD = '/usr/sbin/sshd'
/** sshd started by root refuses to run without it. */
const PRIVILEGE_SEPARATION = '/run/sshd'

export interface KeyPair {
  readonly privateKey: string
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string
  readonly file: string
}

export interface Sshd {
  /** The line of a known_hosts file. */
  readonly knownHost: string
  /** The address of a folder on this machine. */
  urlOf(folder: string): string
}

/** A new ed25519 key without a passphrase, as `ssh-keygen` makes deploy keys. */
export function newKey(folder: string, name: string): KeyPair {
  const file = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file])
  return { file, privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8').trim() }
}

/** Starts sshd on a free port; only `accepted` gets in, and finds programs in `path` where it is given. Ended with the test. */
export async function startSshd(t: TestContext, accepted: KeyPair, path?: string): Promise<Sshd> {
  const folder = temporaryFolder(t)
  const host = newKey(folder, 'host')
  const port = await freePort()
  writeFileSync(join(folder, 'authorized_keys'), `${accepted.publicKey}\n`, { mode: 0o600 })
  const config = join(folder, 'sshd_config')
  writeFileSync(config, settings(folder, host.file, port) + (path === undefined ? '' : `SetEnv PATH=${path}\n`))
  if (userInfo().uid === 0) mkdirSync(PRIVILEGE_SEPARATION, { recursive: true, mode: 0o755 })
  await startProgram(t, [SSHD, '-D', '-e', '-f', config], /Server listening on 127\.0\.0\.1/)
  return {
    knownHost: `[127.0.0.1]:${port} ${host.publicKey}`,
    urlOf: (path) => `ssh://${userInfo().username}@127.0.0.1:${port}${path}`,
  }
}

function settings(folder: string, hostKey: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    // The folder of a test stands below one that everybody may write to.
    'StrictModes no',
    'LogLevel INFO',
    '',
  ].join('\n')
}
