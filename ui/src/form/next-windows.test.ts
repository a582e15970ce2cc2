// Tests what the page shows of sync windows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextSpans, weekOf, windowFaults } from './next-windows.ts'

const MONDAY = Date.parse('2026-11-23T00:00:00Z')

function shown(spans: ReturnType<typeof nextSpans>): readonly string[] {
  return spans.map(({ fromMs, toMs }) => `${new Date(fromMs).toISOString()} ${(toMs - fromMs) / 3_600_000} h`)
}

test('tells the next openings, the one that is open now first', () => {
  const window = { kind: 'allow', schedule: '0 22 * * 1-5', duration: '4h', applications: ['*'] } as const

  assert.deepEqual(shown(nextSpans(window, MONDAY + 3_600_000, 2)), [
    '2026-11-23T22:00:00.000Z 4 h',
    '2026-11-24T22:00:00.000Z 4 h',
  ])
  assert.deepEqual(shown(nextSpans(window, MONDAY + 23 * 3_600_000, 1)), ['2026-11-23T22:00:00.000Z 4 h'])
})

test('reads schedules in the zone of the window, and finds one of a day a year', () => {
  const window = { kind: 'deny', schedule: '0 9 1 1 *', duration: '30m', timeZone: 'Asia/Seoul' } as const

  assert.deepEqual(shown(nextSpans(window, MONDAY, 2)), ['2027-01-01T00:00:00.000Z 0.5 h'])
})

test('joins openings that touch', () => {
  const window = { kind: 'allow', schedule: '0 * * * *', duration: '1h' } as const

  assert.equal(nextSpans(window, MONDAY, 3).length, 1)
})

test('lays a week out by days, past midnight too', () => {
  const week = weekOf({ kind: 'allow', schedule: '0 18 * * 1', duration: '12h' }, MONDAY)

  assert.deepEqual(week.slice(0, 3), [[{ from: 0.75, to: 1 }], [{ from: 0, to: 0.25 }], []])
})

test('says what is wrong with a window and shows no times of it', () => {
  const window = { kind: 'allow', schedule: '61 * * * *', duration: '1h', applications: ['*'] } as const

  assert.match(windowFaults(window).join(), /minute '61' is not within 0-59/)
  assert.deepEqual(nextSpans(window, MONDAY, 3), [])
})
