// Reads a request body as JSON, within limits.
import type { IncomingMessage } from 'node:http'
import { CapstanError } from '../../base/errors.ts'
import { bodyChunks } from '../body-chunks.ts'
import { UnsupportedContentType } from '../errors.ts'
import { MAX_BODY_BYTES } from '../limits.ts'

/** Refuses other content types than JSON, as upstream does against cross-site forms. */
export function requireJson(request: IncomingMessage): void {
  if (request.method === 'GET') return
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim()
  if (type !== 'application/json') throw new UnsupportedContentType()
}

/**
 * The parsed body; undefined where there is none. Throws `limit` for one of more bytes and leaves the rest unread, and `timeout`
 * for one that does not come.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number = MAX_BODY_BYTES,
  timeoutMs?: number,
): Promise<unknown> {
  if (request.method === 'GET') return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of bodyChunks(request, timeoutMs)) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new CapstanError('limit', `the request body is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new CapstanError(
      'bad-input',
      `the request body is not JSON: ${error instanceof Error ? error.message : ''}`,
      {
        cause: error,
      },
    )
  }
}
