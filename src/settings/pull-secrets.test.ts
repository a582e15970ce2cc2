// What argocd-cm says about the propagation of pull secrets, its defaults and its errors.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isSwitchedOff, MAX_PATHS, parsePullSecretSettings, PULL_SECRETS_SWITCH } from './pull-secrets.ts'

function parse(data: Readonly<Record<string, string>>): ReturnType<typeof parsePullSecretSettings> {
  const named = Object.entries(data).map(([key, value]) => [`application.sync.imagePullSecrets.${key}`, value])
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data: Object.fromEntries(named) }
  return parsePullSecretSettings(map)
}

describe('the settings of propagation', () => {
  test('have defaults', () => {
    assert.deepEqual(parsePullSecretSettings(undefined), {
      isEnabled: true,
      serviceAccounts: 'default',
      openTo: [],
      paths: [],
      restartsPods: false,
      accountTimeoutMs: 10_000,
    })
  })

  test('[000-15] are read from argocd-cm', () => {
    const paths = '- {group: x.dev, kind: Job, path: spec.image}\n- {kind: Odd, path: "spec.parts[*]"}'
    const all = {
      enabled: 'false',
      serviceAccounts: ' a,b ',
      projects: 'x*, y',
      paths,
      restartPods: 'true',
      accountTimeout: '3s',
    }
    assert.deepEqual(parse(all), {
      isEnabled: false,
      serviceAccounts: 'a,b',
      openTo: ['x*', 'y'],
      paths: [
        { group: 'x.dev', kind: 'Job', path: 'spec.image' },
        { group: '', kind: 'Odd', path: 'spec.parts[*]' },
      ],
      restartsPods: true,
      accountTimeoutMs: 3000,
    })
  })

  for (const [name, data] of [
    ['a switch that is none', { enabled: 'maybe' }],
    ['paths that are no list', { paths: 'a: b' }],
    ['a path without a kind', { paths: '- path: x' }],
    ['too many paths', { paths: '- {kind: X, path: x}\n'.repeat(MAX_PATHS + 1) }],
  ] as const) {
    test(`refuse ${name}, naming the key`, () => {
      assert.throws(() => parse(data), /ConfigMap argocd-cm: key application\.sync\.imagePullSecrets\./)
    })
  }

  test('are overridden by an annotation, or a label', () => {
    assert.ok(isSwitchedOff({ metadata: { annotations: { [PULL_SECRETS_SWITCH]: 'disabled' } } }))
    assert.ok(isSwitchedOff({ metadata: { labels: { [PULL_SECRETS_SWITCH]: 'disabled' } } }))
    assert.ok(!isSwitchedOff({ metadata: { annotations: { [PULL_SECRETS_SWITCH]: 'enabled' } } }))
    assert.ok(!isSwitchedOff({ metadata: {} }))
  })
})
