import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ManualClock } from './clock.ts'
import { createLog } from './log.ts'
import { maskSecrets, Secret } from './secret.ts'

test('a secret never prints its text', () => {
  const secret = new Secret('hunter2')

  const printed = [String(secret), JSON.stringify({ secret }), inspect({ secret })]

  assert.ok(printed.every((text) => text.includes('***') && !text.includes('hunter2')))
  assert.equal(secret.reveal(), 'hunter2')
})

for (const format of ['json', 'text'] as const) {
  test(`a log line in ${format} carries time, level, fields and no secret`, () => {
    const lines: string[] = []
    const log = createLog({ clock: new ManualClock(0), level: 'info', format, write: (line) => lines.push(line) })

    log.debug('dropped')
    log.with({ app: 'a b' }).warn('apply failed', { error: new Error('no'), password: new Secret('hunter2') })

    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /1970-01-01T00:00:00\.000Z.*warn.*apply failed.*a b.*no.*\*\*\*/)
    assert.doesNotMatch(lines[0] ?? '', /hunter2/)
  })
}

test('masks secrets in foreign text, the longest first', () => {
  const masked = maskSecrets('token abcdef and abc', [new Secret('abc'), new Secret('abcdef'), new Secret('')])

  assert.equal(masked, 'token *** and ***')
})
