// Tests who is told how the process is doing, and what.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { CapstanError } from '../../base/errors.ts'
import { Metrics } from '../../base/metrics.ts'
import { createStatusAnswerer, type ProcessFigures } from './answer-status.ts'

const figures: ProcessFigures = {
  runtime: 'Node 26 on linux',
  startedAtMs: Date.UTC(2026, 0, 1),
  cpuSeconds: 1.5,
  residentBytes: 100,
  heapBytes: 50,
}

type Context = Parameters<typeof createStatusAnswerer>[0]

/** Only what the answerer reads; `admin` may, `alice` may not. */
function contextWith(metrics?: Metrics): Context {
  const known = {
    version: 'v1',
    settings: () => ({ anonymousEnabled: false }),
    authenticator: {
      identify: async (token: string) => {
        if (token !== 'admin' && token !== 'alice') throw new CapstanError('unauthenticated', 'invalid session')
        return { subject: token, username: token, issuer: 'argocd', groups: [], issuedAt: 0 }
      },
    },
    isAllowed: ({ subject }: { readonly subject: string }) => subject === 'admin',
    applications: { list: () => [{ operation: {} }, { status: { operationState: { phase: 'Succeeded' } } }] },
    ...(metrics === undefined ? {} : { metrics }),
  }
  // The answerer reads nothing else of these.
  return known as unknown as Context
}

async function ask(t: TestContext, context: Context, token?: string, method = 'GET'): Promise<Response> {
  const answer = createStatusAnswerer(context, () => figures)
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const headers = { connection: 'close', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  return fetch(`http://127.0.0.1:${port}/`, { method, headers })
}

test('tells those who may look after clusters how the process is doing', async (t) => {
  const metrics = new Metrics()
  metrics.counter('syncs', 'Syncs.')({}, 3)

  const response = await ask(t, contextWith(metrics), 'admin')

  assert.equal(response.status, 200)
  const { figures: text, ...rest } = (await response.json()) as { readonly figures: string }
  assert.match(text, /^syncs 3$/m)
  assert.deepEqual(rest, {
    version: 'v1',
    runtime: 'Node 26 on linux',
    cpuSeconds: 1.5,
    residentBytes: 100,
    heapBytes: 50,
    startedAt: '2026-01-01T00:00:00.000Z',
    applications: { total: 2, running: 1 },
  })
})

test('refuses others, and those nobody knows', async (t) => {
  const cases = [
    [undefined, 401],
    ['forged', 401],
    ['alice', 403],
  ] as const
  for (const [token, status] of cases) {
    const response = await ask(t, contextWith(), token)
    assert.equal(response.status, status)
    assert.equal('version' in ((await response.json()) as object), false)
  }
  assert.equal((await ask(t, contextWith(), 'admin', 'POST')).status, 405)
})
