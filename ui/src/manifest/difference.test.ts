// Tests which states of a resource are compared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differenceOf } from './difference.ts'

function shown(item: Parameters<typeof differenceOf>[0]): unknown {
  return differenceOf(item).hunks.flatMap(({ lines }) => lines.map(({ kind, text }) => `${kind} ${text}`))
}

test('compares the normalised live state with the predicted one', () => {
  const item = {
    liveState: '{"a":0,"noise":1}',
    normalizedLiveState: '{"a":1}',
    predictedLiveState: '{"a":2}',
    targetState: '{"a":3}',
  }

  assert.deepEqual(shown(item), ['removed a: 1', 'added a: 2'])
  assert.deepEqual(shown({ ...item, predictedLiveState: '{"a":1}' }), [])
})

test('what is to be created or pruned is shown whole', () => {
  assert.deepEqual(
    shown({ liveState: 'null', normalizedLiveState: 'null', predictedLiveState: 'null', targetState: '{"a":1}' }),
    ['added a: 1'],
  )
  assert.deepEqual(shown({ liveState: '{"a":1}', targetState: 'null', predictedLiveState: '{"a":1}' }), [
    'removed a: 1',
  ])
})
