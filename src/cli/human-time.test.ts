// Times as people read them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goTime, humanTime, localTime } from './human-time.ts'
import { secondsOfDuration } from './token.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

test('tells how long ago a time was, in the words of go-humanize', () => {
  const cases: readonly (readonly [seconds: number, words: string])[] = [
    [0, 'now'],
    [-1, '1 second ago'],
    [-59, '59 seconds ago'],
    [-60, '1 minute ago'],
    [-3599, '59 minutes ago'],
    [-3600, '1 hour ago'],
    [-86_399, '23 hours ago'],
    [-86_400, '1 day ago'],
    [-8 * 86_400, '1 week ago'],
    [-40 * 86_400, '1 month ago'],
    [-400 * 86_400, '1 year ago'],
    [90, '1 minute from now'],
    [3 * 86_400, '3 days from now'],
  ]
  for (const [seconds, words] of cases) {
    assert.match(humanTime(NOW / 1000 + seconds, NOW), new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\S+ \\(${words}\\)$`))
  }
})

test('gives the same moment in the zone of the machine', () => {
  const text = localTime(NOW / 1000)

  assert.equal(Date.parse(text), NOW)
  assert.match(goTime('2026-01-31T12:00:00Z'), /^2026-0[12]-\d\d \d\d:\d\d:00 [+-]\d{4} \S+$/)
  assert.equal(goTime('soon'), 'soon')
})

test('reads how long a token is good', () => {
  assert.deepEqual(['0s', '90s', '30m', '12h', '7d'].map(secondsOfDuration), [0, 90, 1800, 43_200, 604_800])
  for (const wrong of ['', '5', '1hour', '-1h', '1.5h'])
    assert.throws(() => secondsOfDuration(wrong), /invalid since format/)
})
