// Streams that Node makes for answers nobody waits for any more.
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, createServer, type ClientHttp2Session, type Http2Stream, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { endOrphanStreams } from './orphan-streams.ts'

/** A session with a server that answers each request, and says when a stream has ended there. */
async function openSession(t: TestContext): Promise<{ session: ClientHttp2Session; ended: Promise<unknown> }> {
  const server = createServer()
  const ended = Promise.withResolvers<unknown>()
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined)
    stream.on('close', ended.resolve)
    stream.respond({ ':status': 200 })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  // A listening TCP server has an AddressInfo.
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.after(() => session.destroy())
  session.on('error', () => undefined)
  await once(session, 'remoteSettings')
  return { session, ended: ended.promise }
}

/** Resolves with the first stream that Node makes for an answer nobody waits for. */
function orphanSeen(t: TestContext): Promise<Http2Stream> {
  const { promise, resolve } = Promise.withResolvers<Http2Stream>()
  const onStream = (message: unknown): void => {
    // Documented shape of this channel's messages.
    const { stream } = message as { readonly stream: Http2Stream }
    if (stream.sentHeaders === undefined) resolve(stream)
  }
  subscribe('http2.client.stream.created', onStream)
  t.after(() => unsubscribe('http2.client.stream.created', onStream))
  return promise
}

test('a request given up as soon as it was made leaves no stream that could fail unheard', async (t) => {
  const { session, ended } = await openSession(t)
  const seen = orphanSeen(t)
  t.after(endOrphanStreams())

  // What undici does with a request whose signal aborts.
  const givenUp = session.request({ ':path': '/' })
  givenUp.close()
  givenUp.destroy()
  const orphan = await seen

  assert.ok(orphan.listenerCount('error') > 0)
  await ended
  assert.ok(orphan.closed)
})
