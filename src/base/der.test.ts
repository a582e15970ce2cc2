// Proves lengths, integers, identifiers and times of the DER writer, and that it reads back what it wrote.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  derBitString,
  derInteger,
  derOctetString,
  derOid,
  derSequence,
  derSmallInteger,
  derText,
  derTime,
  readDerValues,
} from './der.ts'

const CASES: readonly (readonly [string, Buffer, string])[] = [
  ['zero', derSmallInteger(0), '020100'],
  ['an integer whose first bit is set', derInteger(Buffer.from([0, 0xff])), '020200ff'],
  ['a large integer', derSmallInteger(65_537), '0203010001'],
  ['an identifier with long parts', derOid('1.2.840.113549.1.1.11'), '06092a864886f70d01010b'],
  ['a bit string with unused bits', derBitString(Buffer.from([0xa0]), 5), '030205a0'],
  ['an ASCII text', derText('a b'), '1303612062'],
  ['another text', derText('é'), '0c02c3a9'],
  ['a time before 2050', derTime(new Date('2049-12-31T23:59:59Z')), '170d3439313233313233353935395a'],
  ['a time after 2049', derTime(new Date('2050-01-01T00:00:00Z')), '180f32303530303130313030303030305a'],
]

test('values are written as X.690 says', () => {
  for (const [title, actual, hex] of CASES) assert.equal(actual.toString('hex'), hex, title)
})

test('long values get long lengths and are read back', () => {
  const item = derOctetString(Buffer.alloc(300, 7))

  const [outer] = readDerValues(derSequence(item, item))
  const inner = readDerValues(outer?.content ?? Buffer.alloc(0))

  assert.equal(item.subarray(0, 4).toString('hex'), '0482012c')
  assert.equal(inner.length, 2)
  assert.deepEqual(inner[1]?.content, Buffer.alloc(300, 7))
})

test('a length past the end is an error, not a crash', () => {
  assert.throws(() => readDerValues(Buffer.from([0x30, 0x05, 0x00])), RangeError)
  assert.throws(() => readDerValues(Buffer.from([0x30])), RangeError)
})
