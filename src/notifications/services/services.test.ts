import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { serviceFixture, type FixtureAnswer, type ServiceFixture } from '../../../test/support/service-fixture.ts'
import { LruCache } from '../../base/lru.ts'
import { Secret } from '../../base/secret.ts'
import { sendRequest } from '../http.ts'
import { PointlessDelivery } from '../notification.ts'
import type { Block, ServiceContext } from '../notification.ts'
import { createService } from './all.ts'

const NOW = Date.parse('2026-03-04T05:06:07Z')

function contextFor(t: TestContext): ServiceContext {
  const ended = new AbortController()
  t.after(() => ended.abort())
  const { signal } = ended
  const certificatesOf = (): undefined => undefined
  return {
    http: (question) => sendRequest(question, { signal, certificatesOf, environment: {} }),
    nowMs: () => NOW,
    pause: async () => {},
    uuid: () => 'some-id',
    githubToken: async ({ id, installationId }) => new Secret(`token-${id}-${installationId}`),
    environment: {},
    certificatesOf,
    memory: new LruCache({ maxSize: 10 }),
    signal,
  }
}

interface Case {
  readonly type: string
  readonly options: (url: string) => object
  readonly recipient?: string
  readonly blocks?: Readonly<Record<string, Block>>
  readonly answer?: FixtureAnswer
  /** Method, path and headers of the last question. */
  readonly line: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or the form's fields. */
  readonly body: unknown
}

const OK = { body: '{"ok":true,"success":true,"status":1}' }

const CASES: readonly Case[] = [
  {
    type: 'webhook',
    options: (url) => ({
      url: `${url}/`,
      headers: [{ name: 'X-A', value: 'b' }],
      basicAuth: { username: 'u', password: 'p' },
    }),
    blocks: { webhook: { webhook: { method: 'PUT', path: '/deep?q=1', body: '{"a":1}' } } },
    line: 'PUT /deep?q=1',
    headers: { 'x-a': 'b', authorization: 'Basic dTpw' },
    body: { a: 1 },
  },
  {
    type: 'telegram',
    options: (url) => ({ apiURL: url, token: '1:t' }),
    recipient: '-100|7',
    answer: OK,
    line: 'POST /bot1:t/sendMessage',
    body: { chat_id: -100, message_thread_id: 7, text: 'hello', parse_mode: 'Markdown' },
  },
  {
    type: 'mattermost',
    options: (url) => ({ apiURL: url, token: 't' }),
    blocks: { mattermost: { attachments: '[{"a":1}]' } },
    line: 'POST /api/v4/posts',
    headers: { authorization: 'Bearer t' },
    body: { channel_id: 'someone', message: 'hello', props: { attachments: [{ a: 1 }] } },
  },
  {
    type: 'opsgenie',
    options: (url) => ({ apiUrl: url, apiKeys: { someone: 'k' } }),
    blocks: {
      opsgenie: {
        description: 'd',
        priority: 'P1',
        tags: ['x'],
        details: { a: 'b' },
        visibleTo: [{ Id: '1', Type: 'team', Name: '' }],
      },
    },
    answer: { status: 202 },
    line: 'POST /v2/alerts',
    headers: { authorization: 'GenieKey k' },
    body: {
      message: 'hello',
      description: 'd',
      priority: 'P1',
      tags: ['x'],
      details: { a: 'b' },
      visibleTo: [{ id: '1', type: 'team' }],
      responders: [{ type: 'team', id: 'someone' }],
      source: 'Argo CD',
    },
  },
  {
    type: 'grafana',
    options: (url) => ({ apiUrl: `${url}/api`, apiKey: 'k' }),
    recipient: 'a|b',
    line: 'POST /api/annotations',
    headers: { authorization: 'Bearer k' },
    body: { time: NOW, isRegion: false, tags: ['a', 'b'], text: 'hello' },
  },
  {
    type: 'pagerduty',
    options: (url) => ({ apiURL: url, token: 't', from: 'me@x' }),
    blocks: { pagerduty: { title: 'T', body: 'B', urgency: 'high', priorityId: 'P1' } },
    answer: { status: 201 },
    line: 'POST /incidents',
    headers: { authorization: 'Token token=t', from: 'me@x' },
    body: {
      incident: {
        type: 'incident',
        title: 'T',
        service: { id: 'someone', type: 'service_reference' },
        priority: { id: 'P1', type: 'priority' },
        urgency: 'high',
        body: { type: 'incident_body', details: 'B' },
      },
    },
  },
  {
    type: 'pagerdutyv2',
    options: (url) => ({ apiURL: url, serviceKeys: { someone: 'k' } }),
    blocks: { pagerdutyv2: { summary: 's', severity: 'warning', source: 'x', class: '', url: 'http://y' } },
    answer: { status: 202 },
    line: 'POST /v2/enqueue',
    body: {
      routing_key: 'k',
      event_action: 'trigger',
      payload: { summary: 's', severity: 'warning', source: 'x' },
      client: 'ArgoCD',
      client_url: 'http://y',
    },
  },
  {
    type: 'alertmanager',
    options: (url) => ({ targets: [url.slice('http://'.length), '127.0.0.1:1'], bearerToken: 't' }),
    blocks: { alertmanager: { labels: { alertname: 'a' }, annotations: { b: 'c' }, generatorURL: 'git@h:o/r' } },
    line: 'POST /api/v2/alerts',
    headers: { authorization: 'Bearer t' },
    body: [
      {
        labels: { alertname: 'a' },
        annotations: { b: 'c' },
        generatorURL: 'https://h/o/r',
        startsAt: '2026-03-04T05:06:07.000Z',
      },
    ],
  },
  {
    type: 'newrelic',
    options: (url) => ({ apiURL: `${url}/`, apiKey: 'k' }),
    recipient: '12',
    blocks: { newrelic: { revision: 'r', changelog: 'c', user: 'u', description: '' } },
    line: 'POST /v2/applications/12/deployments.json',
    headers: { 'x-api-key': 'k' },
    body: { deployment: { revision: 'r', description: 'hello', changelog: 'c', user: 'u' } },
  },
  {
    type: 'googlechat',
    options: (url) => ({ webhooks: { someone: `${url}/v1?key=k` } }),
    blocks: { googlechat: { cardsV2: '- header: {title: T}', threadKey: 'thread 1' } },
    line: 'POST /v1?key=k&threadKey=thread+1&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
    body: { text: '', cardsV2: [{ cardId: 'some-id', card: { header: { title: 'T' } } }] },
  },
  {
    type: 'teams',
    options: (url) => ({ recipientUrls: { someone: `${url}/hook` } }),
    blocks: { teams: { title: 'T', facts: '[{"name":"a","value":"b"}]', sections: '[{"x":1}]', themeColor: '#000' } },
    answer: { body: '1' },
    line: 'POST /hook',
    body: {
      '@type': 'MessageCard',
      context: 'https://schema.org/extensions',
      title: 'T',
      summary: '',
      text: 'hello',
      themeColor: '#000',
      sections: [{ x: 1 }, { facts: [{ name: 'a', value: 'b' }] }],
    },
  },
  {
    type: 'teams-workflows',
    options: (url) => ({ recipientUrls: { someone: `${url}/powerautomate/x` } }),
    blocks: {
      'teams-workflows': {
        title: 'T',
        facts: '[{"name":"a","value":1}]',
        potentialAction: '[{"@type":"OpenUri","name":"open","targets":[{"os":"default","uri":"http://x"}]}]',
      },
    },
    answer: { status: 202, body: '' },
    line: 'POST /powerautomate/x',
    body: {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            version: '1.4',
            body: [
              { type: 'TextBlock', text: 'T', size: 'Large', weight: 'Bolder', wrap: true },
              { type: 'TextBlock', text: 'hello', wrap: true },
              { type: 'FactSet', facts: [{ title: 'a', value: '1' }] },
            ],
            actions: [{ type: 'Action.OpenUrl', title: 'open', url: 'http://x' }],
          },
        },
      ],
    },
  },
  {
    type: 'pushover',
    options: (url) => ({ apiURL: url, token: 't' }),
    answer: OK,
    line: 'POST /messages.json',
    body: { token: 't', user: 'someone', message: 'hello' },
  },
  {
    type: 'webex',
    options: (url) => ({ apiURL: url, token: 't' }),
    recipient: 'a@b.c',
    line: 'POST /v1/messages',
    headers: { authorization: 'Bearer t' },
    body: { toPersonEmail: 'a@b.c', markdown: 'hello' },
  },
  {
    type: 'rocketchat',
    options: (url) => ({ serverUrl: url, email: 'e', password: 'p', icon: ':x:', alias: 'al' }),
    recipient: '#c',
    answer: { body: '{"success":true,"data":{"authToken":"t","userId":"u"}}' },
    line: 'POST /api/v1/chat.postMessage',
    headers: { 'x-auth-token': 't', 'x-user-id': 'u' },
    body: { channel: '#c', text: 'hello', alias: 'al', emoji: ':x:' },
  },
  {
    type: 'slack',
    options: (url) => ({ apiURL: `${url}/api`, token: 't', username: 'me', icon: ':x:', disableUnfurl: true }),
    blocks: { slack: { attachments: '[{"a":1}]', blocks: '[{"b":2}]', username: '', icon: 'http://x/y.png' } },
    answer: OK,
    line: 'POST /api/chat.postMessage',
    headers: { authorization: 'Bearer t' },
    body: {
      text: 'hello',
      username: 'me',
      icon_url: 'http://x/y.png',
      attachments: '[{"a":1}]',
      blocks: '[{"b":2}]',
      unfurl_links: 'false',
      unfurl_media: 'false',
      channel: 'someone',
      token: 't',
    },
  },
  {
    type: 'awssqs',
    options: (url) => ({ endpointUrl: url, queue: 'q', region: 'eu-west-1', key: 'AK', secret: 'SK' }),
    recipient: '',
    blocks: { awssqs: { messageAttributes: { a: 'b' }, messageGroupId: '' } },
    answer: { body: '<GetQueueUrlResponse><QueueUrl>http://queue/1/q</QueueUrl></GetQueueUrlResponse>' },
    line: 'POST /',
    body: {
      Action: 'SendMessage',
      QueueUrl: 'http://queue/1/q',
      MessageBody: 'hello',
      DelaySeconds: '10',
      'MessageAttribute.1.Name': 'a',
      'MessageAttribute.1.Value.DataType': 'String',
      'MessageAttribute.1.Value.StringValue': 'b',
      Version: '2012-11-05',
    },
  },
]

function read(body: string): unknown {
  return /^[[{]/.test(body) ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))
}

function send(
  t: TestContext,
  { type, options, recipient = 'someone', blocks = {} }: Omit<Case, 'line' | 'body'>,
  to: ServiceFixture,
): Promise<void> {
  const service = createService(type, options(to.url))
  return service.send({ message: 'hello', blocks }, { service: type, recipient }, contextFor(t))
}

describe('a notification reaches', () => {
  for (const one of CASES) {
    test(one.type, async (t) => {
      const fixture = await serviceFixture(t, () => one.answer ?? {})

      await send(t, one, fixture)

      const last = fixture.asked.at(-1)
      assert.equal(`${last?.method} ${last?.path}`, one.line)
      for (const [name, value] of Object.entries(one.headers ?? {})) assert.equal(last?.headers[name], value)
      assert.deepEqual(read(last?.body ?? ''), one.body)
      if (one.type === 'awssqs')
        assert.match(String(last?.headers['authorization']), /Credential=AK\/\d{8}\/eu-west-1\/sqs/)
    })
  }

  test('GitHub as a status, a deployment, a comment and a check run', async (t) => {
    const fixture = await serviceFixture(t, ({ method, path }) => {
      if (path.endsWith('/pulls')) return { body: '[{"number":7}]' }
      if (method === 'GET') return { body: '[]' }
      return { status: 201, body: '{"id":42}' }
    })
    const blocks = {
      github: {
        repoURLPath: 'git@github.com:o/r.git',
        revisionPath: 'sha',
        status: { state: 'success', label: 'l', targetURL: 'http://x' },
        deployment: { state: 'success', environment: 'prod', environmentURL: 'http://e', requiredContexts: [] },
        pullRequestComment: { content: 'c', commentTag: 'tag' },
        checkRun: { name: 'n', conclusion: 'success' },
        repositoryDispatch: { event_type: 'e', client_payload: '{"a":1}' },
      },
    }
    const options = (url: string): object => ({
      appID: '1',
      installationID: 2,
      privateKey: 'k',
      enterpriseBaseURL: url,
    })

    await send(t, { type: 'github', options, blocks }, fixture)

    assert.deepEqual(
      fixture.asked.map(({ method, path }) => `${method} ${path.replace('/api/v3/repos/o/r', '')}`),
      [
        'POST /statuses/sha',
        'GET /deployments?ref=sha&environment=prod',
        'POST /deployments',
        'POST /deployments/42/statuses',
        'GET /commits/sha/pulls',
        'GET /issues/7/comments',
        'POST /issues/7/comments',
        'POST /check-runs',
        'POST /dispatches',
      ],
    )
    assert.equal(fixture.asked[0]?.headers['authorization'], 'Bearer token-1-2')
    const bodies = fixture.asked.map(({ body }) => (body === '' ? undefined : read(body)))
    assert.deepEqual(bodies[0], { state: 'success', target_url: 'http://x', description: 'hello', context: 'l' })
    assert.deepEqual(bodies[2], {
      ref: 'sha',
      environment: 'prod',
      required_contexts: [],
      auto_merge: true,
      transient_environment: false,
    })
    assert.deepEqual(bodies[6], { body: 'c\n<!-- argocd-notifications tag -->' })
    assert.deepEqual(bodies[8], { event_type: 'e', client_payload: { a: 1 } })
  })
})

describe('a service', () => {
  test('of webhooks asks again while that may help', async (t) => {
    const fixture = await serviceFixture(t, (_asked, count) => ({ status: count < 2 ? 503 : 200 }))

    await send(t, { type: 'webhook', options: (url) => ({ url }) }, fixture)

    assert.equal(fixture.asked.length, 3)
  })

  test('of webhooks gives up with what the server said', async (t) => {
    const fixture = await serviceFixture(t, () => ({ status: 500, body: 'broken' }))

    const sending = send(
      t,
      { type: 'webhook', options: (url) => ({ url: `${url}/x?token=secret`, retryMax: 1 }) },
      fixture,
    )

    await assert.rejects(sending, { message: `request to ${fixture.url}/x has failed with error code 500 : broken` })
    assert.equal(fixture.asked.length, 2)
  })

  test('takes no answer without end', async (t) => {
    const fixture = await serviceFixture(t, () => ({ body: 'x'.repeat(1_000_001) }))

    await assert.rejects(send(t, { type: 'webex', options: (url) => ({ apiURL: url }) }, fixture), /larger than/)
  })

  test('[002-15] of Slack waits where it is told to, and hangs further messages on the first', async (t) => {
    const fixture = await serviceFixture(t, (_asked, count) =>
      count === 0
        ? { status: 429, headers: { 'Retry-After': '1' } }
        : { body: '{"ok":true,"channel":"C1","ts":"12.3"}' },
    )
    const service = createService('slack', { apiURL: fixture.url, token: 't' })
    const context = contextFor(t)
    const message = (deliveryPolicy: string) => ({
      message: 'm',
      blocks: { slack: { groupingKey: 'g', deliveryPolicy, notifyBroadcast: true } },
    })
    const to = { service: 'slack', recipient: 'chan' }

    await service.send(message('Post'), to, context)
    await service.send(message('PostAndUpdate'), to, context)
    await service.send(message('Update'), to, context)

    const forms = fixture.asked.slice(1).map(({ path, body }) => {
      const {
        channel,
        ts,
        thread_ts: thread,
        reply_broadcast: broadcast,
      } = Object.fromEntries(new URLSearchParams(body))
      return [path, channel, ts, thread, broadcast]
    })
    assert.deepEqual(forms, [
      ['/chat.postMessage', 'chan', undefined, undefined, 'true'],
      ['/chat.postMessage', 'chan', undefined, '12.3', 'true'],
      ['/chat.update', 'C1', '12.3', undefined, undefined], // and again after its 429
      ['/chat.update', 'C1', '12.3', undefined, undefined],
      ['/chat.update', 'C1', '12.3', undefined, undefined],
    ])
  })

  const REFUSED: readonly (readonly [string, object, RegExp])[] = [
    ['slack', { body: '{"ok":false,"error":"channel_not_found"}' }, /channel_not_found/],
    ['telegram', { status: 400, body: '{"ok":false,"description":"Bad Request"}' }, /Bad Request/],
    ['teams', { body: 'Summary or Text is required.' }, /teams webhook post error: Summary/],
    ['googlechat', { body: '{"error":{"code":3,"status":"X","message":"m"}}' }, /code=3 status=X message=m/],
    ['pushover', { status: 400, body: '{"status":0,"errors":["user is invalid"]}' }, /user is invalid/],
    ['googlechat', { body: 'garbage' }, /no JSON: garbage/],
  ]
  for (const [type, answer, reason] of REFUSED) {
    test(`of ${type} tells ${reason.source}`, async (t) => {
      const fixture = await serviceFixture(t, () => answer)
      const options = (url: string): object => ({
        apiURL: url,
        recipientUrls: { someone: `${url}/secret` },
        webhooks: { someone: `${url}/secret` },
      })

      await assert.rejects(send(t, { type, options }, fixture), reason)
    })
  }

  test('hides addresses that are secrets', async (t) => {
    const fixture = await serviceFixture(t, () => ({ status: 200, body: 'x'.repeat(1_000_001) }))
    const options = (url: string): object => ({ recipientUrls: { someone: `${url}/powerautomate/secret` } })

    await assert.rejects(send(t, { type: 'teams-workflows', options }, fixture), (error: Error) => {
      assert.match(error.message, /larger than/)
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
  })

  test('that is not set up for a recipient says so', async (t) => {
    const fixture = await serviceFixture(t)

    for (const type of ['teams', 'opsgenie', 'googlechat', 'pagerdutyv2']) {
      await assert.rejects(send(t, { type, options: () => ({}) }, fixture), /configured for recipient someone/)
    }
    assert.throws(() => createService('pigeon', {}), { message: "service type 'pigeon' is not supported" })
  })

  test('of GitHub does not try what will never work', async (t) => {
    const fixture = await serviceFixture(t, () => ({ status: 422 }))
    const blocks = { github: { repoURLPath: 'https://x/o/r', revisionPath: 's', status: {} } }
    const options = (url: string): object => ({ appID: 1, enterpriseBaseURL: url })

    await assert.rejects(send(t, { type: 'github', options, blocks }, fixture), PointlessDelivery)
  })
})
