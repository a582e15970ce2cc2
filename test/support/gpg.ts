// Real keys of gpg for tests: made in a home of their own, used to sign commits and tags.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export interface SigningKey {
  /** 16 hexadecimal digits. */
  readonly id: string
  readonly fingerprint: string
  /** The public key as it is now. */
  armoured(): string
  /** Signs a commit of everything in a work tree; gives its id. `gpgOptions` are those of signing alone. */
  commit(folder: string, message: string, gpgOptions?: readonly string[]): string
  /** Makes a signed annotated tag of HEAD. */
  tag(folder: string, name: string): void
  /** Revokes the key in its own home; a new export says so. */
  revoke(): void
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}

/** A key of long ago, which signs as of then. */
export interface Past {
  /** `20200101T000000`. */
  readonly at: string
  /** As gpg takes it: `1y`. */
  readonly expires: string
}

/** A home for keys; its agent ends after the test. Homes have short names, as sockets stand in them. */
export function openKeyHome(t: TestContext): { readonly makeKey: (name: string, past?: Past) => SigningKey } {
  const home = mkdtempSync(join(tmpdir(), 'cgpg-'))
  const run = (program: string, args: readonly string[], cwd = home): string =>
    execFileSync(program, args, {
      cwd,
      env: { ...process.env, ...IDENTITY, GNUPGHOME: home },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  const gpg = (...args: readonly string[]): string => run('gpg', ['--batch', '--no-tty', '--yes', ...args])
  t.after(() => {
    run('gpgconf', ['--kill', 'all'])
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  })

  return {
    makeKey(name, past) {
      const made = past === undefined ? [] : ['--faked-system-time', past.at]
      const user = `${name} <${name}@example.com>`
      gpg(...made, '--passphrase', '', '--quick-generate-key', user, 'ed25519', 'sign', past?.expires ?? 'never')
      const listed = gpg('--list-keys', '--with-colons', `=${user}`)
      const fingerprint = /^fpr:+(?<print>[0-9A-F]{40}):/m.exec(listed)?.groups?.['print'] ?? ''
      const git = (folder: string, args: readonly string[]): string =>
        run('git', ['-c', `user.signingkey=${fingerprint}`, ...args], folder)
      return {
        id: fingerprint.slice(-16),
        fingerprint,
        armoured: () => gpg('--armor', '--export', fingerprint),
        commit(folder, message, gpgOptions = []) {
          const program = join(home, 'sign')
          writeFileSync(program, `#!/bin/sh\nexec gpg ${[...made, ...gpgOptions].join(' ')} "$@"\n`, { mode: 0o700 })
          git(folder, ['add', '--all'])
          const commit = ['commit', '--quiet', '--allow-empty', '--gpg-sign', '--message', message]
          git(folder, ['-c', `gpg.program=${program}`, ...commit])
          return git(folder, ['rev-parse', 'HEAD'])
        },
        tag: (folder, tag) => void git(folder, ['tag', '--sign', '--message', tag, tag]),
        revoke() {
          // gpg keeps a certificate ready, made useless by a colon so that nobody imports it by mistake.
          const text = readFileSync(join(home, `openpgp-revocs.d/${fingerprint}.rev`), 'utf8')
          writeFileSync(join(home, 'revoke.asc'), text.replace(/^:---/m, '---'))
          gpg('--import', join(home, 'revoke.asc'))
        },
      }
    },
  }
}
