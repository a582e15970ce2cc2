// Several candidates, one Lease.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { KubeError, type KubeClient, type ResourceType } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import { runAsLeader } from './leader-election.ts'

interface Lease extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>
}

/** One Lease with optimistic locking. */
class LeaseServer {
  lease: Lease | undefined
  down = false
  #version = 0

  get client(): KubeClient {
    const scripted = {
      resourceOf: () => Promise.resolve({ resource: 'leases' }),
      get: () => (this.down ? Promise.reject(new Error('down')) : Promise.resolve(this.lease)),
      create: (_type: ResourceType, lease: Lease) => this.#write(lease, undefined),
      update: (_ref: unknown, lease: Lease) => this.#write(lease, lease.metadata.resourceVersion),
    }
    // The election calls these four alone.
    return scripted as unknown as KubeClient
  }

  #write(lease: Lease, version: string | undefined): Promise<Lease> {
    if (this.down) return Promise.reject(new Error('down'))
    if (this.lease?.metadata.resourceVersion !== version) return Promise.reject(new KubeError(409, 'Conflict', 'stale'))
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++this.#version) } }
    return Promise.resolve(this.lease)
  }
}

async function advance(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

interface Candidate {
  leading: boolean
  stop: () => void
  ended: Promise<void>
}

function candidate(server: LeaseServer, clock: ManualClock, identity: string): Candidate {
  const controller = new AbortController()
  const state: Candidate = { leading: false, stop: () => controller.abort(new Error('stop')), ended: Promise.resolve() }
  const { client } = server
  const lead = async (signal: AbortSignal): Promise<void> => {
    state.leading = true
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    state.leading = false
  }
  const options = { client, clock, log: silentLog, namespace: 'n', name: 'capstan', identity, lead }
  state.ended = runAsLeader({ ...options, signal: controller.signal })
  return state
}

describe('leader election', () => {
  test('one leads while the other waits, and follows at once when it leaves', async () => {
    const server = new LeaseServer()
    const clock = new ManualClock()
    const one = candidate(server, clock, 'one')
    await advance(clock, 5000)
    const two = candidate(server, clock, 'two')
    await advance(clock, 60_000)
    const during = [one.leading, two.leading]

    one.stop()
    await one.ended
    await advance(clock, 8000)
    const after = [one.leading, two.leading]
    two.stop()
    await two.ended

    assert.deepEqual(
      [during, after],
      [
        [true, false],
        [false, true],
      ],
    )
    assert.deepEqual([server.lease?.spec['holderIdentity'], server.lease?.spec['leaseTransitions']], ['', 1])
  })

  test('a leader that cannot renew gives up before another may lead', async () => {
    const server = new LeaseServer()
    const clock = new ManualClock()
    const one = candidate(server, clock, 'one')
    await advance(clock, 5000)

    server.down = true
    await advance(clock, 12_000)
    await one.ended

    assert.equal(one.leading, false)
    assert.match(String(server.lease?.spec['renewTime']), /^2026-01-01T00:00:0\d\.\d{6}Z$/)
  })

  test('a holder that fell silent is replaced once its lease has run out', async () => {
    const server = new LeaseServer()
    const clock = new ManualClock()
    const spec = { holderIdentity: 'dead', leaseDurationSeconds: 15, leaseTransitions: 3 }
    server.lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { resourceVersion: 'x' }, spec }
    const two = candidate(server, clock, 'two')
    await advance(clock, 14_000)
    const early = two.leading

    await advance(clock, 8000)
    const late = two.leading
    two.stop()
    await two.ended

    assert.deepEqual([early, late, server.lease?.spec['leaseTransitions']], [false, true, 4])
  })
})
