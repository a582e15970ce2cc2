// Proves that the certificates we make are read and verified by OpenSSL through node:crypto and node:tls.
import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { connect, createServer } from 'node:tls'
import { once } from 'node:events'
import { test } from 'node:test'
import { createCertificate } from './x509.ts'
import type { CertificateRequest } from './x509.ts'

const NOT_BEFORE = new Date('2026-01-02T03:04:05Z')
const NOT_AFTER = new Date('2051-01-01T00:00:00Z')
const KEY_PAIRS = {
  ec: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: () => generateKeyPairSync('ed25519'),
} as const

function authority(keyPair: CertificateRequest['keyPair']): CertificateRequest {
  return {
    subject: { commonName: 'test-ca' },
    keyPair,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    isCa: true,
    usages: ['digitalSignature', 'keyEncipherment', 'certSign', 'serverAuth', 'clientAuth'],
  }
}

for (const kind of ['ec', 'rsa', 'ed25519'] as const) {
  test(`a ${kind} authority signs a leaf that verifies against it`, () => {
    const caKeys = KEY_PAIRS[kind]()
    const ca = createCertificate(authority(caKeys))
    const leafKeys = KEY_PAIRS.ec()
    const leaf = createCertificate({
      subject: { commonName: 'leaf', organizations: ['système'] },
      issuer: { certificate: ca, privateKey: caKeys.privateKey },
      keyPair: leafKeys,
      dnsNames: ['a.example', '*.b.example'],
      ipAddresses: ['127.0.0.1', '::1'],
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      isCa: false,
      usages: ['digitalSignature', 'serverAuth'],
      serialNumber: Buffer.from('00ff', 'hex'),
    })

    const parsed = new X509Certificate(leaf)
    const parent = new X509Certificate(ca)

    assert.equal(parsed.verify(caKeys.publicKey), true)
    assert.equal(parsed.checkIssued(parent), true)
    assert.equal(parent.ca, true)
    assert.equal(parsed.ca, false)
    assert.equal(parsed.serialNumber, 'FF')
    assert.equal(parsed.subject, 'O=système\nCN=leaf')
    assert.equal(
      parsed.subjectAltName,
      'DNS:a.example, DNS:*.b.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    )
    assert.deepEqual(parsed.keyUsage, ['1.3.6.1.5.5.7.3.1'])
    assert.equal(parsed.validFrom, 'Jan  2 03:04:05 2026 GMT')
    assert.equal(parsed.validTo, 'Jan  1 00:00:00 2051 GMT')
  })
}

test('a TLS client trusts a server whose certificate our authority signed', async (t) => {
  const caKeys = KEY_PAIRS.ec()
  const ca = createCertificate(authority(caKeys))
  const keyPair = KEY_PAIRS.rsa()
  const cert = createCertificate({
    ...authority(keyPair),
    subject: { commonName: 'server' },
    issuer: { certificate: ca, privateKey: caKeys.privateKey },
    isCa: false,
    usages: ['digitalSignature', 'keyEncipherment', 'serverAuth'],
    dnsNames: ['localhost'],
  })
  const key = keyPair.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const server = createServer({ key, cert }, (socket) => socket.end())
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')

  const socket = connect({ host: '127.0.0.1', port: address.port, ca, servername: 'localhost' })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')

  assert.equal(socket.authorized, true)
})

test('an address that is none is refused with its text', () => {
  const request = { ...authority(KEY_PAIRS.ec()), ipAddresses: ['256.1.1.1'] }

  assert.throws(() => createCertificate(request), /256\.1\.1\.1 is not an IP address/)
})
