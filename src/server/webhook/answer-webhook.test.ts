// The answers of POST /api/webhook, asked over HTTP.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { Secret } from '../../base/secret.ts'
import type { WebhookSettings } from '../../settings/webhooks.ts'
import type { WebhookEvent } from '../../source/webhooks/webhook-event.ts'
import { createWebhookAnswerer } from './answer-webhook.ts'

interface Scene {
  readonly url: string
  readonly offered: WebhookEvent[]
}

async function open(
  t: { after(end: () => unknown): void },
  settings: Partial<WebhookSettings> = {},
  hasRoom = true,
): Promise<Scene> {
  const offered: WebhookEvent[] = []
  const answer = createWebhookAnswerer({
    settings: () => ({ secrets: {}, maxPayloadMegabytes: 1, ...settings }),
    offer: (event) => {
      if (hasRoom) offered.push(event)
      return hasRoom
    },
    log: silentLog,
  })
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/webhook`, offered }
}

const push = JSON.stringify({ ref: 'refs/heads/main', repository: { html_url: 'https://github.com/acme/shop' } })
const github = { 'x-github-event': 'push' }

async function told(response: Response): Promise<readonly [number, string]> {
  return [response.status, await response.text()]
}

describe('POST /api/webhook', () => {
  test('queues an event', async (t) => {
    const { url, offered } = await open(t)
    const response = await fetch(url, { method: 'POST', headers: github, body: push })
    assert.deepEqual(await told(response), [200, ''])
    assert.equal(offered.length, 1)
  })

  test('answers a ping and queues nothing', async (t) => {
    const { url, offered } = await open(t)
    const response = await fetch(url, { method: 'POST', headers: { 'x-github-event': 'ping' }, body: '{}' })
    assert.deepEqual(await told(response), [200, ''])
    assert.deepEqual(offered, [])
  })

  const refusals: readonly (readonly [string, RequestInit, number, string])[] = [
    ['calls of nobody known', { method: 'POST', body: push }, 400, 'Unknown webhook event\n'],
    ['another method without headers', { method: 'GET' }, 400, 'Unknown webhook event\n'],
    ['another method', { method: 'GET', headers: github }, 405, 'Webhook processing failed\n'],
    ['an empty body', { method: 'POST', headers: github }, 400, 'Webhook processing failed: payload must be valid JSON under 1 MB\n'], // prettier-ignore
    ['what is not JSON', { method: 'POST', headers: github, body: '{' }, 400, 'Webhook processing failed\n'],
    ['events nobody reads', { method: 'POST', headers: { 'x-github-event': 'star' }, body: '{}' }, 400, 'Webhook processing failed\n'], // prettier-ignore
  ]
  for (const [name, init, status, text] of refusals) {
    test(`refuses ${name}`, async (t) => {
      const { url, offered } = await open(t)
      const response = await fetch(url, init)
      assert.deepEqual(await told(response), [status, text])
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
      assert.deepEqual(offered, [])
    })
  }

  test('refuses a wrong signature with 400, that of a registry with 401', async (t) => {
    const { url } = await open(t, { secrets: { github: new Secret('s') } })
    const signature = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }
    const forge = await fetch(url, { method: 'POST', headers: { ...github, ...signature }, body: push })
    assert.deepEqual(await told(forge), [400, 'Webhook processing failed\n'])
    const headers = { 'x-github-event': 'package', ...signature }
    assert.deepEqual(await told(await fetch(url, { method: 'POST', headers, body: push })), [401, 'Unauthorized\n'])
  })

  test('refuses a payload over the limit, whether its length is told or not', async (t) => {
    const { url } = await open(t)
    const text = 'Webhook processing failed: payload must be valid JSON under 1 MB\n'
    const long = `{"ref":"${'x'.repeat(1 << 20)}"}`
    const whole = await fetch(url, { method: 'POST', headers: github, body: long })
    assert.deepEqual(await told(whole), [400, text])
    const chunks = new Blob([long]).stream()
    const streamed = await fetch(url, { method: 'POST', headers: github, body: chunks, duplex: 'half' })
    assert.deepEqual(await told(streamed), [400, text])
  })

  test('says 503 where the queue is full', async (t) => {
    const { url } = await open(t, {}, false)
    const response = await fetch(url, { method: 'POST', headers: github, body: push })
    assert.deepEqual(await told(response), [503, 'Queue is full, discarding webhook payload\n'])
  })
})
