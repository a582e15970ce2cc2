// Reads a request body as JSON, within limits.
import type { IncomingMessage } from 'node:http'
import { CapstanError } from '../../base/errors.ts'
import { UnsupportedContentType } from '../errors.ts'

/** Local manifests of a sync are the largest bodies; the originals allow 200 MB, of which nothing sensible comes near. */
export const MAX_BODY_BYTES: number = 32 << 20

/** The parsed body; undefined where there is none. Refuses other content types, as upstream does against cross-site forms. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  if (request.method === 'GET') return undefined
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim()
  if (type !== 'application/json') throw new UnsupportedContentType()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES)
      throw new CapstanError('limit', `the request body is larger than ${MAX_BODY_BYTES} bytes`)
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
