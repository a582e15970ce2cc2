// POST /api/webhook: takes a call's payload, within limits, and answers as upstream does.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../../base/log.ts'
import type { WebhookSettings } from '../../settings/webhooks.ts'
import type { WebhookCall } from '../../source/webhooks/forge.ts'
import { openWebhook } from '../../source/webhooks/read-webhook.ts'
import type { WebhookEvent, WebhookResult } from '../../source/webhooks/webhook-event.ts'
import { bodyChunks } from '../body-chunks.ts'

export interface WebhookAnswerOptions {
  readonly settings: () => Pick<WebhookSettings, 'secrets' | 'maxPayloadMegabytes'>
  /** False where there is no room for the event. */
  readonly offer: (event: WebhookEvent) => boolean
  /** For a payload to come; by default as long as for any body. */
  readonly bodyTimeoutMs?: number
  readonly log: Log
}

/** Never rejects. */
export type WebhookAnswerer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Of all payloads that are being received: some of the largest, or thousands of common ones. */
export const MAX_RECEIVED_BYTES: number = 256 << 20

const QUEUE_FULL = 'Queue is full, discarding webhook payload'
const FAILED = 'Webhook processing failed'

export function createWebhookAnswerer(options: WebhookAnswerOptions): WebhookAnswerer {
  const room = new Room(MAX_RECEIVED_BYTES)
  return async (request, response) => {
    try {
      await answer(options, room, request, response)
    } catch (error) {
      // The sender has gone while it sent: nobody is there to answer.
      options.log.debug('a webhook broke off', { error })
      response.destroy()
    }
  }
}

async function answer(
  { settings, offer, bodyTimeoutMs, log }: WebhookAnswerOptions,
  room: Room,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { secrets, maxPayloadMegabytes } = settings()
  const found = openWebhook(callOf(request), secrets)
  if (found === undefined) {
    send(request, response, 400, 'Unknown webhook event')
    return
  }
  const { forge, opened } = found
  let result: WebhookResult
  if (typeof opened === 'function') {
    const limit = maxPayloadMegabytes * 1024 * 1024
    const body = await receive(request, bodyChunks(request, bodyTimeoutMs), { limit, room })
    if (body === 'no-room') {
      send(request, response, 503, QUEUE_FULL)
      return
    }
    result = opened(body === 'too-long' || body.length === 0 ? undefined : body)
  } else result = opened
  if ('reason' in result) log.info('a webhook was refused', { forge, reason: result.reason })
  const [status, text] = answerTo(result, { offer, isPost: request.method === 'POST', maxPayloadMegabytes })
  send(request, response, status, text)
}

interface AnswerOptions {
  readonly offer: WebhookAnswerOptions['offer']
  readonly isPost: boolean
  readonly maxPayloadMegabytes: number
}

function answerTo(result: WebhookResult, options: AnswerOptions): readonly [status: number, text: string] {
  switch (result.outcome) {
    case 'event':
      return options.offer(result.event) ? [200, ''] : [503, QUEUE_FULL]
    case 'ignored':
      return [200, '']
    case 'unauthorized':
      return [401, 'Unauthorized']
    case 'unreadable':
      return [400, `${FAILED}: payload must be valid JSON under ${options.maxPayloadMegabytes} MB`]
    case 'refused':
      return [options.isPost ? 400 : 405, FAILED]
  }
}

function callOf({ method = '', headers }: IncomingMessage): WebhookCall {
  return {
    method,
    header(name) {
      const value = headers[name]
      return (Array.isArray(value) ? value[0] : value) ?? ''
    },
  }
}

/** Memory for payloads, shared by all calls. */
class Room {
  #free: number

  constructor(bytes: number) {
    this.#free = bytes
  }

  take(bytes: number): boolean {
    if (bytes > this.#free) return false
    this.#free -= bytes
    return true
  }

  give(bytes: number): void {
    this.#free += bytes
  }
}

interface Bounds {
  /** Bytes. */
  readonly limit: number
  readonly room: Room
}

/** The body, or why it was left unread. */
async function receive(
  request: IncomingMessage,
  body: AsyncIterable<Buffer>,
  { limit, room }: Bounds,
): Promise<Buffer | 'too-long' | 'no-room'> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return 'too-long'
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      if (bytes + chunk.length > limit) return 'too-long'
      if (!room.take(chunk.length)) return 'no-room'
      bytes += chunk.length
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, bytes)
  } finally {
    room.give(bytes)
  }
}

/** As Go's http.Error: plain text with its newline; 200 has none. */
function send(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  // What is left of a body nobody reads is not waited for.
  if (!request.complete) response.setHeader('connection', 'close')
  if (status === 200) {
    response.writeHead(200, { 'content-length': 0 }).end()
    return
  }
  const body = `${text}\n`
  response.setHeader('x-content-type-options', 'nosniff')
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) })
  response.end(request.method === 'HEAD' ? '' : body)
}
