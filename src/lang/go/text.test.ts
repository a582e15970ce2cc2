// Proves that every byte survives in a string, and Go's lengths, order and cuts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byteLength, bytesOfText, compareText, runesOf, sliceBytes, textOfBytes } from './text.ts'

test('any bytes come back as they were', () => {
  for (const hex of [
    '',
    '61',
    'c3a9',
    'ff00',
    'c3',
    'a9c3',
    'f09f9880',
    'f09f98',
    'eda080',
    'e0808061',
    'c3a9ffc3a9',
  ]) {
    const bytes = Buffer.from(hex, 'hex')
    assert.equal(bytesOfText(textOfBytes(bytes)).toString('hex'), hex)
    assert.equal(byteLength(textOfBytes(bytes)), bytes.length)
  }
})

test('strings are cut between bytes', () => {
  assert.equal(sliceBytes('éa', 0, 2), 'é')
  assert.equal(bytesOfText(sliceBytes('é', 0, 1)).toString('hex'), 'c3')
})

test('strings are ordered by their bytes', () => {
  assert.ok(compareText('\ufffd', '😀') < 0)
  assert.ok(compareText('a', 'b') < 0)
  assert.equal(compareText('é', 'é'), 0)
})

test('a byte that is not UTF-8 is the replacement rune', () => {
  assert.deepEqual(runesOf(textOfBytes(Buffer.from('61ff', 'hex'))), [0x61, 0xff_fd])
})
