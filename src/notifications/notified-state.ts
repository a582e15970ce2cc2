// What has been sent already, as it stands in an annotation of the object (notifications-engine controller/state.go).
import type { Destination } from './notification.ts'

/** Upstream's key, so that nothing is sent twice when an installation moves from one to the other. */
export const NOTIFIED_ANNOTATION = 'notified.notifications.argoproj.io'
/** Older entries are forgotten beyond this, as upstream does. */
export const MAX_NOTIFIED = 100

export interface NotifiedCondition {
  readonly trigger: string
  /** `[0].` and the hash of the condition. */
  readonly key: string
  /** Empty: once each time the condition becomes true. */
  readonly oncePer: string
  /** Namespace of the configuration, where it is that of the object's own namespace. */
  readonly namespace?: string
}

/** Seconds since 1970 by what was sent. */
export class NotifiedState {
  readonly #sent: Map<string, number>

  /** Reads the annotation; one that cannot be read counts as empty. */
  constructor(annotation: string | undefined) {
    this.#sent = new Map(readEntries(annotation))
  }

  /** Marks it as sent; false where it was already. */
  mark(condition: NotifiedCondition, to: Destination, nowMs: number): boolean {
    const key = stateKey(condition, to)
    if (this.#sent.has(key)) return false
    this.#sent.set(key, Math.floor(nowMs / 1000))
    return true
  }

  /** Forgets that it was sent: the condition no longer holds, or the delivery failed. */
  forget(condition: NotifiedCondition, to: Destination): void {
    this.#sent.delete(stateKey(condition, to))
  }

  /** The condition no longer holds; what is sent once per value stays remembered. */
  release(condition: NotifiedCondition, to: Destination): void {
    if (condition.oncePer === '') this.forget(condition, to)
  }

  /** The annotation; undefined where nothing has been sent. Only the newest entries stay. */
  annotation(): string | undefined {
    if (this.#sent.size === 0) return undefined
    const entries = [...this.#sent].toSorted(([, a], [, b]) => b - a).slice(0, MAX_NOTIFIED)
    return JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))))
  }
}

/** `[oncePer:][namespace:]trigger:key:service:recipient`. */
export function stateKey({ trigger, key, oncePer, namespace }: NotifiedCondition, to: Destination): string {
  const parts = [trigger, key, to.service, to.recipient]
  if (namespace !== undefined) parts.unshift(namespace)
  if (oncePer !== '') parts.unshift(oncePer)
  return parts.join(':')
}

function readEntries(annotation: string | undefined): readonly (readonly [string, number])[] {
  if (annotation === undefined || annotation === '') return []
  try {
    const value: unknown = JSON.parse(annotation)
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, time]) => (Number.isSafeInteger(time) ? [[key, Number(time)]] : []))
  } catch {
    return []
  }
}
