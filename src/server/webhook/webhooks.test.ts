// Webhooks as they arrive: bounded, gathered, and each with its effect.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock, systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { Metrics } from '../../base/metrics.ts'
import type { ApplicationSet } from '../../crds/application-set.ts'
import type { Application } from '../../crds/application.ts'
import { MAX_NAMES, type PushEvent, type WebhookEvent } from '../../source/webhooks/webhook-event.ts'
import { KeyedCalls } from './keyed-calls.ts'
import { MAX_ROUND_EVENTS, PendingEvents } from './pending-events.ts'
import { countRepositories, createWebhookMetrics } from './webhook-metrics.ts'
import { Webhooks, type WebhooksOptions } from './webhooks.ts'

function push(repository: string, changedFiles?: readonly string[]): PushEvent {
  const webUrls = [`https://git.example.com/${repository}`]
  return { kind: 'push', webUrls, revisions: ['main'], touchedHead: true, changedFiles }
}

function application(name: string, repository: string, paths?: string): Application {
  const annotations = paths === undefined ? {} : { 'argocd.argoproj.io/manifest-generate-paths': paths }
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { namespace: 'argocd', name, annotations },
    spec: {
      project: 'default',
      destination: {},
      source: { repoURL: `https://git.example.com/${repository}`, path: name },
    },
  }
}

const applicationSet = {
  metadata: { namespace: 'argocd', name: 'set' },
  spec: { generators: [{ git: { repoURL: 'https://git.example.com/a', revision: '' } }] },
} as unknown as ApplicationSet // what matters of it

interface Scene {
  readonly webhooks: Webhooks
  readonly effects: string[]
  readonly metrics: Metrics
}

function open(t: { after(end: () => unknown): void }, over: Partial<WebhooksOptions> = {}): Scene {
  const effects: string[] = []
  const metrics = new Metrics()
  const note = async (text: string): Promise<void> => {
    effects.push(text)
  }
  const webhooks: Webhooks = new Webhooks({
    settings: () => ({ refreshJitterMs: 0, refreshJitterThreshold: 10 }),
    applications: () => [application('one', 'a'), application('two', 'a', '.'), application('three', 'b')],
    applicationSets: () => [applicationSet],
    effects: {
      sourceMoved: ({ repoURL }) => note(`moved ${repoURL}`),
      refreshApplication: ({ name }) => note(`refresh ${name}`),
      refreshApplicationSet: ({ name }) => note(`set ${name}`),
    },
    metrics: createWebhookMetrics(metrics, () => webhooks.waiting),
    clock: systemClock,
    random: () => 0.5,
    log: silentLog,
    ...over,
  })
  t.after(() => webhooks.close())
  return { webhooks, effects, metrics }
}

describe('webhooks', () => {
  test('reach sources, applications that name their paths, and ApplicationSets', async (t) => {
    const { webhooks, effects, metrics } = open(t)

    assert.ok(webhooks.offer(push('a', ['two/values.yaml'])))
    await webhooks.idle()

    assert.deepEqual(effects, ['moved https://git.example.com/a', 'refresh two', 'set set'])
    assert.match(metrics.text(), /argocd_webhook_requests_total\{repo="https:\/\/git\.example\.com\/a"\} 1\n/)
    assert.match(metrics.text(), /argocd_webhook_handlers_in_flight 0\n/)
  })

  test('that come together have one effect', async (t) => {
    const { webhooks, effects } = open(t)

    for (let index = 0; index < 1_000; index++) assert.ok(webhooks.offer(push('b', [`file-${index}`])))
    await webhooks.idle()

    assert.deepEqual(effects, ['moved https://git.example.com/b'])
  })

  test('go on after an effect has failed', async (t) => {
    const effects: string[] = []
    const { webhooks } = open(t, {
      effects: {
        sourceMoved: async ({ repoURL }) => {
          effects.push(repoURL)
          throw new Error('no route')
        },
        refreshApplication: async () => undefined,
        refreshApplicationSet: async () => undefined,
      },
    })

    webhooks.offer(push('a'))
    await webhooks.idle()
    webhooks.offer(push('b'))
    await webhooks.idle()

    assert.deepEqual(effects, ['https://git.example.com/a', 'https://git.example.com/b'])
  })

  test('are worked off though they come in the very moment the last ones are done', async (t) => {
    for (let moment = 0; moment < 12; moment++) {
      const clock = new ManualClock(0)
      const { webhooks, effects } = open(t, { clock, applicationSets: () => [] })
      const settle = async (): Promise<void> => {
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => void setImmediate(resolve))
      }

      webhooks.offer(push('a'))
      await settle()
      clock.advance(100)
      for (let turn = 0; turn < moment; turn++) await Promise.resolve()
      webhooks.offer(push('b'))
      await settle()
      clock.advance(100)
      await settle()

      assert.deepEqual(
        effects,
        ['moved https://git.example.com/a', 'moved https://git.example.com/b'],
        `turn ${moment}`,
      )
    }
  })

  test('refresh beyond the threshold at times of their own', async (t) => {
    const clock = new ManualClock(0)
    const asked: string[] = []
    const applications = ['one', 'two', 'three'].map((name) => application(name, 'a', '/'))
    const { webhooks } = open(t, {
      clock,
      applications: () => applications,
      applicationSets: () => [],
      settings: () => ({ refreshJitterMs: 1_000, refreshJitterThreshold: 2 }),
      effects: {
        sourceMoved: async () => undefined,
        refreshApplication: async ({ name }) => void asked.push(name),
        refreshApplicationSet: async () => undefined,
      },
    })

    webhooks.offer(push('a', ['x']))
    while (asked.length < 2) await new Promise((resolve) => void setImmediate(resolve))
    assert.deepEqual(asked, ['one', 'two'])
    clock.advance(500)
    await webhooks.idle()

    assert.deepEqual(asked, ['one', 'two', 'three'])
  })

  test('are taken no more once closed', async (t) => {
    const { webhooks } = open(t)
    await webhooks.close()
    assert.equal(webhooks.offer(push('a')), false)
  })
})

describe('events that wait', () => {
  test('are one where they differ in files alone, and all files where one does not tell them', () => {
    const pending = new PendingEvents()
    pending.add(push('a', ['x', 'y']))
    pending.add(push('a', ['y', 'z']))
    pending.add(push('b', ['x']))
    pending.add(push('b'))

    assert.deepEqual(pending.take(), [push('a', ['x', 'y', 'z']), push('b')])
    assert.deepEqual(pending.take(), [])
  })

  test('are worked off in rounds of so many events and names, and give back what they took', () => {
    const pending = new PendingEvents({ bytes: 400_000 })
    for (let index = 0; index < MAX_ROUND_EVENTS + 1; index++) assert.ok(pending.add(push(`r${index}`)))
    assert.equal(pending.take().length, MAX_ROUND_EVENTS)
    assert.deepEqual(pending.take(), [push(`r${MAX_ROUND_EVENTS}`)])

    const webUrls = Array.from({ length: MAX_NAMES - 1 }, (_, index) => `https://git.example.com/${index}`)
    const large = ['a', 'b', 'c'].map((name): WebhookEvent => ({ ...push('x'), webUrls, revisions: [name] }))
    for (let round = 0; round < 5; round++) {
      assert.ok(large.every((event) => pending.add(event)))
      assert.deepEqual([pending.take(), pending.take(), pending.take()], [large.slice(0, 1), large.slice(1, 2), large.slice(2)]) // prettier-ignore
      assert.equal(pending.size, 0)
    }
  })

  test('count as having changed everything where together they list too many files', () => {
    const pending = new PendingEvents()
    const files = (first: string): readonly string[] => Array.from({ length: 15_000 }, (_, index) => `${first}${index}`)
    pending.add(push('a', files('x')))
    pending.add(push('a', files('y')))
    assert.deepEqual(pending.take(), [push('a')])
  })

  test('find no room beyond so many, but for those that wait already', () => {
    const pending = new PendingEvents({ events: 2 })
    assert.deepEqual([push('a'), push('b'), push('c'), push('a')].map((event) => pending.add(event)), [true, true, false, true]) // prettier-ignore
    assert.equal(pending.size, 2)
  })

  test('lose their files where those need more memory than there is, then find no room', () => {
    const pending = new PendingEvents({ bytes: 350 })
    assert.ok(pending.add(push('a', ['x'.repeat(100)])))
    assert.ok(pending.add(push('b', ['x'.repeat(400)])))
    assert.equal(pending.add(push('c')), false)
    assert.deepEqual(pending.take(), [push('a', ['x'.repeat(100)]), push('b')])
    assert.ok(pending.add(push('c')))
  })
})

test('calls of one key never overlap, and are made once more for all that came meanwhile', async () => {
  const made: string[] = []
  let running = 0
  let most = 0
  const gates: (() => void)[] = []
  const call = async (item: string): Promise<void> => {
    most = Math.max(most, ++running)
    made.push(item)
    await new Promise<void>((resolve) => gates.push(resolve))
    running--
  }
  const calls = new KeyedCalls<string>({ limit: 2, restMs: 0, clock: systemClock, call })

  for (const item of ['a1', 'b1', 'c1']) calls.ask(item.slice(0, 1), item)
  for (const item of ['a2', 'a3']) calls.ask('a', item)
  assert.deepEqual(made, ['a1', 'b1'])
  assert.equal(calls.size, 3)
  while (calls.size > 0) {
    gates.shift()?.()
    await new Promise((resolve) => void setImmediate(resolve))
  }

  assert.deepEqual(made, ['a1', 'b1', 'c1', 'a3'])
  assert.equal(most, 2)
})

test('calls of one key rest between; what waits then is given up at the end', async () => {
  const clock = new ManualClock(0)
  const made: string[] = []
  const call = async (item: string): Promise<void> => void made.push(item)
  const calls = new KeyedCalls<string>({ limit: 2, restMs: 1_000, clock, call })
  const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

  calls.ask('a', 'a1')
  await calls.idle()
  for (const item of ['a2', 'a3', 'b1']) calls.ask(item.slice(0, 1), item)
  await settled()
  assert.deepEqual(made, ['a1', 'b1'])
  clock.advance(1_000)
  await calls.idle()
  assert.deepEqual(made, ['a1', 'b1', 'a3'])

  calls.ask('a', 'a4')
  const idle = calls.idle()
  await calls.close()
  await idle
  clock.advance(1_000)
  calls.ask('a', 'a5')
  await settled()
  assert.deepEqual(made, ['a1', 'b1', 'a3'])
})

test('repositories beyond so many are counted as others', () => {
  const count = countRepositories(2)
  assert.deepEqual(count(['a', 'b', 'c', 'a']), ['a', 'b', 'others', 'a'])
})
