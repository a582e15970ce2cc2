// Proves Go's layouts and durations, written and read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, parseDuration } from './duration.ts'
import { formatTime, parseTime } from './layout.ts'

const MOMENT = { epochMs: Date.parse('2021-02-03T14:05:06.07Z'), zone: 'UTC' }
const FORMATS: readonly (readonly [string, string, string])[] = [
  [
    'Monday January _2 02 2 3:04PM .000 Jan Mon 06 1 -0700',
    'UTC',
    'Wednesday February  3 03 3 2:05PM .070 Feb Wed 21 2 +0000',
  ],
  ['2006-01-02T15:04:05.999Z07:00', 'UTC', '2021-02-03T14:05:06.07Z'],
  ['15:04 MST -07:00', 'America/New_York', '09:05 EST -05:00'],
  ['15:04 MST', 'Asia/Tokyo', '23:05 JST'],
  ['15:04 MST', 'Europe/Berlin', '15:05 CET'],
  ['002 __2 pm', 'UTC', '034  34 pm'],
]

test('times are written by layout and zone', () => {
  for (const [layout, zone, wanted] of FORMATS) assert.equal(formatTime({ ...MOMENT, zone }, layout), wanted, layout)
})

test('times are read by layout, and what does not fit is named', () => {
  const iso = '2006-01-02T15:04:05Z07:00'

  assert.equal(parseTime(iso, '2020-02-29T10:11:12+05:30', 'UTC').epochMs, Date.parse('2020-02-29T04:41:12Z'))
  assert.equal(parseTime('2006-01-02', '2020-07-01', 'Europe/Berlin').epochMs, Date.parse('2020-06-30T22:00:00Z'))
  assert.throws(() => parseTime('2006-01-02', 'bad', 'UTC'), {
    message: 'parsing time "bad" as "2006-01-02": cannot parse "bad" as "2006"',
  })
  assert.throws(() => parseTime('2006-01-02', '2021-13-01', 'UTC'), {
    message: 'parsing time "2021-13-01": month out of range',
  })
  assert.throws(() => parseTime('2006-01-02', '2021-02-29', 'UTC'), {
    message: 'parsing time "2021-02-29": day out of range',
  })
})

test('durations are written and read', () => {
  for (const text of ['1h30m0s', '-1.5s', '2ms', '15µs', '7ns', '0s'])
    assert.equal(formatDuration(parseDuration(text)), text)
  assert.throws(() => parseDuration('1d'), { message: 'time: unknown unit "d" in duration "1d"' })
  assert.throws(() => parseDuration('10'), { message: 'time: missing unit in duration "10"' })
  assert.throws(() => parseDuration(''), { message: 'time: invalid duration ""' })
})
