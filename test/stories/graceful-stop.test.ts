// A story of an end in the middle of a sync: nothing that hangs keeps the process, and the next one finishes the work.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap } from '../support/manifests.ts'

/** What a graceful stop may take. */
const STOP_MS = 5_000

test('an engine ends within 5 s though the API server hangs, and the next one goes on', async (t) => {
  const files = { 'web/one.json': configMap('one', 'a'), 'web/two.json': configMap('two', 'a') }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.stopEngine()
  const hung = Promise.withResolvers<void>()
  await cluster.startEngine((client) => hangingOn(client, 'two', hung.resolve))
  const syncPolicy = { automated: {}, syncOptions: ['CreateNamespace=true'] }
  await cluster.createApplication('web', { syncPolicy })
  await hung.promise

  const startMs = performance.now()
  await cluster.stopEngine()
  const tookMs = performance.now() - startMs
  await cluster.startEngine()

  assert.ok(tookMs < STOP_MS, `${tookMs} ms`)
  await cluster.untilSynced('web')
  assert.ok((await cluster.get('v1/ConfigMap', 'two', 'web')) !== undefined)
})

/** Writes of one object are never answered: they end only when they are given up. */
function hangingOn(client: KubeClient, name: string, onHung: () => void): KubeClient {
  return new Proxy(client, {
    get(target, verb: keyof KubeClient) {
      const method: unknown = target[verb]
      if (typeof method !== 'function') return method
      return (...args: readonly unknown[]) => {
        const isWrite = verb === 'create' || verb === 'patch'
        if (isWrite && JSON.stringify(args.slice(0, 2)).includes(`"name":"${name}"`)) {
          onHung()
          return untilGivenUp(args.at(-1))
        }
        const answer: unknown = Reflect.apply(method, target, args)
        return answer
      }
    },
  })
}

function untilGivenUp(options: unknown): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const signal = typeof options === 'object' && options !== null && 'signal' in options ? options.signal : undefined
  if (signal instanceof AbortSignal) signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}
