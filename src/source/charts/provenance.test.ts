// Provenance of charts: signatures checked by gpg, digests held against the archive.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../../test/support/git.ts'
import { MAX_PROVENANCE_BYTES, verifyProvenance } from './provenance.ts'

const DIGEST = 'a'.repeat(64)
const SIGNED = `apiVersion: v2\nname: app\nversion: 1.0.0\n\n...\nfiles:\n  app-1.0.0.tgz: sha256:${DIGEST}\n`

interface Signer {
  readonly keyring: string
  readonly provenance: string
}

/** A key of its own and a text signed with it; undefined where there is no gpg. */
function signer(t: TestContext): Signer | undefined {
  const home = temporaryFolder(t)
  chmodSync(home, 0o700)
  const gpg = (args: readonly string[], input = ''): ReturnType<typeof spawnSync> =>
    spawnSync('gpg', ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
      input,
    })
  if (gpg(['--quick-generate-key', 'Tests <tests@example.com>', 'ed25519', 'sign']).status !== 0) return undefined
  t.after(() => spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']))
  const keyring = join(home, 'public.gpg')
  gpg(['--output', keyring, '--export'])
  return { keyring, provenance: String(gpg(['--clearsign'], SIGNED).stdout) }
}

test('a signed text that names the digest is good; who signed it is told', async (t) => {
  const signed = signer(t)
  if (signed === undefined) return t.skip('gpg is not installed')

  const by = await verifyProvenance({ ...signed, fileName: 'app-1.0.0.tgz', digest: DIGEST })

  assert.equal(by, 'Tests <tests@example.com>')
})

test('another archive, another file, a changed text and an unknown key are refused', async (t) => {
  const signed = signer(t)
  const other = signer(t)
  if (signed === undefined || other === undefined) return t.skip('gpg is not installed')
  const check = { ...signed, fileName: 'app-1.0.0.tgz', digest: DIGEST }

  await assert.rejects(verifyProvenance({ ...check, digest: 'b'.repeat(64) }), /sha256 sum does not match/)
  await assert.rejects(verifyProvenance({ ...check, fileName: 'app-2.0.0.tgz' }), /does not contain a SHA for a file/)
  const changed = signed.provenance.replace('name: app', 'name: bad')
  await assert.rejects(verifyProvenance({ ...check, provenance: changed }), /BAD signature/)
  await assert.rejects(verifyProvenance({ ...check, keyring: other.keyring }), /not made by a known key/)
})

test('a provenance larger than it can be is refused', async () => {
  const check = { provenance: 'x'.repeat(MAX_PROVENANCE_BYTES + 1), fileName: 'a.tgz', digest: DIGEST }

  await assert.rejects(verifyProvenance(check), { code: 'limit' })
})
