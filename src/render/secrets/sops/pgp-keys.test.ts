// Data keys encrypted to PGP keys are opened by the system's gpg, which leaves nothing behind.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../../test/support/git.ts'
import { sopsYaml } from '../../../../test/support/sops-file.ts'
import { Secret } from '../../../base/secret.ts'
import { openSopsFile } from './open-file.ts'

test('[002-14] a file encrypted to a PGP key is opened with the key, not without', async (t) => {
  if (spawnSync('gpg', ['--version']).status !== 0) {
    t.skip('gpg absent')
    return
  }
  const home = join(temporaryFolder(t), 'gpg')
  mkdirSync(home, { mode: 0o700 })
  const gpg = (input: string | Uint8Array, ...words: readonly string[]): string =>
    execFileSync(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...words],
      { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] },
    )
  t.after(() => spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']))
  gpg('', '--quick-gen-key', 'test@example.com', 'rsa2048', 'encrypt', 'never')
  const privateKey = new Secret(gpg('', '--armor', '--export-secret-keys'))
  const encrypt = (key: Buffer): string =>
    gpg(key, '--armor', '--trust-model', 'always', '-r', 'test@example.com', '--encrypt')
  const wrap = (key: Buffer): object => ({
    pgp: [{ fp: 'ABCD', enc: encrypt(key), created_at: '2026-01-01T00:00:00Z' }],
  })
  const file = Buffer.from(await sopsYaml({ data: { a: 'hunter2' } }, { recipients: [], wrap }))

  const { held } = await openSopsFile('a.yaml', file, { identities: [], pgpKeys: [privateKey] })

  assert.deepEqual(
    [...held.values()].map((value) => value.reveal()),
    ['hunter2'],
  )
  await assert.rejects(openSopsFile('a.yaml', file, { identities: [], pgpKeys: [] }), {
    message: /encrypted to PGP ABCD/,
  })
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith('capstan-gpg-')),
    [],
  )
})
