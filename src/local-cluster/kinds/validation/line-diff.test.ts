// Tests of differences line by line.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { valueDiff } from './line-diff.ts'

test('shows changes with three lines around, far ones apart', () => {
  const before = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, index]))
  const after = { ...before, k1: 'one', k18: 'x' }

  assert.equal(
    valueDiff(before, after),
    [
      '@@ -1,6 +1,6 @@\n {\n  "k0": 0,\n- "k1": 1,\n+ "k1": "one",\n  "k2": 2,\n  "k3": 3,\n  "k4": 4,\n',
      '@@ -17,6 +17,6 @@\n  "k15": 15,\n  "k16": 16,\n  "k17": 17,\n- "k18": 18,\n+ "k18": "x",\n  "k19": 19\n }\n',
    ].join(''),
  )
})

test('tells nothing of equal values, and what was added or left out', () => {
  assert.equal(valueDiff({ a: 1 }, { a: 1 }), '')
  assert.equal(valueDiff([1, 2], [1, 3, 2]), '@@ -1,4 +1,5 @@\n [\n  1,\n+ 3,\n  2\n ]\n')
})

test('shows all as replaced where a comparison would cost too much', () => {
  const before = Array.from({ length: 1100 }, (_, index) => `a${index}`)
  const text = valueDiff(before, before.toReversed())

  assert.equal(text.startsWith('@@ -1,1102 +1,1102 @@\n [\n- "a0",\n- "a1",'), true)
})
