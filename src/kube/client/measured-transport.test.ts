// What is told of requests to an API server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { measuredTransport, type TransportReport } from './measured-transport.ts'
import type { ApiRequest, ApiResponse, Transport } from './transport.ts'

interface Told {
  readonly asked: TransportReport[]
  readonly answered: number[]
}

function measured(send: (request: ApiRequest) => Promise<ApiResponse>): {
  transport: Transport
  told: Told
  clock: ManualClock
} {
  const clock = new ManualClock()
  const told: Told = { asked: [], answered: [] }
  const observer = {
    asked: (report: TransportReport) => void told.asked.push(report),
    answered: ({ bytes }: { readonly bytes: number }) => void told.answered.push(bytes),
  }
  const inner = { send, close: async (): Promise<void> => {} }
  return {
    transport: measuredTransport(inner, { server: 'https://api.example:6443/prefix', clock, observer }),
    told,
    clock,
  }
}

const get = (path: string): ApiRequest => ({ method: 'GET', path, headers: {} })

test('a request is told by host, verb, code and time, with the bytes of both bodies', async () => {
  const { transport, told, clock } = measured(async () => {
    clock.advance(250)
    await Promise.resolve()
    return { status: 201, headers: {}, body: 'äb' }
  })
  await transport.send({ method: 'POST', path: '/api/v1/namespaces/a/pods', headers: {}, body: '{}' })
  const host = 'api.example:6443'
  const report = { host, method: 'POST', verb: 'Create', code: '201', durationMs: 250, requestBytes: 2, isRetry: false }
  assert.deepEqual(told, { asked: [report], answered: [3] })
})

test('the verb of a GET is that of its path', async () => {
  const { transport, told } = measured(async () => ({ status: 200, headers: {}, body: '' }))
  const paths: readonly (readonly [string, string])[] = [
    ['/api/v1/pods', 'List'],
    ['/api/v1/namespaces/a/pods?limit=500', 'List'],
    ['/api/v1/namespaces/a/pods/b', 'Get'],
    ['/api/v1/nodes/b', 'Get'],
    ['/apis/apps/v1/namespaces/a/deployments?watch=true&resourceVersion=1', 'Watch'],
    ['/apis/argoproj.io/v1alpha1/namespaces/a/applications/b', 'Get'],
  ]
  for (const [path] of paths) await transport.send(get(path))
  assert.deepEqual(
    told.asked.map(({ verb }) => verb),
    paths.map(([, verb]) => verb),
  )
})

test('a stream is counted when it ends, that of a watch not at all', async () => {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(5)
    await Promise.resolve()
    yield new Uint8Array(7)
  }
  const { transport, told } = measured(async () => ({ status: 200, headers: {}, body: body() }))
  for (const path of ['/api/v1/pods', '/api/v1/pods?watch=true']) {
    const response = await transport.send(get(path))
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) assert.ok(chunk.length > 0)
  }
  assert.deepEqual(told.answered, [12])
})

test('where no answer came the code says so, and the error goes on', async () => {
  const { transport, told } = measured(async () => {
    throw new Error('gone')
  })
  await assert.rejects(transport.send({ ...get('/version'), isRetry: true }), /gone/)
  assert.deepEqual(
    told.asked.map(({ code, isRetry }) => ({ code, isRetry })),
    [{ code: '<error>', isRetry: true }],
  )
})
