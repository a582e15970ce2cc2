// Webhook events that wait: equal ones are one, and however many come they take no more than so much memory.
import { MAX_CHANGED_FILES } from '../../source/webhooks/payload.ts'
import { MAX_NAMES, type WebhookEvent } from '../../source/webhooks/webhook-event.ts'

/** Upstream's queue is as long. */
export const MAX_PENDING_EVENTS = 50_000
/** Of names and paths in all of them. */
export const MAX_PENDING_BYTES: number = 64 << 20

/** Of one round, and what they name: each is compared with every application before anything else has its turn. */
export const MAX_ROUND_EVENTS = 500
export const MAX_ROUND_NAMES: number = MAX_NAMES

export interface PendingLimits {
  readonly events?: number
  readonly bytes?: number
}

interface Pending {
  readonly event: WebhookEvent
  readonly bytes: number
}

export class PendingEvents {
  readonly #maxEvents: number
  readonly #maxBytes: number
  readonly #events = new Map<string, Pending>()
  #bytes = 0

  constructor({ events = MAX_PENDING_EVENTS, bytes = MAX_PENDING_BYTES }: PendingLimits = {}) {
    this.#maxEvents = events
    this.#maxBytes = bytes
  }

  get size(): number {
    return this.#events.size
  }

  /** False where there is no room; a push of which the same waits already always finds some. */
  add(event: WebhookEvent): boolean {
    const key = keyOf(event)
    const known = this.#events.get(key)
    if (known === undefined && this.#events.size >= this.#maxEvents) return false
    const merged = known === undefined ? event : withFilesOf(known.event, event)
    return this.#put(key, merged) || this.#put(key, withoutFiles(merged))
  }

  /** Those of one round, the oldest, which then wait no longer. */
  take(): readonly WebhookEvent[] {
    const taken: WebhookEvent[] = []
    let names = 0
    for (const [key, { event, bytes }] of this.#events) {
      names += namesOf(event)
      if (taken.length === MAX_ROUND_EVENTS || (taken.length > 0 && names > MAX_ROUND_NAMES)) break
      taken.push(event)
      this.#events.delete(key)
      this.#bytes -= bytes
    }
    return taken
  }

  #put(key: string, event: WebhookEvent): boolean {
    const bytes = key.length + filesLength(event)
    const next = this.#bytes - (this.#events.get(key)?.bytes ?? 0) + bytes
    if (next > this.#maxBytes) return false
    this.#bytes = next
    this.#events.set(key, { event, bytes })
    return true
  }
}

/** Two events of one key differ in their changed files alone. */
function keyOf(event: WebhookEvent): string {
  return JSON.stringify(event.kind === 'push' ? { ...event, changedFiles: undefined } : event)
}

/** Files nobody told are all files. */
function withFilesOf(known: WebhookEvent, next: WebhookEvent): WebhookEvent {
  if (known.kind !== 'push' || next.kind !== 'push') return next
  if (known.changedFiles === undefined || next.changedFiles === undefined) return withoutFiles(next)
  const changedFiles = [...new Set([...known.changedFiles, ...next.changedFiles])]
  return changedFiles.length > MAX_CHANGED_FILES ? withoutFiles(next) : { ...next, changedFiles }
}

function namesOf(event: WebhookEvent): number {
  return event.kind === 'push' ? event.webUrls.length + event.revisions.length : 1
}

function withoutFiles(event: WebhookEvent): WebhookEvent {
  return event.kind === 'push' ? { ...event, changedFiles: undefined } : event
}

function filesLength(event: WebhookEvent): number {
  if (event.kind !== 'push' || event.changedFiles === undefined) return 0
  let length = 0
  for (const file of event.changedFiles) length += file.length
  return length
}
