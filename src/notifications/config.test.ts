import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseNotificationsConfig } from './config.ts'

function configOf(data: Readonly<Record<string, string>>, secrets: Readonly<Record<string, string>> = {}) {
  const encoded = Object.entries(secrets).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-notifications-cm' }, data }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data: Object.fromEntries(encoded) }
  return parseNotificationsConfig(map, secret, 'argocd')
}

describe('the configuration of notifications', () => {
  test('has triggers, templates, services, subscriptions, defaults and a context', () => {
    const config = configOf(
      {
        'trigger.on-sync-failed': '- when: app.x == 1\n  send: [a, b]\n  oncePer: app.y\n  description: d\n',
        'template.a': 'message: hello\nemail:\n  subject: s\n',
        'service.webhook.hook.': 'url: http://x',
        'service.slack': 'token: $slack-token',
        'service.webhook.one': 'url: http://x/$path/$missing\n',
        subscriptions: '- recipients: [slack:c]\n  triggers: [t]\n  selector: a=b\n',
        defaultTriggers: '[on-a]',
        'defaultTriggers.slack': '[on-b]',
        context: 'argocdUrl: https://x\nnumber: 1\n',
      },
      { 'slack-token': 'xoxb', path: 'p' },
    )

    assert.deepEqual(config.triggers.get('on-sync-failed'), [
      { when: 'app.x == 1', send: ['a', 'b'], oncePer: 'app.y', description: 'd' },
    ])
    assert.deepEqual(config.templates.get('a'), { message: 'hello', email: { subject: 's' } })
    assert.deepEqual(config.services.get('slack'), { type: 'slack', options: { token: 'xoxb' } })
    assert.deepEqual(config.services.get('one'), { type: 'webhook', options: { url: 'http://x/p/$missing' } })
    assert.deepEqual(config.subscriptions[0]?.recipients, ['slack:c'])
    assert.deepEqual(config.defaults, { triggers: ['on-a'], triggersOfService: { slack: ['on-b'] } })
    assert.deepEqual(config.context, { argocdUrl: 'https://x', number: '1' })
    assert.match(config.faults.get('service.webhook.hook.') ?? '', /invalid service key/)
  })

  test('keeps what can be read beside what cannot', () => {
    const config = configOf({
      'trigger.bad': 'when: x',
      'trigger.good': '- when: "true"',
      'template.bad': '- a',
      subscriptions: '- recipients: [x:y]\n  selector: "a=(("\n',
      context: '{',
    })

    assert.deepEqual([...config.faults.keys()].toSorted(), ['context', 'subscriptions', 'template.bad', 'trigger.bad'])
    assert.equal(config.triggers.get('good')?.[0]?.when, 'true')
    assert.deepEqual([config.subscriptions, config.context], [[], {}])
  })

  test('may be missing altogether', () => {
    const config = parseNotificationsConfig(undefined, undefined, 'argocd')

    assert.deepEqual([config.triggers.size, config.subscriptions.length, config.faults.size], [0, 0, 0])
  })
})
