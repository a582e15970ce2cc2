// When requests are sent again, and when they are given up, over a scripted transport.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configMaps, drive, failure, json, scripted } from '../../../test/support/scripted-transport.ts'
import { ManualClock } from '../../base/clock.ts'
import { createClient } from './create-client.ts'
import { MAX_RETRIES, MAX_RETRY_AFTER_MS } from './requests.ts'
import type { ApiResponse, Transport } from './transport.ts'

describe('retries and deadlines', () => {
  test('waits as long as Retry-After says, then sends again', async () => {
    const clock = new ManualClock()
    const { transport, requests } = scripted(
      { status: 429, headers: { 'retry-after': '1' } },
      json({ gitVersion: 'v1.36.3' }),
    )

    const version = await drive(clock, createClient(transport, { clock }).serverVersion())

    assert.equal(version.gitVersion, 'v1.36.3')
    assert.equal(requests.length, 2)
  })

  test('gives up after the largest number of retries', async () => {
    const clock = new ManualClock()
    const { transport, requests } = scripted({ status: 503, headers: { 'retry-after': '1' }, body: 'later' })
    const client = createClient(transport, { clock, requestTimeoutMs: 10_000_000 })

    const error = await failure(drive(clock, client.serverVersion()))

    assert.equal(error.status, 503)
    assert.equal(requests.length, MAX_RETRIES + 1)
  })

  test('never waits longer than the bound for one retry', async () => {
    const clock = new ManualClock()
    const sentAt: number[] = []
    const answer = (): Partial<ApiResponse> => {
      sentAt.push(clock.now())
      return sentAt.length === 1 ? { status: 429, headers: { 'retry-after': '86400' } } : {}
    }

    await drive(clock, createClient(scripted(answer).transport, { clock, requestTimeoutMs: 1e9 }).serverVersion())

    assert.equal((sentAt[1] ?? 0) - (sentAt[0] ?? 0), MAX_RETRY_AFTER_MS)
  })

  test('an answer that never comes is a time-out', async () => {
    const clock = new ManualClock()
    const client = createClient(scripted(() => new Promise(() => undefined)).transport, { clock })

    const error = await failure(drive(clock, client.serverVersion()))

    assert.deepEqual([error.code, error.message], ['timeout', 'GET /version: no answer within 60 s'])
  })

  test('the caller can give up, with its own reason', async () => {
    const client = createClient(scripted(() => new Promise(() => undefined)).transport)
    const controller = new AbortController()
    const pending = client.serverVersion(controller.signal)

    controller.abort(new Error('enough'))

    await assert.rejects(pending, /^Error: enough$/)
  })

  test('a read on a connection that was closed meanwhile is sent once more, a write is not', async () => {
    let sent = 0
    const transport: Transport = {
      send() {
        sent++
        return Promise.reject(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }))
      },
      async close() {},
    }
    const client = createClient(transport)

    const read = await failure(client.serverVersion())
    const reads = sent
    await failure(client.delete({ type: configMaps, namespace: 'a', name: 'b' }))

    assert.deepEqual([read.code, reads, sent], ['unavailable', 2, 3])
  })
})
