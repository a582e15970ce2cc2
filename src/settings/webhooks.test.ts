// Settings of webhooks, with defaults for what cannot be read.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { parseWebhookSettings, type WebhookSettings } from './webhooks.ts'

function read(
  data: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>> = {},
): WebhookSettings & { warnings: string[] } {
  const warnings: string[] = []
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data } as KubeObject
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'argocd-secret' }, stringData: secrets } as KubeObject // prettier-ignore
  const resolve = (text: string): string => {
    if (!text.startsWith('$')) return text
    if (text === '$hooks:github') return 'resolved'
    throw new Error('missing')
  }
  const settings = parseWebhookSettings({ configMap, secret, resolve, warn: (message) => void warnings.push(message) })
  return { ...settings, warnings }
}

describe('settings of webhooks', () => {
  test('have upstream defaults', () => {
    const { maxPayloadMegabytes, refreshJitterMs, refreshJitterThreshold, secrets, warnings } = read({})
    assert.deepEqual([maxPayloadMegabytes, refreshJitterMs, refreshJitterThreshold], [50, 0, 10])
    assert.deepEqual([secrets, warnings], [{}, []])
  })

  test('are read from argocd-cm, and references of secrets followed', () => {
    const settings = read(
      { 'webhook.maxPayloadSizeMB': '2', 'webhook.refresh.jitter': '30s', 'webhook.refresh.jitter.threshold': '0' },
      { 'webhook.github.secret': '$hooks:github', 'webhook.gitlab.secret': 'plain', 'webhook.gogs.secret': '$none' },
    )
    assert.deepEqual([settings.maxPayloadMegabytes, settings.refreshJitterMs, settings.refreshJitterThreshold], [2, 30_000, 0]) // prettier-ignore
    const { github, gitlab, gogs } = settings.secrets
    assert.deepEqual([github?.reveal(), gitlab?.reveal(), gogs?.reveal()], ['resolved', 'plain', '$none'])
    assert.equal(settings.warnings.length, 1)
  })

  for (const [key, value] of [
    ['webhook.maxPayloadSizeMB', 'many'],
    ['webhook.maxPayloadSizeMB', '0'],
    ['webhook.refresh.jitter', 'soon'],
    ['webhook.refresh.jitter.threshold', '-1'],
  ] as const) {
    test(`${key}: ${value} is warned of, and the default taken`, () => {
      const { maxPayloadMegabytes, refreshJitterMs, refreshJitterThreshold, warnings } = read({ [key]: value })
      assert.deepEqual([maxPayloadMegabytes, refreshJitterMs, refreshJitterThreshold], [50, 0, 10])
      assert.equal(warnings.length, 1)
    })
  }
})
