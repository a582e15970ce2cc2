// Turns the error answers of an API server into `KubeError`.
import type { JsonObject } from '../object.ts'
import { KubeError } from './client.ts'

/** Proxies answer with whole pages; more than this of one helps nobody. */
const MAX_MESSAGE_LENGTH = 1024

/** Reason words by HTTP code for answers that are no Status (apimachinery api/errors NewGenericServerResponse, v0.36). */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The error of an answer with code 400 and above. */
export function errorOfAnswer(status: number, text: string): KubeError {
  const body = parseObject(text)
  if (body?.['kind'] === 'Status') return errorOfStatus(body, status)
  return new KubeError(status, reasonOfCode(status), text.trim().slice(0, MAX_MESSAGE_LENGTH) || `HTTP ${status}`)
}

/** The error a Status object holds; `fallbackCode` where it names none. */
export function errorOfStatus(status: JsonObject, fallbackCode: number): KubeError {
  const code = typeof status['code'] === 'number' ? status['code'] : fallbackCode
  const reason = typeof status['reason'] === 'string' ? status['reason'] : reasonOfCode(code)
  const message = typeof status['message'] === 'string' ? status['message'] : reason
  const details = isObject(status['details']) ? status['details'] : undefined
  return new KubeError(code, reason, message, details)
}

function reasonOfCode(status: number): string {
  return REASONS[status] ?? (status >= 500 ? 'InternalError' : 'Unknown')
}

function parseObject(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    // Not JSON after all: the text itself becomes the message.
    return undefined
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
