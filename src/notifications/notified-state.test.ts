import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAX_NOTIFIED, NotifiedState, stateKey } from './notified-state.ts'

const CONDITION = { trigger: 'on-x', key: '[0].hash', oncePer: '' }
const TO = { service: 'slack', recipient: 'c' }

describe('what was sent', () => {
  test('has upstream’s keys', () => {
    assert.equal(stateKey(CONDITION, TO), 'on-x:[0].hash:slack:c')
    assert.equal(stateKey({ ...CONDITION, oncePer: 'sha', namespace: 'team' }, TO), 'sha:team:on-x:[0].hash:slack:c')
  })

  test('is marked once, and again when the condition has not held meanwhile', () => {
    const state = new NotifiedState(undefined)

    assert.equal(state.mark(CONDITION, TO, 5000), true)
    assert.equal(state.mark(CONDITION, TO, 6000), false)
    assert.equal(state.annotation(), '{"on-x:[0].hash:slack:c":5}')
    state.release(CONDITION, TO)
    assert.equal(state.annotation(), undefined)
  })

  test('stays for each value of oncePer', () => {
    const state = new NotifiedState('{"sha1:on-x:[0].hash:slack:c":5}')
    const first = { ...CONDITION, oncePer: 'sha1' }

    state.release(first, TO)
    assert.equal(state.mark(first, TO, 9000), false)
    assert.equal(state.mark({ ...CONDITION, oncePer: 'sha2' }, TO, 9000), true)
  })

  test('is forgotten oldest first beyond a number', () => {
    const state = new NotifiedState(undefined)
    for (let index = 0; index <= MAX_NOTIFIED; index++) {
      state.mark({ ...CONDITION, oncePer: String(index) }, TO, index * 1000)
    }

    const kept = Object.keys(JSON.parse(state.annotation() ?? ''))
    assert.equal(kept.length, MAX_NOTIFIED)
    assert.equal(
      kept.some((key) => key.startsWith('0:')),
      false,
    )
  })

  for (const broken of ['', 'x', '[]', '{"a":"b"}', 'null']) {
    test(`reads ${JSON.stringify(broken)} as nothing`, () => {
      assert.equal(new NotifiedState(broken).annotation(), undefined)
    })
  }
})
