// One HTTP request over a connection inside the process: written as bytes, the answer read from bytes.
import type { ApiRequest, ApiResponse } from '../../../kube/client/transport.ts'
import type { ForwardedConnection } from '../hooks.ts'
import { ApiError } from '../status.ts'

/** An answer that is longer is cut off: it stands in memory. */
const MAX_ANSWER_BYTES: number = 16 * 1024 * 1024
/** Of one hop alone, or not for the other side. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const STATUS_LINE = /^HTTP\/1\.[01] (?<status>\d{3})[^\r\n]*\r\n/

/** Sends the request to what serves the connection, and gives what it answers. Throws 503 where that is no HTTP. */
export async function askOverConnection(
  request: ApiRequest,
  to: { readonly target: string; readonly host: string },
  serve: (connection: ForwardedConnection) => Promise<void>,
): Promise<ApiResponse> {
  const answer: Buffer[] = []
  let [length, isSent] = [0, false]
  await serve({
    async read() {
      if (isSent) return undefined
      isSent = true
      return requestBytes(request, to)
    },
    async write(data) {
      const bytes = Buffer.from(data)
      length += bytes.length
      if (length <= MAX_ANSWER_BYTES) answer.push(bytes)
    },
  })
  return answerOf(Buffer.concat(answer))
}

function requestBytes(request: ApiRequest, to: { readonly target: string; readonly host: string }): Buffer {
  const body = Buffer.from(request.body ?? '')
  const passed = Object.entries(request.headers).filter(([name]) => !NOT_PASSED_ON.has(name))
  const lines = [
    `${request.method} ${to.target} HTTP/1.1`,
    `host: ${to.host}`,
    ...passed.map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, ' ')}`),
    `content-length: ${body.length}`,
    'connection: close',
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}

function answerOf(bytes: Buffer): ApiResponse {
  const end = bytes.indexOf('\r\n\r\n')
  const head = end < 0 ? '' : bytes.toString('latin1', 0, end + 2)
  const status = STATUS_LINE.exec(head)?.groups?.['status']
  if (status === undefined)
    throw new ApiError(503, 'ServiceUnavailable', 'error trying to reach service: malformed HTTP response')
  const lines = head
    .split('\r\n')
    .slice(1)
    .filter((line) => line.includes(':'))
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const passed = headers.filter(([name]) => !NOT_PASSED_ON.has(name))
  return { status: Number(status), headers: Object.fromEntries(passed), body: bytes.subarray(end + 4) }
}
