// The body of a request, piece by piece, for no longer than so long: HTTP/2 has no timeout of its own, and a stalled one holds memory.
import type { IncomingMessage } from 'node:http'
import { CapstanError } from '../base/errors.ts'
import { BODY_TIMEOUT_MS } from './limits.ts'

/**
 * Ends the request and throws `timeout` where its body has not come whole within `timeoutMs`. Who stops reading earlier leaves
 * the connection open: a refusal is still to be answered on it.
 */
export async function* bodyChunks(
  request: IncomingMessage,
  timeoutMs: number = BODY_TIMEOUT_MS,
): AsyncGenerator<Buffer, void, undefined> {
  const timer = setTimeout(() => {
    request.destroy(new CapstanError('timeout', `the request body did not come within ${timeoutMs / 1_000} s`))
    endStream(request)
  }, timeoutMs).unref()
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } finally {
    clearTimeout(timer)
  }
}

/** A request of HTTP/2 is not its stream, which goes on without it. */
function endStream(request: IncomingMessage & { readonly stream?: unknown }): void {
  const { stream } = request
  if (typeof stream !== 'object' || stream === null || !('destroy' in stream)) return
  if (typeof stream.destroy === 'function') stream.destroy()
}
