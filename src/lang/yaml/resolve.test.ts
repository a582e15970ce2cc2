// Types of plain scalars under both sets of rules.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTimestamp, resolvePlain } from './resolve.ts'
import { resolvePlainV3 } from './resolve-v3.ts'

test('yaml.v3 takes fewer words for booleans, and dates for timestamps', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['yes', 'str', 'yes'],
    ['n', 'str', 'n'],
    ['True', 'bool', true],
    ['0755', 'int', 493],
    ['1_000', 'int', 1000],
    ['1e3', 'float', 1000],
    ['18446744073709551615', 'int', 18446744073709551615n],
    ['123456789012345678901234567890', 'float', 1.2345678901234568e29],
    ['', 'null', null],
    ['<<', 'merge', '<<'],
    ['2001-12-14', 'timestamp', '2001-12-14T00:00:00Z'],
    ['2001-12-14t21:59:43.10-05:00', 'timestamp', '2001-12-14T21:59:43.1-05:00'],
    ['2001-2-30', 'str', '2001-2-30'],
    ['190:20:30', 'str', '190:20:30'],
  ]

  for (const [text, type, value] of cases) assert.deepEqual(resolvePlainV3(text), { type, value }, text)
})

test('go-yaml v2 keeps integers to 64 bits and refuses what is out of range', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['-9223372036854775809', -(2 ** 63)],
    ['+18446744073709551615', 18446744073709552000],
    ['1e400', '1e400'],
    ['0o8', '0o8'],
    ['08', 8],
    ['-', '-'],
    ['+', '+'],
    ['.', '.'],
    ['.1_000', 0.1],
    ['._1', '._1'],
  ]

  for (const [text, value] of cases) assert.equal(resolvePlain(text), value, text)
})

test('dates are checked as time.Parse does', () => {
  const dates = ['2001-1-1', '2024-02-29', '2001-12-14 21:59:43', '2001-12-14T21:59:43Z', '2001-12-14t1:2:3.5+01:00']
  const others = ['2001-13-1', '2023-02-29', '2001-1-32', '2001-12-14 25:00:00', '2001-12-14T21:59:43', '01-1-1']

  assert.deepEqual(
    dates.filter((text) => !isTimestamp(text)),
    [],
  )
  assert.deepEqual(others.filter(isTimestamp), [])
})
