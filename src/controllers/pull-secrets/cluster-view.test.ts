import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { KubeClient, ResourceType } from '../../kube/client/client.ts'
import { pullSecretAuthor } from '../../pull-secrets/authorship.ts'
import { ClusterView, READY_TIMEOUT_MS } from './cluster-view.ts'

interface Scene {
  readonly clock: ManualClock
  readonly view: ClusterView
  /** Lets the cluster tell its kinds. */
  readonly discover: () => void
  readonly calls: string[]
}

/** A cluster that answers nothing until it is told to. */
function scene(): Scene {
  const clock = new ManualClock()
  const calls: string[] = []
  const discovery = Promise.withResolvers<ResourceType>()
  const client = {
    resourceOf: () => discovery.promise,
    list: (type: ResourceType) => {
      calls.push(`list ${type.resource}`)
      return Promise.reject(new Error('nothing is to be asked'))
    },
  }
  const view = new ClusterView({
    // As much of a client as is asked here.
    cluster: { server: '', client: client as unknown as KubeClient, namespaces: [] },
    author: () => pullSecretAuthor({ id: '', home: 'home', key: undefined }),
    clock,
    log: silentLog,
    onChange: () => undefined,
    onAccount: () => undefined,
    onLogin: () => undefined,
  })
  const type = { group: '', version: 'v1', kind: 'Secret', resource: 'secrets' } as ResourceType
  return { clock, view, discover: () => discovery.resolve(type), calls }
}

const { signal } = new AbortController()

describe('the view of a cluster that does not answer', () => {
  test('is waited for as long as is allowed, then told of, and tried again', async () => {
    const { clock, view } = scene()
    for (const attempt of [1, 2]) {
      const ready = assert.rejects(view.ready(signal), /does not answer within 10 seconds/, String(attempt))
      clock.advance(READY_TIMEOUT_MS)
      await ready
      assert.match(view.fault?.message ?? '', /does not answer/)
    }
    await view.stop()
  })

  test('stops without it, and follows nothing when it answers afterwards', async () => {
    const { view, discover, calls } = scene()
    const ready = assert.rejects(view.ready(signal), /not followed any more/)
    await view.stop()
    await ready
    discover()
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    assert.deepEqual(calls, [])
    await assert.rejects(view.ready(signal), /not followed any more/)
  })
})
