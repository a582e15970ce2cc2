import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import { CapstanError } from '../base/errors.ts'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import type { ServerContext } from './context.ts'
import { startFront, type Front } from './front.ts'
import { MAX_BODY_BYTES, MAX_OPEN_BODY_BYTES } from './limits.ts'

async function openFront(t: TestContext): Promise<Front> {
  const page = { answer: () => assert.fail('no page is asked for') }
  const front = await startFront({ page, port: 0, address: '127.0.0.1', log: silentLog })
  t.after(() => front.close())
  return front
}

/** Knows one session, `good`. The calls below ask for nothing else of a context. */
const context = {
  clock: systemClock,
  log: silentLog,
  settings: () => ({ anonymousEnabled: false }),
  authenticator: {
    async identify(token: string) {
      if (token !== 'good') throw new CapstanError('unauthenticated', 'invalid session: token is not valid')
      return { subject: 'admin', username: 'admin', issuer: 'argocd', groups: [], issuedAt: 0 }
    },
  },
} as unknown as ServerContext

interface Answer {
  readonly status: number | undefined
  readonly body: { readonly message: string }
}

interface Post {
  readonly path: string
  readonly token: string
  readonly announced: number
  readonly sent: number
}

/** Posts a body that was announced longer than what is sent of it, and reads the answer. */
async function post({ url }: Front, { path, token, announced, sent }: Post): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'content-length': announced, authorization: `Bearer ${token}` }
  const asked = request(`${url}${path}`, { method: 'POST', headers, agent: false })
  asked.on('error', () => undefined)
  asked.write(Buffer.alloc(sent, ' '))
  const [response] = await once(asked, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  asked.destroy()
  return { status: response.statusCode, body: JSON.parse(text) }
}

describe('the port', () => {
  test('takes for a call over the web what is posted alone', async (t) => {
    const front = await openFront(t)
    const headers = { 'content-type': 'application/grpc-web+proto' }
    const ask = async (method: string): Promise<Response> => {
      const answer = await fetch(`${front.url}/api/version`, { method, headers })
      await answer.text()
      return answer
    }

    assert.match((await ask('POST')).headers.get('content-type') ?? '', /^application\/grpc-web/)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await ask(method)
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [503, 'text/plain'], method)
    }
  })

  test('says that it is alive at once, and ready once there is something to serve', async (t) => {
    const front = await openFront(t)
    const statusOf = async (path: string): Promise<number> => (await fetch(`${front.url}${path}`)).status

    const before = [await statusOf('/healthz'), await statusOf('/readyz'), await statusOf('/api/version')]
    front.serve(context)

    assert.deepEqual(before, [200, 503, 503])
    assert.equal(await statusOf('/readyz'), 200)
  })

  test('names a port that is taken', async (t) => {
    const { port } = await openFront(t)

    const second = startFront({ page: { answer() {} }, port, address: '127.0.0.1', log: silentLog })

    await assert.rejects(second, { code: 'precondition', message: new RegExp(`port ${port} on 127.0.0.1 is taken`) })
  })

  test('closes while somebody is in the middle of a request', async () => {
    const page = { answer() {} }
    const front = await startFront({ page, port: 0, address: '127.0.0.1', log: silentLog })
    const asked = request(`${front.url}/`, { agent: false })
    const ended = once(asked, 'error')
    asked.end()
    await once(asked, 'finish')

    await front.close()

    await ended
  })
})

describe('request bodies', () => {
  test('a stranger is refused before the body is read', async (t) => {
    const front = await openFront(t)
    front.serve(context)

    const answer = await post(front, { path: '/api/v1/applications', token: 'bad', announced: 1 << 30, sent: 1000 })

    assert.equal(answer.status, 401)
    assert.match(answer.body.message, /invalid session/)
  })

  test('one that passes the limit is answered, not cut off', async (t) => {
    const front = await openFront(t)
    front.serve(context)
    const sent = MAX_BODY_BYTES + 1

    const answer = await post(front, { path: '/api/v1/applications', token: 'good', announced: 1 << 30, sent })

    assert.equal(answer.status, 429)
    assert.match(answer.body.message, /larger than 33554432 bytes/)
  })

  test('a login has to be short', async (t) => {
    const front = await openFront(t)
    front.serve(context)
    const sent = MAX_OPEN_BODY_BYTES + 1

    const answer = await post(front, { path: '/api/v1/session', token: 'bad', announced: sent, sent })

    assert.equal(answer.status, 429)
  })
})
