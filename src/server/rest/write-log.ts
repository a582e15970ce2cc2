// Writes the log of a pod as a file to be saved: its lines, and nothing else (`download=true`; forwarder_overwrite.go, v3.5.1).
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { messageOf } from '../../base/errors.ts'

/** Names of Kubernetes objects; anything else stays out of a header. */
const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/

/** `namespace`, `podName` and `container` of the query name the file where all three can. */
export async function writeLog(
  response: ServerResponse,
  messages: AsyncIterable<unknown>,
  { search, signal }: { readonly search: URLSearchParams; readonly signal: AbortSignal },
): Promise<void> {
  const parts = ['namespace', 'podName', 'container'].map((name) => search.get(name) ?? '')
  const name = parts.every((part) => NAME.test(part)) ? parts.join('-') : 'log'
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment;filename="${name}.log"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  try {
    for await (const message of messages) {
      const { content = '', last } = message as { readonly content?: string; readonly last?: boolean } // LogEntry
      if (last === true) break
      if (!response.write(`${content}\n`) && !signal.aborted) await once(response, 'drain', { signal })
    }
  } catch (error) {
    if (!signal.aborted) response.write(messageOf(error))
  }
  response.end()
}
