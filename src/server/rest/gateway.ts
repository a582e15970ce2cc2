// REST in front of the services: finds the call, reads the request, asks the service, writes its answer.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageRoutes } from '../../api/page-routes.ts'
import { routes, type Route } from '../../api/routes.ts'
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { identityOf } from '../auth/caller.ts'
import { originOf, recordCall, type CallRecord } from '../call-record.ts'
import { StreamAnswer, type Call, type ServerContext } from '../context.ts'
import { errorAnswer } from '../errors.ts'
import { CALL_TIMEOUT_MS, MAX_BODY_BYTES, MAX_OPEN_BODY_BYTES } from '../limits.ts'
import { handlerOf, isOpenCall } from '../services/all.ts'
import { readBody, requireJson } from './body.ts'
import { clearedTokenCookies, tokenCookies, tokenOf, type CookieScope } from './cookies.ts'
import { createListEncoder, isListAnswer, type ListEncoder } from './encode-list.ts'
import { createRouteMatcher, type RouteMatch } from './match.ts'
import { readRequest } from './read-request.ts'
import { selectFields } from './select-fields.ts'
import { writeJson, writeJsonText, writeStream } from './write-answer.ts'
import { writeLog } from './write-log.ts'

const matchRoute = createRouteMatcher([...routes, ...pageRoutes])

/** Answers everything below /api/. Never rejects: every failure becomes an answer. */
export type RestGateway = (
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
  scope: CookieScope,
) => Promise<void>

export function createRestGateway(): RestGateway {
  const encodeList = createListEncoder()
  return async (context, request, response, scope) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort(new CapstanError('unavailable', 'the client has gone')))
    try {
      await answer({ context, request, response, scope, gone: gone.signal, encodeList })
    } catch (error) {
      if (!(error instanceof CapstanError)) context.log.error('call failed', { path: request.url, error })
      if (response.headersSent) response.destroy()
      else writeError(request, response, error)
    }
  }
}

function writeError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  // What is left of a body nobody reads is not waited for.
  if (!request.complete && request.httpVersionMajor < 2) response.setHeader('connection', 'close')
  const { status, body } = errorAnswer(error)
  writeJson(response, status, body)
}

interface Exchange {
  readonly context: ServerContext
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly scope: CookieScope
  readonly gone: AbortSignal
  readonly encodeList: ListEncoder
}

async function answer(exchange: Exchange): Promise<void> {
  const { context, request } = exchange
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const matched = matchRoute(request.method ?? '', path)
  if (matched === undefined) throw new CapstanError('not-found', 'Not Found')
  const record = recordCall(context, { service: matched.route.service, method: matched.route.method }, originOf('rest', request)) // prettier-ignore
  try {
    await answerRoute(exchange, { ...matched, query, record })
    record.ended()
  } catch (error) {
    record.ended(error, exchange.gone.aborted)
    throw error
  }
}

interface Matched extends RouteMatch {
  readonly query: string
  readonly record: CallRecord
}

async function answerRoute(exchange: Exchange, { route, parameters, query, record }: Matched): Promise<void> {
  const { context, request, response, gone } = exchange
  requireJson(request)
  const token = tokenOf(request)
  const isOpen = isOpenCall(route.service, route.method)
  // Strangers are refused before they may fill memory.
  const identity = await identityOf(context, token, isOpen)
  record.by(identity)
  const body = await readBody(request, isOpen ? MAX_OPEN_BODY_BYTES : MAX_BODY_BYTES)
  const search = new URLSearchParams(query)
  const message = readRequest({ route, parameters, query: search, body })
  record.asked(message)
  const isStream = route.stream === 'server'
  const signal = isStream ? gone : AbortSignal.any([gone, AbortSignal.timeout(CALL_TIMEOUT_MS)])
  // A stream of one: what else would REST send?
  const messages = route.stream === 'client' ? { messages: only(message) } : {}
  const call: Call = { context, identity, token, signal, ...messages }
  const result = await handlerOf(route.service, route.method)(message, call)
  if (result instanceof StreamAnswer) return writeMessages(exchange, result, { route, search, signal })
  const fields = search.get('fields') ?? ''
  if (route.service === 'session.SessionService') setCookies(response, route.method, result, exchange.scope)
  writeResult(exchange, result, fields)
}

interface Streamed {
  readonly route: Route
  readonly search: URLSearchParams
  readonly signal: AbortSignal
}

async function writeMessages(
  { request, response }: Exchange,
  { messages }: StreamAnswer,
  { route, search, signal }: Streamed,
): Promise<void> {
  const isFile = route.method === 'PodLogs' && search.get('download') === 'true'
  if (isFile) return writeLog(response, messages, { search, signal })
  await writeStream({ request, response, messages, select: selectFields(search.get('fields') ?? ''), signal })
}

async function* only<T>(message: T): AsyncGenerator<T> {
  yield message
}

function writeResult({ response, encodeList }: Exchange, result: unknown, fields: string): void {
  const select = selectFields(fields)
  if (isListAnswer(result)) writeJsonText(response, 200, encodeList(result, fields, select))
  else writeJson(response, 200, select(result))
}

/** Log in and log out carry the session in a cookie for the page. */
function setCookies(response: ServerResponse, method: string, result: unknown, scope: CookieScope): void {
  const token = typeof result === 'object' && result !== null && 'token' in result ? String(result.token) : ''
  if (method === 'Create') response.setHeader('set-cookie', tokenCookies(new Secret(token), scope))
  if (method === 'Delete') response.setHeader('set-cookie', clearedTokenCookies(scope))
}
