// How fast an autoscaler moves, driven by hand through time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScalingRules } from './model.ts'
import { decide, newHistory, rememberScale, type ScalingRequest } from './scaling-rules.ts'

function request(current: number, desired: number, more: Partial<ScalingRequest> = {}): ScalingRequest {
  return { current, desired, min: 1, max: 100, behavior: undefined, nowMs: 0, ...more }
}

const FAST: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 1000, periodSeconds: 15 }],
}

test('without behaviour holds size to its bounds and to twice as many', () => {
  const cases: readonly [ScalingRequest, number, string][] = [
    [request(3, 5), 5, 'DesiredWithinRange'],
    [request(3, 9), 6, 'ScaleUpLimit'],
    [request(1, 9), 4, 'ScaleUpLimit'],
    [request(3, 9, { max: 5 }), 5, 'TooManyReplicas'],
    [request(1, 1, { min: 2 }), 2, 'TooFewReplicas'],
  ]

  for (const [one, replicas, reason] of cases) {
    const decision = decide(newHistory(0, 0), one)
    assert.deepEqual([decision.replicas, decision.limitReason], [replicas, reason])
    assert.equal(decision.isLimited, reason !== 'DesiredWithinRange')
  }
})

test('shrinks only when nothing more was recommended for five minutes', () => {
  const history = newHistory(8, 0)

  const early = decide(history, request(8, 2, { nowMs: 299_000 }))
  const late = decide(history, request(8, 2, { nowMs: 301_000 }))

  assert.deepEqual([early.replicas, early.ableReason], [8, 'ScaleDownStabilized'])
  assert.deepEqual([late.replicas, late.ableReason], [2, 'ReadyForNewScale'])
})

test('follows its own windows up and down', () => {
  const behavior = { scaleUp: { ...FAST, stabilizationWindowSeconds: 60 }, scaleDown: FAST }
  const history = newHistory(2, 0)

  const held = decide(history, request(2, 6, { behavior, nowMs: 30_000 }))
  const free = decide(history, request(2, 6, { behavior, nowMs: 61_000 }))
  const down = decide(history, request(6, 3, { behavior, nowMs: 62_000 }))

  assert.deepEqual([held.replicas, held.ableReason], [2, 'ScaleUpStabilized'])
  assert.deepEqual([free.replicas, down.replicas], [6, 3])
})

test('counts what its policies allow from when their periods began', () => {
  const policies = [
    { type: 'Pods', value: 2, periodSeconds: 60 },
    { type: 'Percent', value: 50, periodSeconds: 60 },
  ]
  const rules = (selectPolicy: string): { scaleUp: ScalingRules; scaleDown: ScalingRules } => {
    const one = { stabilizationWindowSeconds: 0, selectPolicy, policies }
    return { scaleUp: one, scaleDown: one }
  }
  const cases: readonly [string, number, number, number, string][] = [
    ['Max', 10, 100, 15, 'ScaleUpLimit'],
    ['Min', 10, 100, 12, 'ScaleUpLimit'],
    ['Disabled', 10, 100, 10, 'ScaleUpLimit'],
    ['Max', 10, 1, 5, 'ScaleDownLimit'],
    ['Min', 10, 1, 8, 'ScaleDownLimit'],
    ['Disabled', 10, 1, 10, 'ScaleDownLimit'],
  ]

  for (const [policy, current, desired, replicas, reason] of cases) {
    const history = newHistory(current, 0)
    const one = request(current, desired, { behavior: rules(policy), nowMs: 1000 })
    const decision = decide(history, one)
    assert.deepEqual([decision.replicas, decision.limitReason], [replicas, reason], `${policy} ${desired}`)
  }
  const history = newHistory(10, 0)
  const first = request(10, 100, { behavior: rules('Max'), nowMs: 1000 })
  rememberScale(history, first, decide(history, first).replicas)
  const again = decide(history, request(15, 100, { behavior: rules('Max'), nowMs: 2000 }))
  const later = decide(history, request(15, 100, { behavior: rules('Max'), nowMs: 62_000 }))
  assert.deepEqual([again.replicas, later.replicas], [15, 23])
})
