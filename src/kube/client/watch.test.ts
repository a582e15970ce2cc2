// Watching over a scripted transport: events, errors, ends.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chunks, collect, configMaps, drive, failure, scripted } from '../../../test/support/scripted-transport.ts'
import { ManualClock } from '../../base/clock.ts'
import { createClient } from './create-client.ts'

describe('watch', () => {
  const event = (type: string, name: string): string =>
    `${JSON.stringify({ type, object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } } })}\n`

  test('puts events together that were split anywhere, multi-byte letters too', async () => {
    const bytes = Buffer.from(event('ADDED', 'grün') + event('DELETED', 'blau'))
    const parts = [...bytes].map((byte) => Uint8Array.of(byte))
    const { transport, requests } = scripted(() => ({ body: chunks(...parts) }))

    const events = await collect(
      createClient(transport, { watchTimeoutSeconds: 60 }).watch(configMaps, { resourceVersion: '5' }),
    )

    assert.deepEqual(
      events.map((one) => [one.type, one.object.metadata.name]),
      [
        ['ADDED', 'grün'],
        ['DELETED', 'blau'],
      ],
    )
    assert.equal(
      requests[0]?.path,
      '/api/v1/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=60',
    )
  })

  test('an ERROR event is thrown as its Status', async () => {
    const error = {
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' },
    }
    const client = createClient(
      scripted(() => ({ body: chunks(event('ADDED', 'a'), `${JSON.stringify(error)}\n`) })).transport,
    )

    const thrown = await failure(collect(client.watch(configMaps, { resourceVersion: '1' })))

    assert.deepEqual([thrown.status, thrown.reason], [410, 'Expired'])
  })

  test('ends a server that outstays its time-out, without an error', async () => {
    const clock = new ManualClock()
    async function* silent(signal: AbortSignal | undefined): AsyncGenerator<string> {
      yield event('ADDED', 'a')
      const ended = Promise.withResolvers<never>()
      signal?.addEventListener('abort', () => ended.reject(new Error('torn')), { once: true })
      await ended.promise
    }
    const client = createClient(scripted((request) => ({ body: silent(request.signal) })).transport, {
      clock,
      watchTimeoutSeconds: 1,
    })

    const events = await drive(clock, collect(client.watch(configMaps, { resourceVersion: '1' })))

    assert.equal(events.length, 1)
  })
})
