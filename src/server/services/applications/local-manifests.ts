// Renders an application from files that a client sends, as it would be with them in Git.
import { createHash } from 'node:crypto'
import { CapstanError } from '../../../base/errors.ts'
import type { DesiredState } from '../../../desired/contract.ts'
import { archiveTree } from '../../../source/charts/archive-tree.ts'
import type { Call } from '../../context.ts'
import { objectField, requiredText, type RequestFields } from '../fields.ts'
import { findApplication } from './find.ts'
import { manifestAnswer } from './manifests.ts'
import { desiredRequest } from './validate.ts'

/** Upstream's default of `reposerver.streamed.manifest.max.tar.size`. */
export const MAX_ARCHIVE_BYTES: number = 100 << 20

/** Client stream: the query first, then the pieces of a gzipped tar whose SHA-256 the query tells. */
export async function getManifestsWithFiles(_request: RequestFields, call: Call): Promise<unknown> {
  const messages = (call.messages ?? nothing())[Symbol.asyncIterator]()
  const first = await messages.next()
  const query = first.done === true ? undefined : objectField(first.value, 'query')
  if (query === undefined) throw new CapstanError('bad-input', 'error getting query: the first message holds no query')
  const application = findApplication(call, query, 'get')
  const bytes = await receive(messages)
  const checksum = createHash('sha256').update(bytes).digest('hex')
  const told = requiredText(query, 'checksum')
  if (checksum !== told) {
    throw new CapstanError('bad-input', `file checksum validation error: calc ${checksum} sent ${told}`)
  }
  const files = archiveTree(bytes, { revision: checksum, digest: checksum, withoutTop: false })
  const request = await desiredRequest(call, application, 'cached')
  const [source] = request.sources
  const state: DesiredState = await call.context.desired.generate({
    ...request,
    sources: source === undefined ? [] : [source],
    files,
  })
  return manifestAnswer(state, application, call)
}

async function* nothing(): AsyncGenerator<RequestFields> {}

async function receive(messages: AsyncIterator<RequestFields>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
    const chunk = Buffer.from(requiredChunk(next.value), 'base64')
    bytes += chunk.length
    if (bytes > MAX_ARCHIVE_BYTES) {
      throw new CapstanError('limit', `file exceeded max size of ${MAX_ARCHIVE_BYTES} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function requiredChunk(message: RequestFields): string {
  const chunk = objectField(message, 'chunk')?.['chunk']
  if (typeof chunk !== 'string') throw new CapstanError('bad-input', 'a message of the stream holds no chunk')
  return chunk
}
