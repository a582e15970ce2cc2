// Writes answers: one JSON document, or a stream as JSON lines or server-sent events.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { messageOf } from '../../base/errors.ts'
import { errorAnswer } from '../errors.ts'
import type { Selection } from './select-fields.ts'

/** Proxies end connections that are silent for a minute or so; upstream sends a comment line this often. */
const KEEP_ALIVE_MS = 15_000

export function writeJson(response: ServerResponse, status: number, body: unknown): void {
  // Made first: what cannot be written is then still answered as an error.
  writeJsonText(response, status, JSON.stringify(body))
}

/** Writes an answer that is JSON text already. */
export function writeJsonText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(text)
}

export interface StreamOptions {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly messages: AsyncIterable<unknown>
  readonly select: Selection
  readonly signal: AbortSignal
}

/** Writes each message as `{"result": …}`; a failure in the middle is told as `{"error": …}`. Waits for slow readers. */
export async function writeStream({ request, response, messages, select, signal }: StreamOptions): Promise<void> {
  const isEvents = (request.headers.accept ?? '').includes('text/event-stream')
  response.writeHead(200, {
    'content-type': isEvents ? 'text/event-stream' : 'application/json',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  const keepAlive = isEvents ? setInterval(() => response.write(':\n'), KEEP_ALIVE_MS) : undefined
  try {
    for await (const message of messages) {
      await write(response, frame({ result: select(message) }, isEvents), signal)
    }
  } catch (error) {
    if (!signal.aborted) await write(response, frame({ error: streamError(error) }, isEvents), signal)
  } finally {
    clearInterval(keepAlive)
    response.end()
  }
}

/** grpc-gateway's form of an error inside a stream. */
function streamError(error: unknown): object {
  const { status, body } = errorAnswer(error)
  return { grpc_code: body.code, http_code: status, message: messageOf(error), http_status: String(status) }
}

function frame(message: object, isEvents: boolean): string {
  const json = JSON.stringify(message)
  return isEvents ? `data: ${json}\n\n` : `${json}\n`
}

async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(text)) return
  await once(response, 'drain', { signal })
}
