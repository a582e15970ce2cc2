// Steps run in order until one says otherwise.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StepResult } from './outcome.ts'
import { runSteps } from './steps.ts'

test('runs until a step answers other than continue', async () => {
  const cases: readonly [readonly StepResult[], unknown, number][] = [
    [['continue', 'continue'], 'done', 2],
    [['continue', 'done', 'continue'], 'done', 2],
    [[{ retryAfterMs: 5 }, 'continue'], { retryAfterMs: 5 }, 1],
    [[], 'done', 0],
  ]
  for (const [results, expected, ran] of cases) {
    const scope: StepResult[] = []
    const steps = results.map((result) => async (seen: StepResult[]) => {
      seen.push(result)
      return result
    })

    assert.deepEqual(await runSteps(steps, scope), expected)
    assert.equal(scope.length, ran)
  }
})
