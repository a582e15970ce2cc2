import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../base/clock.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Call } from '../../context.ts'
import { untilCached } from './cached.ts'

function object(resourceVersion: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Application', metadata: { name: 'web', namespace: 'argocd', resourceVersion } }
}

interface Cache {
  readonly call: Call
  readonly clock: ManualClock
  /** What the cache sees next. */
  see(resourceVersion: string): void
  readonly listeners: ReadonlySet<() => void>
}

function cacheWith(resourceVersion: string): Cache {
  let cached = object(resourceVersion)
  const listeners = new Set<() => void>()
  const clock = new ManualClock(0)
  const applications = {
    get: () => cached,
    onChange(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  // Only what is used of a call is there.
  const call = { context: { applications, clock }, signal: new AbortController().signal } as unknown as Call
  return {
    call,
    clock,
    listeners,
    see(next) {
      cached = object(next)
      for (const listener of listeners) listener()
    },
  }
}

test('gives back at once what the cache knows or has passed', async () => {
  const { call, listeners } = cacheWith('10')

  assert.equal((await untilCached(call, object('9'))).metadata.resourceVersion, '9')
  assert.equal(listeners.size, 0)
})

test('waits until the cache has caught up', async () => {
  const cache = cacheWith('9')

  const waiting = untilCached(cache.call, object('10'))
  cache.see('11')

  assert.equal((await waiting).metadata.resourceVersion, '10')
  assert.equal(cache.listeners.size, 0)
})

test('answers after two seconds where the cache stays behind', async () => {
  const cache = cacheWith('9')

  const waiting = untilCached(cache.call, object('10'))
  cache.clock.advance(2000)

  assert.equal((await waiting).metadata.resourceVersion, '10')
})
