// What each provider of webhooks implements: whether a call is its own, and what the call tells.
import type { WebhookSecrets } from '../../settings/control-plane-secret.ts'
import { refused, type WebhookResult } from './webhook-event.ts'

export interface WebhookCall {
  readonly method: string
  /** A header by its name in lower case; empty where it is absent. */
  header(name: string): string
}

/** A body, or undefined where it is empty or longer than is read. */
export type WebhookBody = Buffer | undefined

/** The headers alone may settle a call; otherwise its body is read and given to what is returned. */
export type Opened = WebhookResult | ((body: WebhookBody) => WebhookResult)

export interface Forge {
  /** For the log. */
  readonly name: string
  isMine(call: WebhookCall, secrets: WebhookSecrets): boolean
  open(call: WebhookCall, secrets: WebhookSecrets): Opened
}

const NO_POST = refused('invalid HTTP Method')
export const NOT_PARSED: WebhookResult = refused('event not defined to be parsed')
const UNREADABLE: WebhookResult = { outcome: 'unreadable', reason: 'error parsing payload' }

/** The rule of all forges but Azure DevOps and the registries: POST first, then whatever else. */
export function openPost(call: WebhookCall, open: () => Opened): Opened {
  return call.method === 'POST' ? open() : NO_POST
}

/** Runs `read` on the body's JSON; what it cannot read is refused. */
export function readJson(body: WebhookBody, read: (payload: unknown) => WebhookResult): WebhookResult {
  if (body === undefined) return UNREADABLE
  let payload: unknown
  try {
    payload = JSON.parse(body.toString('utf8'))
  } catch {
    return refused('the payload is not JSON')
  }
  return read(payload)
}
