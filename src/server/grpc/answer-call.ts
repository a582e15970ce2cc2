// Answers one gRPC call, whichever transport it came by: who calls, what is asked, what is told back.
import type { IncomingHttpHeaders } from 'node:http'
import { decodeMessage } from '../../api/wire/decode.ts'
import { encodeMessage, type ReadyBytes } from '../../api/wire/encode.ts'
import { CapstanError } from '../../base/errors.ts'
import { withAbort } from '../../base/with-abort.ts'
import { identityOf } from '../auth/caller.ts'
import { NO_RECORD, recordCall, type CallOrigin, type CallRecord } from '../call-record.ts'
import type { Identity } from '../auth/identity.ts'
import { StreamAnswer, type Call, type ServerContext } from '../context.ts'
import { CALL_TIMEOUT_MS, MAX_OPEN_BODY_BYTES } from '../limits.ts'
import { handlerOf, isOpenCall } from '../services/all.ts'
import type { RequestFields } from '../services/fields.ts'
import type { GrpcCall } from './call-table.ts'
import { readFrames } from './frames.ts'
import { healthAnswer } from './health.ts'
import { maxMessageBytes } from './limits.ts'
import { tokenOfMetadata } from './metadata.ts'
import type { MessageBudget } from './message-budget.ts'
import type { CallMeter } from './meter.ts'
import { OK, readTimeout, statusOf, type GrpcStatus } from './status.ts'

export interface Incoming {
  /** `/package.Service/Method`. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: AsyncIterable<Buffer>
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal
  readonly origin: CallOrigin
}

export interface Outgoing {
  /** A header of the answer; only before the first message. */
  setHeader(name: string, value: string): void
  /** Writes a message, after the headers; resolves when there is room for more. */
  send(message: Uint8Array): Promise<void>
  /** The call's end; the first is the one that counts. */
  finish(status: GrpcStatus): void
}

export interface CallDesk {
  /** Undefined until there is something to serve. */
  readonly context: ServerContext | undefined
  readonly callOf: (path: string) => GrpcCall | undefined
  readonly ready: ReadyBytes
  readonly meter: CallMeter
  /** Of what is read of all calls. */
  readonly budget: MessageBudget
}

/** Never rejects: every failure becomes the call's status. */
export async function answerCall(desk: CallDesk, incoming: Incoming, outgoing: Outgoing): Promise<void> {
  const { context } = desk
  const call = desk.callOf(incoming.path)
  const ended = desk.meter(call)
  const record = context === undefined || call === undefined ? NO_RECORD : recordCall(context, call, incoming.origin)
  let status: GrpcStatus
  try {
    if (context === undefined) throw new CapstanError('unavailable', 'starting')
    if (call === undefined) await answerUnlisted(incoming, outgoing)
    else await run({ desk, context, call, incoming, outgoing, record })
    status = OK
    record.ended()
  } catch (error) {
    if (!(error instanceof CapstanError)) context?.log.error('call failed', { path: incoming.path, error })
    status = statusOf(error)
    record.ended(error, incoming.gone.aborted)
  }
  ended(status.code)
  outgoing.finish(status)
}

interface Run {
  readonly desk: CallDesk
  readonly context: ServerContext
  readonly call: GrpcCall
  readonly incoming: Incoming
  readonly outgoing: Outgoing
  readonly record: CallRecord
}

async function run({ desk, context, call, incoming, outgoing, record }: Run): Promise<void> {
  const { service, method, stream, input, output } = call
  const { headers, gone } = incoming
  const token = tokenOfMetadata(headers)
  const isOpen = isOpenCall(service, method)
  // Strangers are refused before they may fill memory.
  const identity = await identityOf(context, token, isOpen)
  record.by(identity)
  if (token !== undefined && identity !== undefined) await offerRenewal(context, identity, outgoing)
  const deadline = deadlineOf(headers, stream === 'server')
  const signal = deadline === undefined ? gone : AbortSignal.any([gone, deadline.signal])
  const share = desk.budget.open()
  try {
    const encoding = String(headers['grpc-encoding'] ?? '')
    const frames = readFrames(incoming.body, {
      maxBytes: isOpen ? MAX_OPEN_BODY_BYTES : maxMessageBytes(),
      encoding,
      share,
    })
    // A client that sends nothing is waited for no longer than a call may take.
    const patience = stream === 'server' ? AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]) : signal
    const messages = untilAborted(decodeAll(frames, input), patience)
    const request = stream === 'client' ? {} : await firstOf(messages)
    record.asked(request)
    const handled: Call = {
      context,
      identity,
      token,
      signal,
      ...(stream === 'client' ? { messages } : {}),
    }
    const answer = await handlerOf(service, method)(request, handled)
    const send = async (message: unknown): Promise<void> =>
      outgoing.send(readyBytes(desk.ready, message) ?? encodeMessage(output, message, desk.ready))
    if (answer instanceof StreamAnswer) for await (const message of answer.messages) await send(message)
    else await send(answer)
    signal.throwIfAborted()
  } finally {
    share.close()
    deadline?.cancel()
  }
}

/** A session that ends soon gets a fresh token with the answer. */
async function offerRenewal({ authenticator }: ServerContext, identity: Identity, outgoing: Outgoing): Promise<void> {
  const renewed = await authenticator.renew(identity)
  if (renewed !== undefined) outgoing.setHeader('renew-token', renewed)
}

function readyBytes(ready: ReadyBytes, message: unknown): Uint8Array | undefined {
  return typeof message === 'object' && message !== null ? ready(message) : undefined
}

async function* decodeAll(frames: AsyncIterable<Buffer>, input: GrpcCall['input']): AsyncGenerator<RequestFields> {
  for await (const frame of frames) yield decodeRequest(frame, input)
}

/** Go's server says so of bytes that are no request. */
function decodeRequest(frame: Buffer, input: GrpcCall['input']): RequestFields {
  try {
    return decodeMessage(input, frame)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError('internal', `grpc: error unmarshalling request: ${error.message}`, { cause: error })
  }
}

/** The messages until the signal aborts; then its reason is thrown, also while the next one is awaited. */
async function* untilAborted<T>(messages: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = messages[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await withAbort(iterator.next(), signal)
      if (done === true) return
      yield value
    }
  } finally {
    // It may be waiting for the client itself; what it throws in the end is nobody's any more.
    Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

async function firstOf(messages: AsyncIterable<RequestFields>): Promise<RequestFields> {
  for await (const message of messages) return message
  throw new CapstanError('internal', 'the call has no request message')
}

interface Deadline {
  readonly signal: AbortSignal
  readonly cancel: () => void
}

/** What the client allows; calls that do not stream have to end within our own limit, too. */
function deadlineOf(headers: IncomingHttpHeaders, isStream: boolean): Deadline | undefined {
  const told = readTimeout(String(headers['grpc-timeout'] ?? ''))
  const own = isStream ? undefined : CALL_TIMEOUT_MS
  const limit = told === undefined ? own : Math.min(told, own ?? told)
  if (limit === undefined) return undefined
  const controller = new AbortController()
  const expire = (): void => controller.abort(new CapstanError('timeout', 'context deadline exceeded'))
  // Timers take 32 bits; a longer limit is none.
  const timer = limit < 2 ** 31 ? setTimeout(expire, limit).unref() : undefined
  return { signal: controller.signal, cancel: () => clearTimeout(timer) }
}

/** Calls that are no part of the API: the health protocol of gRPC. */
async function answerUnlisted(incoming: Incoming, outgoing: Outgoing): Promise<void> {
  const health = healthAnswer(incoming.path)
  if (health === undefined) throw unknownCall(incoming.path)
  await outgoing.send(health)
}

function unknownCall(path: string): CapstanError {
  const [, service = '', method = ''] = path.split('/')
  return new CapstanError('unsupported', `unknown service ${service} or method ${method}`)
}
