// The small tools of the controllers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../base/clock.ts'
import { Expectations } from './expectations.ts'
import type { LabelSelector } from './model.ts'
import { withCondition } from './pod-state.ts'
import { labelSelectorOf, matchesLabels } from '../../../kube/selector.ts'

test('selectors select by labels and expressions', () => {
  const expression = (operator: string, values?: readonly string[]): LabelSelector => ({
    matchExpressions: [{ key: 'a', operator, ...(values === undefined ? {} : { values }) }],
  })
  const cases: readonly [LabelSelector | undefined, boolean, boolean][] = [
    [undefined, false, false],
    [{}, true, true],
    [{ matchLabels: { a: '1' } }, true, false],
    [expression('In', ['1', '2']), true, false],
    [expression('NotIn', ['1']), false, true],
    [expression('Exists'), true, false],
    [expression('DoesNotExist'), false, true],
    [{ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, false, false],
  ]
  for (const [selector, labelled, bare] of cases) {
    assert.deepEqual(
      [{ a: '1' }, {}].map((labels) => matchesLabels(labelSelectorOf(selector), labels)),
      [labelled, bare],
      JSON.stringify(selector),
    )
  }
})

test('expectations hold until all is seen, or for five minutes', () => {
  const clock = new ManualClock()
  const expectations = new Expectations(clock)

  expectations.expect('o', 1, ['x'])
  const before = expectations.isSatisfied('o')
  expectations.created('o')
  const half = expectations.isSatisfied('o')
  expectations.deleted('o', 'x')
  const after = expectations.isSatisfied('o')
  expectations.expect('o', 1)
  clock.advance(300_001)

  assert.deepEqual([before, half, after, expectations.isSatisfied('o')], [false, false, true, true])
})

test('a condition keeps the time of its last transition while its status stays', () => {
  const first = withCondition(undefined, { type: 'Ready', status: 'True' }, '1')
  const second = withCondition(first, { type: 'Ready', status: 'True', reason: 'Same' }, '2')
  const third = withCondition(second, { type: 'Ready', status: 'False' }, '3')

  assert.deepEqual(
    [second, third].map((conditions) => conditions.map((one) => one.lastTransitionTime)),
    [['1'], ['3']],
  )
})
