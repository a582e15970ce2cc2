import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { armorPublicKey } from './armor.ts'
import { MAX_PACKETS, readPublicKeys } from './public-keys.ts'

/** Two keys in one block, made by gpg 2.2 for these tests. */
const KEYS = readFileSync(join(import.meta.dirname, 'testdata/two-keys.asc'), 'utf8')

test('ids, fingerprints, owners and kinds of keys are those that gpg lists', () => {
  const keys = readPublicKeys(KEYS)

  assert.deepEqual(
    keys.map(({ keyID, fingerprint, owner, subType }) => ({ keyID, fingerprint, owner, subType })),
    [
      {
        keyID: '70261A3196BBAD63',
        fingerprint: '503FC7D068B838DBA6CDB72570261A3196BBAD63',
        owner: 'Capstan Test <test@example.com>',
        subType: 'ed25519',
      },
      {
        keyID: '979BEF5177D042F7',
        fingerprint: '3BD03A60E5E6CC0DEB5AADB7979BEF5177D042F7',
        owner: 'Other Key <other@example.com>',
        subType: 'rsa2048',
      },
    ],
  )
})

test('each key is armoured by itself, and reads as the same key', () => {
  for (const key of readPublicKeys(KEYS)) assert.deepEqual(readPublicKeys(key.keyData), [key])
})

const EMPTY_PACKET = Uint8Array.of(0x99, 0, 0)

for (const [what, text, message] of [
  ['no block', 'hello', /holds no PGP public key block/],
  ['a damaged block', KEYS.replace('mDMEawHn', 'mDMEawHm'), /block is damaged: copy it again/],
  ['a block cut off', armorPublicKey([Uint8Array.of(0x98, 0x33, 4)]), /ends in the middle of a packet/],
  ['a private key', armorPublicKey([Uint8Array.of(0x94, 1, 4)]), /holds a private key: export the public one/],
  ['something else', armorPublicKey([Uint8Array.of(1, 2, 3)]), /is no OpenPGP data/],
  [
    'too many packets',
    armorPublicKey(Array.from({ length: MAX_PACKETS + 1 }, () => EMPTY_PACKET)),
    /more than 50000 packets/,
  ],
  ['too much', 'x'.repeat(5 * 1024 * 1024 + 1), /longer than 5242880 bytes/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => readPublicKeys(text), { message })
  })
}
