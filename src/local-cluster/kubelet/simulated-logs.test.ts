// Log lines that an annotation asks for.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { podScene, printed } from '../../../test/support/pod-scene.ts'

describe('log lines of an annotation', () => {
  test('come one at a time, again and again, at their interval', async () => {
    const annotations = { 'capstan.dev/logs': 'a\nb', 'capstan.dev/log-interval': '1s' }
    const { run, pass } = podScene({}, { annotations })
    await pass(20)

    for (let second = 0; second < 3; second++) await pass(1_000)

    assert.equal(printed(run), 'a\nb\na\nb\n')
  })
})
