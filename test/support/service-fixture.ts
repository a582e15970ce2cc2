// A server that keeps what services are asked and answers as it is told: what notifications are sent to in tests.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

export interface Asked {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface FixtureAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface ServiceFixture {
  readonly url: string
  readonly asked: readonly Asked[]
  /** Forgets what was asked. */
  readonly clear: () => void
}

/** Answers 200 with `{}` unless `answer` says otherwise; `count` is how often the same was asked before. */
export async function serviceFixture(
  t: TestContext,
  answer: (asked: Asked, count: number) => FixtureAnswer = () => ({}),
): Promise<ServiceFixture> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const { method = '', url = '', headers } = request
      const count = asked.filter((one) => one.method === method && one.path === url).length
      const one = { method, path: url, headers, body }
      asked.push(one)
      const { status = 200, headers: more = {}, body: told = '{}' } = answer(one, count)
      response.writeHead(status, more).end(told)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // of a server that listens
  return { url: `http://127.0.0.1:${port}`, asked, clear: () => asked.splice(0) }
}
