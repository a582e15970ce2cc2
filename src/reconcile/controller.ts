// A controller: a queue of requests, workers that reconcile them, and what each outcome means for the queue.
import { setImmediate as afterOthers } from 'node:timers/promises'
import type { BackoffOptions } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { WorkQueue, type QueueStatistics } from '../base/queue.ts'
import type { TokenBucket } from '../base/token-bucket.ts'
import { TerminalError, WaitingError, type ReconcileResult } from './outcome.ts'
import { parseRequestKey, requestKey, type Request } from './request.ts'

export interface ReconcileContext {
  /** Aborts when the controller stops or the reconcile has had its time. */
  readonly signal: AbortSignal
  /** Carries controller, namespace and name. */
  readonly log: Log
}

/** Looks at one object's state and brings the world closer to it. Running it twice changes nothing. */
export type Reconcile = (request: Request, context: ReconcileContext) => Promise<ReconcileResult | void>

export interface ReconcileReport {
  readonly controller: string
  readonly request: Request
  readonly outcome: 'done' | 'retry-after' | 'waiting' | 'error' | 'terminal'
  readonly durationMs: number
}

export interface ControllerOptions {
  readonly name: string
  readonly reconcile: Reconcile
  readonly clock: Clock
  readonly log: Log
  /** How many requests are reconciled at a time. Default 1. */
  readonly workers?: number
  /** Of each request on its own. Default 5 ms doubling up to 1000 s. */
  readonly backoff?: BackoffOptions
  /** Bounds retries of all requests together. */
  readonly tokenBucket?: TokenBucket
  /** Aborts a reconcile's signal after this long; none by default. */
  readonly reconcileTimeoutMs?: number
  /** Called after every reconcile, for metrics. */
  readonly onReconciled?: (report: ReconcileReport) => void
}

/** Reconciles what is enqueued, from `start` to `stop`. */
export interface Controller {
  readonly name: string
  enqueue(request: Request): void
  enqueueAfter(request: Request, delayMs: number): void
  start(): void
  /** Lets running reconciles end (their signal is aborted) and drops the rest. */
  stop(): Promise<void>
  /** Resolves when nothing is ready or running; what waits for a later time does not count. */
  idle(): Promise<void>
  statistics(): QueueStatistics
}

/** So many requests are reconciled in a row; then whatever else waits has its turn, signals and other people's requests among it. */
const REQUESTS_IN_A_ROW = 64

/** See `ControllerOptions`; nothing runs before `start`. */
export function createController(options: ControllerOptions): Controller {
  return new QueueController(options)
}

class QueueController implements Controller {
  readonly name: string
  readonly #options: ControllerOptions
  readonly #queue: WorkQueue
  readonly #stopping = new AbortController()
  #workers: Promise<void>[] = []

  constructor(options: ControllerOptions) {
    this.name = options.name
    this.#options = options
    const { clock, backoff, tokenBucket } = options
    this.#queue = new WorkQueue({
      clock,
      ...(backoff === undefined ? {} : { backoff }),
      ...(tokenBucket === undefined ? {} : { tokenBucket }),
    })
  }

  enqueue(request: Request): void {
    this.#queue.add(requestKey(request))
  }

  enqueueAfter(request: Request, delayMs: number): void {
    this.#queue.addAfter(requestKey(request), delayMs)
  }

  start(): void {
    if (this.#workers.length > 0) return
    this.#workers = Array.from({ length: this.#options.workers ?? 1 }, () => this.#work())
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`controller ${this.name} stopped`))
    this.#queue.close()
    await Promise.all(this.#workers)
  }

  idle(): Promise<void> {
    return this.#queue.idle()
  }

  statistics(): QueueStatistics {
    return this.#queue.statistics()
  }

  async #work(): Promise<void> {
    for (let done = 1; ; done++) {
      if (done % REQUESTS_IN_A_ROW === 0) await afterOthers()
      const key = await this.#queue.take()
      if (key === undefined) return
      try {
        await this.#process(key)
      } finally {
        this.#queue.done(key)
      }
    }
  }

  async #process(key: string): Promise<void> {
    const request = parseRequestKey(key)
    const { clock, onReconciled } = this.#options
    const startMs = clock.now()
    const outcome = await this.#reconcile(key, request)
    onReconciled?.({ controller: this.name, request, outcome, durationMs: clock.now() - startMs })
  }

  async #reconcile(key: string, request: Request): Promise<ReconcileReport['outcome']> {
    const log = this.#options.log.with({ controller: this.name, ...request })
    try {
      const result = (await this.#callWithTimeout(request, log)) ?? 'done'
      this.#queue.forget(key)
      if (result === 'done') return 'done'
      this.#queue.addAfter(key, result.retryAfterMs)
      return 'retry-after'
    } catch (error) {
      return this.#failed(key, error, log)
    }
  }

  #failed(key: string, error: unknown, log: Log): ReconcileReport['outcome'] {
    if (this.#stopping.signal.aborted) return 'error'
    if (error instanceof TerminalError) {
      this.#queue.forget(key)
      log.error('reconcile failed for good', { error })
      return 'terminal'
    }
    if (error instanceof WaitingError) {
      this.#queue.forget(key)
      this.#queue.addAfter(key, error.retryAfterMs)
      log.debug('reconcile waits', { error, retryAfterMs: error.retryAfterMs })
      return 'waiting'
    }
    this.#queue.addRateLimited(key)
    log.warn('reconcile failed', { error, failures: this.#queue.failuresOf(key) })
    return 'error'
  }

  /** The reconcile is told that its time is up, and awaited: the same object is never reconciled twice at once. */
  async #callWithTimeout(request: Request, log: Log): Promise<ReconcileResult | void> {
    const { clock, reconcile, reconcileTimeoutMs } = this.#options
    if (reconcileTimeoutMs === undefined) return reconcile(request, { signal: this.#stopping.signal, log })
    const controller = new AbortController()
    const onStop = (): void => controller.abort(this.#stopping.signal.reason)
    this.#stopping.signal.addEventListener('abort', onStop, { once: true })
    const cancel = clock.schedule(reconcileTimeoutMs, () => {
      controller.abort(new Error(`reconcile took longer than ${reconcileTimeoutMs / 1000} s`))
    })
    try {
      return await reconcile(request, { signal: controller.signal, log })
    } finally {
      cancel()
      this.#stopping.signal.removeEventListener('abort', onStop)
    }
  }
}
