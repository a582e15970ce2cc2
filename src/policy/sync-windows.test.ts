import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SyncWindow } from '../crds/app-project.ts'
import type { Application } from '../crds/application.ts'
import { parseSchedule } from './cron.ts'
import { canSync, describeWindow, isActive, windowsFor } from './sync-windows.ts'

const noon = Date.UTC(2026, 0, 1, 12, 0) // a Thursday
const all = ['*']

function window(kind: 'allow' | 'deny', isOpen: boolean, more: SyncWindow = {}): SyncWindow {
  return { kind, schedule: isOpen ? '0 11 * * *' : '0 18 * * *', duration: '2h', applications: all, ...more }
}

describe('an active window', () => {
  const cases: readonly (readonly [schedule: string, duration: string, active: boolean, timeZone?: string])[] = [
    ['0 11 * * *', '2h', true],
    ['0 11 * * *', '1h', false],
    ['0 12 * * *', '1m', true],
    ['0 10 * * *', '1h59m', false],
    ['*/5 * * * *', '1m', true],
    ['0 0 * * thu', '24h', true],
    ['0 0 * * fri', '24h', false],
    ['0 0 * * 3', '48h', true],
    ['0 0 1 1 *', '24h', true],
    ['0 0 1 * fri', '24h', true],
    ['0 0 2-5 * *', '24h', false],
    ['0 20 * * *', '2h', false],
    ['0 20 * * *', '2h', true, 'Asia/Seoul'],
    ['30 17 * * *', '30m', true, 'Asia/Kolkata'],
    ['0 11 * * *', '2h', true, 'No/Where'],
    ['0 0 1 jan ?', '9000h', true],
    ['0 0 25 12 *', '240h', true],
  ]
  for (const [schedule, duration, active, timeZone] of cases) {
    test(`${schedule} for ${duration} ${timeZone ?? ''} is ${active ? 'open' : 'closed'} on Thursday noon`, () => {
      const open = isActive({ schedule, duration, ...(timeZone === undefined ? {} : { timeZone }) }, noon)

      assert.equal(open, active)
    })
  }
})

describe('the decision', () => {
  const manual = { manualSync: true }
  const overrun = { syncOverrun: true }
  const cases: readonly {
    readonly says: string
    readonly windows: readonly SyncWindow[]
    readonly auto: boolean
    readonly manual: boolean
  }[] = [
    { says: 'no window', windows: [], auto: true, manual: true },
    { says: 'an active deny', windows: [window('deny', true)], auto: false, manual: false },
    { says: 'an active deny with manual sync', windows: [window('deny', true, manual)], auto: false, manual: true },
    {
      says: 'two active denies, one with manual sync',
      windows: [window('deny', true, manual), window('deny', true)],
      auto: false,
      manual: false,
    },
    {
      says: 'an active deny beside an active allow',
      windows: [window('deny', true), window('allow', true)],
      auto: false,
      manual: false,
    },
    { says: 'an active allow', windows: [window('allow', true), window('allow', false)], auto: true, manual: true },
    { says: 'an inactive allow', windows: [window('allow', false)], auto: false, manual: false },
    {
      says: 'an inactive allow with manual sync',
      windows: [window('allow', false, manual)],
      auto: false,
      manual: true,
    },
    { says: 'an inactive deny', windows: [window('deny', false)], auto: true, manual: true },
    { says: 'an active deny that lets run on', windows: [window('deny', true, overrun)], auto: false, manual: false },
  ]
  for (const { says, windows, auto, manual: byHand } of cases) {
    test(`${says}: by itself ${auto}, by hand ${byHand}`, () => {
      assert.equal(canSync(windows, { nowMs: noon, isManual: false }), auto)
      assert.equal(canSync(windows, { nowMs: noon, isManual: true }), byHand)
    })
  }

  test('an operation that began while it was allowed runs on where every window lets it', () => {
    const early = { nowMs: noon, isManual: false, runningSinceMs: noon - 2 * 3_600_000 }
    const late = { ...early, runningSinceMs: noon - 60_000 }

    assert.equal(canSync([window('deny', true, overrun)], early), true)
    assert.equal(canSync([window('deny', true)], early), false)
    assert.equal(canSync([window('deny', true, overrun)], late), false)
  })
})

test('windows are found by application, cluster or namespace; by all of them with andOperator', () => {
  const application = {
    metadata: { name: 'web' },
    spec: { destination: { name: 'prod', namespace: 'shop' } },
  } as unknown as Application
  const windows: readonly SyncWindow[] = [
    { applications: ['w*'] },
    { clusters: ['prod'] },
    { namespaces: ['other'] },
    { applications: ['web'], namespaces: ['other'], andOperator: true },
    { applications: ['web'], namespaces: ['shop'], andOperator: true },
    {},
  ]

  const found = windowsFor(windows, application).map((held) => windows.indexOf(held))

  assert.deepEqual(found, [0, 1, 4])
})

test('a window that is wrong is described', () => {
  assert.deepEqual(describeWindow(window('allow', true)), [])
  assert.deepEqual(describeWindow({ schedule: '0 0 * *', duration: '1h', timeZone: 'X/Y' }), [
    `kind '' mismatch: can only be allow or deny`,
    `cannot parse schedule '0 0 * *': expected exactly 5 fields`,
    `time zone 'X/Y' is not known: UTC is used`,
    'requires one of application, cluster or namespace to be set',
  ])
  assert.throws(() => isActive({ schedule: '* * * * *', duration: 'long' }, noon), {
    message: `cannot parse duration 'long': write one such as 1h30m`,
  })
})

for (const schedule of [
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 7',
  '5-1 * * * *',
  '*/0 * * * *',
  '@daily',
  `${'1,'.repeat(200)}1 * * * *`,
]) {
  test(`the schedule ${schedule.slice(0, 20)} is refused`, () => {
    assert.throws(() => parseSchedule(schedule), { code: 'bad-input' })
  })
}
