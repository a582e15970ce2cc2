// service.webhook.<name>: any HTTP request (notifications-engine services/webhook.go).
import { parseDurationMs } from '../../lang/go/time/duration.ts'
import { httpWithRetries, isSuccess, refused, type Retries } from '../http.ts'
import type { HttpMethod, NotificationService } from '../notification.ts'
import { fieldsOf, isSet, listOf, numberOf, textOf, type Fields } from '../options.ts'

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** However many retries are asked for, a delivery ends. */
const MAX_RETRIES = 20

/** Options: url, headers, basicAuth, insecureSkipVerify, retryMax, retryWaitMin, retryWaitMax. */
export function webhookService(options: Fields): NotificationService {
  return {
    async send({ message, blocks }, { service }, context) {
      const block = fieldsOf(blocks['webhook']?.[service])
      const isWritten = blocks['webhook']?.[service] !== undefined
      const question = {
        method: methodOf(textOf(block, 'method')),
        url: addressOf(textOf(options, 'url'), textOf(block, 'path')),
        headers: headersOf(options),
        body: isWritten ? textOf(block, 'body') : message,
        insecure: isSet(options, 'insecureSkipVerify'),
      }
      const answer = await httpWithRetries(context, question, retriesOf(options))
      if (!isSuccess(answer)) throw refused(question, answer)
    },
  }
}

function methodOf(text: string): HttpMethod {
  const method = text.toUpperCase()
  return METHODS.has(method) ? (method as HttpMethod) : 'GET' // one of the set
}

function addressOf(url: string, path: string): string {
  return path === '' ? url : `${url.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
}

function headersOf(options: Fields): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const header of listOf(options, 'headers').map(fieldsOf)) {
    headers[textOf(header, 'name')] = textOf(header, 'value')
  }
  const login = options['basicAuth']
  if (login !== undefined && login !== null) headers['Authorization'] = basicLogin(fieldsOf(login))
  return headers
}

/** The Authorization header of `basicAuth`. */
export function basicLogin(login: Fields): string {
  const text = `${textOf(login, 'username')}:${textOf(login, 'password')}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}

function retriesOf(options: Fields): Retries {
  return {
    most: Math.min(numberOf(options, 'retryMax') || 3, MAX_RETRIES),
    waitMinMs: durationOf(options, 'retryWaitMin') || 1000,
    waitMaxMs: durationOf(options, 'retryWaitMax') || 5000,
  }
}

/** A text such as `2s`, or nanoseconds, as Go reads a bare number. */
function durationOf(options: Fields, name: string): number {
  const value = options[name]
  return typeof value === 'number' ? value / 1e6 : (parseDurationMs(textOf(options, name)) ?? 0)
}
