// An HTTP server on loopback that answers by a function, for API-shaped fixtures; it keeps what it was asked.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown
}

export interface JsonServer {
  /** `http://127.0.0.1:40123` */
  readonly url: string
  readonly asked: Asked[]
}

/** `undefined` leaves a request without an answer. Ended with the test. */
export async function startJsonServer(
  t: TestContext,
  answer: (asked: Asked) => Reply | undefined,
): Promise<JsonServer> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') }
      asked.push(one)
      const reply = answer(one)
      if (reply === undefined) return
      const { body } = reply
      const content = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body ?? {})
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(content)
    })
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** The claims of a JSON Web Token, not verified. */
export function claimsOf(token: string): Record<string, unknown> {
  return Object(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))
}
