// Bodies that stop coming are given up, over HTTP/1.1 and HTTP/2.
import assert from 'node:assert/strict'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { silentLog } from '../base/log.ts'
import { readBody } from './rest/body.ts'
import { createWebhookAnswerer, type WebhookAnswerer } from './webhook/answer-webhook.ts'

const SOON_MS = 50

async function portOf(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

/** Sends a part of a body and waits until the server has ended the call. */
async function stallHttp1(port: number, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  await new Promise<void>((resolve) => {
    const call = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers })
    call.on('error', () => undefined)
    call.on('close', resolve)
    call.write('{"a":')
  })
}

async function stallHttp2(t: TestContext, port: number): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`)
  t.after(() => session.destroy())
  await new Promise<void>((resolve) => {
    const call = session.request({ ':method': 'POST', ':path': '/' })
    call.on('error', () => undefined)
    call.on('close', resolve)
    call.write('{"a":')
  })
}

describe('a body that stalls', () => {
  test('is given up over HTTP/1.1 with an error that says why', async (t) => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const server = createServer((request) => void readBody(request, 1_000, SOON_MS).catch(resolve))
    await stallHttp1(await portOf(t, server))
    const error = await promise
    assert.match(String(error), /^CapstanError: the request body did not come within 0\.05 s$/)
  })

  test('is given up over HTTP/2, which ends its stream', async (t) => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const server = createHttp2Server((request) => {
      // As the servers hand it on: what reads bodies sees no difference.
      void readBody(request as unknown as IncomingMessage, 1_000, SOON_MS).catch(resolve)
    })
    await stallHttp2(t, await portOf(t, server))
    const error = await promise
    assert.match(String(error), /^CapstanError: the request body did not come within 0\.05 s$/)
  })

  test('of a webhook is given up, and nothing is queued', async (t) => {
    let offered = 0
    const answer: WebhookAnswerer = createWebhookAnswerer({
      settings: () => ({ secrets: {}, maxPayloadMegabytes: 1 }),
      offer: () => ++offered > 0,
      bodyTimeoutMs: SOON_MS,
      log: silentLog,
    })
    const server = createServer((request, response) => void answer(request, response))
    await stallHttp1(await portOf(t, server), { 'x-github-event': 'push' })
    assert.equal(offered, 0)
  })

  test('does not end one that has come', async (t) => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const server = createServer((request, response) => {
      resolve(readBody(request, 1_000))
      response.end()
    })
    await fetch(`http://127.0.0.1:${await portOf(t, server)}/`, { method: 'POST', body: '{"a":1}' })
    assert.deepEqual(await promise, { a: 1 })
  })
})
