// What settings of the ApplicationSet controller mean together.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { applicationSetSettings } from './application-set-settings.ts'

const PREFIX = 'ARGOCD_APPLICATIONSET_CONTROLLER_'

function read(environment: Readonly<Record<string, string>>): {
  readonly isEnabled: boolean
  readonly reason: string | undefined
  readonly warnings: readonly string[]
} {
  const warnings: string[] = []
  const entries = Object.entries(environment).map(([name, value]) => [`${PREFIX}${name}`, value])
  const { scm } = applicationSetSettings(undefined, Object.fromEntries(entries), (text) => warnings.push(text))
  return { isEnabled: scm.isEnabled, reason: scm.disabledReason, warnings }
}

describe('generators that ask forges', () => {
  const on = { isEnabled: true, reason: undefined, warnings: [] }
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, object])[] = [
    ['on by default', {}, on],
    ['on with a list', { NAMESPACES: 'team-*', ALLOWED_SCM_PROVIDERS: 'https://ghe.example.com' }, on],
    ['off where that is said', { NAMESPACES: 'team-*', ENABLE_SCM_PROVIDERS: 'false' }, { ...on, isEnabled: false }],
  ]
  for (const [name, environment, expected] of cases) {
    test(`are ${name}`, () => assert.deepEqual(read(environment), expected))
  }

  test('are off where other namespaces have ApplicationSets and nothing says whom they may ask', () => {
    const { isEnabled, reason = '', warnings } = read({ NAMESPACES: 'team-*', ENABLE_SCM_PROVIDERS: 'true' })
    assert.equal(isEnabled, false)
    assert.match(reason, /applicationsetcontroller\.allowed\.scm\.providers must say which may be asked$/)
    assert.deepEqual(warnings, [`scm providers are disabled: ${reason}`])
  })
})
