import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseLabelSelector } from '../kube/selector.ts'
import { annotatedDestinations, globalDestinations, hasSubscriptions, mergeDestinations } from './destinations.ts'

const DEFAULTS = { triggers: ['on-a', 'on-b'], triggersOfService: { slack: ['on-c'] } }
const PREFIX = 'notifications.argoproj.io'
const LIST = `
- trigger: [on-x, on-y]
  destinations:
  - service: slack
    recipients: [one, two]
- trigger: []
  destinations:
  - service: email
    recipients: [a@b]
- trigger: [on-z]
`

function shown(destinations: ReturnType<typeof annotatedDestinations>): Record<string, string[]> {
  const entries = [...destinations].map(([name, all]) => [name, all.map((to) => `${to.service}:${to.recipient}`)])
  return Object.fromEntries(entries)
}

describe('destinations', () => {
  const CASES: readonly (readonly [string, string, Record<string, string[]>])[] = [
    ['subscribe.on-x.slack', 'one; two ;', { 'on-x': ['slack:one', 'slack:two'] }],
    ['subscribe.on-x.hook', '', { 'on-x': ['hook:'] }],
    ['subscribe.email', 'a', { 'on-a': ['email:a'], 'on-b': ['email:a'] }],
    ['subscribe.slack', 'c', { 'on-c': ['slack:c'] }],
    ['subscribe..slack', 'c', { 'on-c': ['slack:c'] }],
    ['subscriptions', '}{', {}],
    ['other', 'x', {}],
    [
      'subscriptions',
      LIST,
      {
        'on-x': ['slack:one', 'slack:two'],
        'on-y': ['slack:one', 'slack:two'],
        'on-a': ['email:a@b'],
        'on-b': ['email:a@b'],
      },
    ],
  ]
  for (const [key, value, wanted] of CASES) {
    test(`${key} = ${value.split('\n')[0]}`, () => {
      assert.deepEqual(shown(annotatedDestinations({ [`${PREFIX}/${key}`]: value }, DEFAULTS)), wanted)
    })
  }

  test('of the configuration go by label and default trigger', () => {
    const selector = parseLabelSelector('team=a')
    const one = { recipients: ['slack:c:rest', 'hook'], triggers: [], selector }

    assert.deepEqual(shown(globalDestinations([one], { team: 'a' }, DEFAULTS)), {
      'on-a': ['slack:c', 'hook:'],
      'on-b': ['slack:c', 'hook:'],
    })
    assert.deepEqual(shown(globalDestinations([one], { team: 'b' }, DEFAULTS)), {})
  })

  test('are told once each', () => {
    const one = annotatedDestinations({ [`${PREFIX}/subscribe.on-x.slack`]: 'a;b' }, DEFAULTS)

    assert.deepEqual(shown(mergeDestinations(one, one)), { 'on-x': ['slack:a', 'slack:b'] })
  })

  test('are seen at a glance', () => {
    assert.equal(hasSubscriptions({ [`${PREFIX}/subscribe.x`]: '' }), true)
    assert.equal(hasSubscriptions({ [`${PREFIX}/subscriptions`]: '' }), true)
    assert.equal(hasSubscriptions({ 'notified.notifications.argoproj.io': '{}' }), false)
    assert.equal(hasSubscriptions(undefined), false)
  })
})
