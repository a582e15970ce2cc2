// Proves which texts are IP addresses, and their bytes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIpAddress } from './ip-address.ts'

const CASES: readonly (readonly [string, string | undefined])[] = [
  ['10.0.0.1', '0a000001'],
  ['010.0.0.1', undefined],
  ['1.2.3', undefined],
  ['256.0.0.1', undefined],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['fe80::a:b', 'fe8000000000000000000000000a000b'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['1:2:3:4:5:6:7', undefined],
  ['1::2::3', undefined],
  ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  ['::12345', undefined],
  ['', undefined],
]

test('an IP address becomes its bytes, anything else nothing', () => {
  for (const [text, hex] of CASES) {
    const bytes = parseIpAddress(text)
    assert.equal(bytes === undefined ? undefined : Buffer.from(bytes).toString('hex'), hex, text)
  }
})
