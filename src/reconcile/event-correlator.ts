// Keeps repeated events from flooding a cluster: counts equal ones, combines similar ones, drops what is too much.
import { LruCache } from '../base/lru.ts'
import { TokenBucket } from '../base/token-bucket.ts'

// All figures: client-go tools/record/events_cache.go, v0.36.
const MAX_ENTRIES = 4096
/** This many similar events with different messages within the interval are told one by one. */
const MAX_SIMILAR = 10
const SIMILAR_INTERVAL_MS = 600_000
/** Of one source about one object: 25 at once, then one every five minutes. */
const SPAM_BURST = 25
const SPAM_PER_SECOND = 1 / 300

export interface EventFacts {
  /** Source and object, as text. */
  readonly about: string
  /** What makes events similar: about, type and reason. */
  readonly similar: string
  /** Which part of the object; events that differ in it are similar but not the same. */
  readonly place: string
  readonly message: string
}

export interface StoredEvent {
  readonly name: string
  readonly namespace: string
  readonly count: number
  readonly firstTimestamp: string
}

export interface Correlation {
  /** Under which an earlier event is found. */
  readonly key: string
  readonly message: string
  /** The event to count up, where there is one. */
  readonly earlier: StoredEvent | undefined
}

interface Similar {
  readonly messages: Set<string>
  lastMs: number
}

/** Decides what becomes of each event; a class because it remembers. */
export class EventCorrelator {
  readonly #similar = new LruCache<Similar>({ maxSize: MAX_ENTRIES })
  readonly #stored = new LruCache<StoredEvent>({ maxSize: MAX_ENTRIES })
  readonly #buckets = new LruCache<TokenBucket>({ maxSize: MAX_ENTRIES })

  /** Undefined where the event is to be dropped. */
  correlate(facts: EventFacts, nowMs: number): Correlation | undefined {
    const combined = this.#isCombined(facts, nowMs)
    if (!this.#bucket(facts.about).tryTake(nowMs)) return undefined
    const message = combined ? `(combined from similar events): ${facts.message}` : facts.message
    const key = combined ? facts.similar : `${facts.similar}\n${facts.place}\n${facts.message}`
    return { key, message, earlier: this.#stored.get(key) }
  }

  /** Remembers what the cluster stored under a key. */
  remember(key: string, event: StoredEvent): void {
    this.#stored.set(key, event)
  }

  /** Forgets an event the cluster no longer has. */
  forget(key: string): void {
    this.#stored.delete(key)
  }

  #isCombined(facts: EventFacts, nowMs: number): boolean {
    const known = this.#similar.get(facts.similar)
    const recent = known !== undefined && nowMs - known.lastMs <= SIMILAR_INTERVAL_MS
    const record = recent ? known : { messages: new Set<string>(), lastMs: nowMs }
    record.messages.add(facts.message)
    record.lastMs = nowMs
    this.#similar.set(facts.similar, record)
    if (record.messages.size < MAX_SIMILAR) return false
    // The set must not grow with every new message: one goes for each that comes.
    const [oldest] = record.messages
    if (oldest !== undefined) record.messages.delete(oldest)
    return true
  }

  #bucket(about: string): TokenBucket {
    const known = this.#buckets.get(about)
    if (known !== undefined) return known
    const bucket = new TokenBucket({ perSecond: SPAM_PER_SECOND, burst: SPAM_BURST })
    this.#buckets.set(about, bucket)
    return bucket
  }
}
