// Host keys, TLS certificates and PGP keys are kept, shown and taken away through the API.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createCertificate } from '../../src/base/x509.ts'
import { startStoryPlane } from '../support/control-plane.ts'

const CERTIFICATES = 'certificate.CertificateService'
const GPG = 'gpgkey.GPGKeyService'
/** Ours, for tests: the key of `example.com` in the form of known_hosts. */
const HOST_KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIG5vYm9keSBoYXMgdGhlIHByaXZhdGUga2V5IG9mIGl0'
const OTHER_KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIGFub3RoZXIga2V5IHRoYXQgbm9ib2R5IGhhcyAgICAg'
const PGP_KEYS = readFileSync(join(import.meta.dirname, '../../src/settings/pgp/testdata/two-keys.asc'), 'utf8')

interface List {
  readonly items: readonly Readonly<Record<string, string>>[]
}

test('[004-47] host keys and certificates are added, listed by their fingerprints and subjects, replaced on request, removed', async (t) => {
  const { api, live } = await startStoryPlane(t)
  const ssh = (certData: string): object => ({
    serverName: '[git.example.com]:2222',
    certType: 'ssh',
    certSubType: 'ssh-ed25519',
    certData: Buffer.from(certData).toString('base64'),
  })
  const cert = createCertificate({
    subject: { commonName: 'git.example.com', organizations: ['Example'] },
    keyPair: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2046-01-01T00:00:00Z'),
    isCa: false,
    usages: ['serverAuth'],
  })
  const tls = { serverName: 'git.example.com', certType: 'https', certData: Buffer.from(cert).toString('base64') }
  const create = (items: readonly object[], upsert = false): Promise<List> =>
    api.call(`${CERTIFICATES}/CreateCertificate`, { certificates: { items }, upsert })
  const list = (query: Readonly<Record<string, string>>): Promise<List> =>
    api.call(`${CERTIFICATES}/ListCertificates`, query)

  assert.equal((await create([ssh(HOST_KEY), tls])).items.length, 2)
  assert.equal((await create([ssh(HOST_KEY), tls])).items.length, 0)
  await assert.rejects(create([ssh(OTHER_KEY)]), {
    message: "key for '[git.example.com]:2222' (subtype: 'ssh-ed25519') already exists, and upsert was not specified",
  })
  const [replaced] = (await create([ssh(OTHER_KEY)], true)).items
  const [listed] = (await list({ hostNamePattern: '[git.*]:2222' })).items
  assert.equal(listed?.['certInfo'], `SHA256:${replaced?.['certInfo']}`)
  assert.match(listed?.['certInfo'] ?? '', /^SHA256:[A-Za-z0-9+/]{43}$/)
  const [certificate, ...more] = (await list({ certType: 'https', hostNamePattern: 'git.example.com' })).items
  assert.deepEqual(more, [])
  assert.deepEqual(certificate, {
    serverName: 'git.example.com',
    certType: 'https',
    certSubType: 'ecdsa',
    certInfo: 'CN=git.example.com,O=Example',
  })

  for (const [wrong, message] of [
    [{ ...ssh(HOST_KEY), serverName: 'git example' }, 'invalid hostname in request: git example'],
    [ssh('bm8ga2V5'), /^ssh: unknown key algorithm/],
    [{ ...tls, certData: 'aGVsbG8=' }, 'no valid PEM data received'],
    [{ ...tls, certType: 'ftp' }, 'unknown certificate type: ftp'],
  ] as const) {
    await assert.rejects(create([wrong]), { message })
  }

  const removed = await api.call<List>(`${CERTIFICATES}/DeleteCertificate`, { hostNamePattern: '*git.example.com*' })
  assert.equal(removed.items.length, 2)
  assert.deepEqual((await list({ hostNamePattern: '*git.example.com*' })).items, [])
  assert.equal(
    JSON.stringify(await live('v1', 'ConfigMap', 'argocd/argocd-tls-certs-cm')).includes('CERTIFICATE'),
    false,
  )
})

test('PGP keys are added, skipped where they are known, listed without their data, removed', async (t) => {
  const { api } = await startStoryPlane(t)
  const create = (keyData: string): Promise<{ readonly created: List; readonly skipped: readonly string[] }> =>
    api.call(`${GPG}/Create`, { publickey: { keyData } })

  const { created } = await create(PGP_KEYS)
  assert.deepEqual(
    created.items.map(({ keyID, subType }) => `${keyID} ${subType}`),
    ['70261A3196BBAD63 ed25519', '979BEF5177D042F7 rsa2048'],
  )
  assert.deepEqual((await create(PGP_KEYS)).skipped, ['70261A3196BBAD63', '979BEF5177D042F7'])
  const { items } = await api.call<List>(`${GPG}/List`, {})
  assert.deepEqual(
    items.map(({ owner, keyData, trust }) => ({ owner, keyData, trust })),
    [
      { owner: 'Capstan Test <test@example.com>', keyData: '', trust: 'unknown' },
      { owner: 'Other Key <other@example.com>', keyData: '', trust: 'unknown' },
    ],
  )
  const id = '979BEF5177D042F7'
  const key = await api.call<Record<string, string>>(`${GPG}/Get`, { keyID: id })
  assert.match(key['keyData'] ?? '', /^-----BEGIN PGP PUBLIC KEY BLOCK-----/)
  await api.call(`${GPG}/Delete`, { keyID: id })
  await assert.rejects(api.call(`${GPG}/Delete`, { keyID: id }), { message: `no such key configured: ${id}` })
  await assert.rejects(api.call(`${GPG}/Get`, { keyID: 'nonsense' }), {
    message: /'nonsense' is not a valid GnuPG key ID/,
  })
  await assert.rejects(create('nonsense'), { message: /^error validating PGP keys from input: the text holds no PGP/ })
})
