// Lines of the log are one line each, whatever callers put into them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from './clock.ts'
import { createLog } from './log.ts'
import { Secret } from './secret.ts'

test('no value ends a line, forges a field, steers a terminal or shows a secret', () => {
  const hostile = 'web\r\nlevel=error msg="all is lost"\u2028\u2029\u0085\u009b31m\u001b[31m\u202e'
  for (const format of ['json', 'text'] as const) {
    const lines: string[] = []
    const log = createLog({ clock: new ManualClock(), level: 'info', format, write: (line) => lines.push(line) })
    log.info('change', { name: hostile, error: new Error(hostile), token: new Secret('hidden') })
    log.debug('below the level')
    assert.equal(lines.length, 1)
    const [line = ''] = lines
    assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}\u202e]|hidden/u)
    if (format === 'json') assert.deepEqual([JSON.parse(line).name, JSON.parse(line).error], [hostile, hostile])
    else assert.doesNotMatch(line, /(?<!\\)" msg=| level=error msg="/)
  }
})
