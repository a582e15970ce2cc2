// Schedules, from a table of texts and times.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCron } from '../../kinds/cron-schedule.ts'
import { nextRun } from './cron-times.ts'

const cases: readonly [string, string, string, string?][] = [
  ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
  ['*/15 * * * *', '2026-01-01T00:16:30Z', '2026-01-01T00:30:00Z'],
  ['5/20 * * * *', '2026-01-01T00:26:00Z', '2026-01-01T00:45:00Z'],
  ['0 9-17/4 * * mon-fri', '2026-01-03T12:00:00Z', '2026-01-05T09:00:00Z'],
  ['@daily', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ['30 8 * jan,JUL ?', '2026-02-01T00:00:00Z', '2026-07-01T08:30:00Z'],
  ['0 0 */2 * 1', '2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z'],
  ['0 0 */1 * 1', '2026-01-01T00:00:00Z', '2026-01-05T00:00:00Z'],
  ['@every 1h30m', '2026-01-01T00:10:00.250Z', '2026-01-01T01:40:00Z'],
  ['@every 10ms', '2026-01-01T00:10:00Z', '2026-01-01T00:10:01Z'],
  ['0 8 * * *', '2026-01-01T00:00:00Z', '2026-01-01T07:00:00Z', 'Europe/Berlin'],
  ['0 8 * * *', '2026-07-01T00:00:00Z', '2026-07-01T06:00:00Z', 'Europe/Berlin'],
]
for (const [schedule, after, expected, zone] of cases) {
  test(`${schedule} after ${after}${zone === undefined ? '' : ` in ${zone}`} comes at ${expected}`, () => {
    const next = nextRun(parseCron(schedule), Date.parse(after), zone)

    assert.equal(next, Date.parse(expected))
  })
}

test('a day that never is gives no time', () => {
  assert.equal(nextRun(parseCron('0 0 30 2 *'), Date.UTC(2026, 0, 1)), undefined)
})
