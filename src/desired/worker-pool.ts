// Worker threads that evaluate renderings: started on first use, kept warm by key, ended when idle or overdue.
import { Worker } from 'node:worker_threads'
import type { Cancel, Clock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import { parseJson } from '../kube/json-digits.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Rendered, SourceType } from '../render/contract.ts'
import type { LoadedSource, RenderRequest } from '../render/renderer.ts'
import type { RenderAnswer, RenderJob } from './worker-protocol.ts'
import { detachable } from './worker-protocol.ts'

/** Argo CD gives helm and kustomize 90 seconds (ARGOCD_EXEC_TIMEOUT). */
export const RENDER_DEADLINE_MS = 90_000

/** A template bomb must not fill the memory of the process; the largest public charts print 12 MB. */
export const MAX_OUTPUT_LENGTH: number = 64 * 1024 * 1024

/** Heap of one worker; Argo's own renders peak at 381 MB. */
const WORKER_HEAP_MB = 512

/** Stack of a thread that renders: `include` may nest a thousand deep, and tables in them. */
export const STACK_MB = 16

/** A worker costs about 30 MB: it goes when nothing was rendered for so long. */
const IDLE_MS = 60_000

export interface WorkerPoolOptions {
  /** A plain JavaScript module that calls `serveRenderJobs`. */
  readonly entry: URL
  readonly clock: Clock
  /** Most threads at once. Default 2. */
  readonly maximum?: number
  readonly deadlineMs?: number
  readonly maxOutputLength?: number
  readonly idleMs?: number
}

export interface PoolJob {
  /** Jobs with the same key go to the same worker: repository and path. */
  readonly key: string
  readonly sourceType: SourceType
  readonly request: RenderRequest
  readonly loaded: LoadedSource
  readonly signal?: AbortSignal | undefined
}

export class RenderWorkerPool {
  readonly #lanes: readonly Lane[]

  constructor(options: WorkerPoolOptions) {
    this.#lanes = Array.from({ length: options.maximum ?? 2 }, () => new Lane(options))
  }

  /** Threads that run at the moment. */
  get running(): number {
    return this.#lanes.filter((lane) => lane.isRunning).length
  }

  /** Evaluates a job in its worker. Rejects with what the renderer threw, `timeout`, or `limit`. */
  render(job: PoolJob): Promise<Rendered> {
    let hash = 0
    for (let i = 0; i < job.key.length; i++) hash = (hash * 31 + job.key.charCodeAt(i)) | 0
    const lane = this.#lanes[Math.abs(hash) % this.#lanes.length]
    if (lane === undefined) throw new CapstanError('internal', 'a worker pool needs at least one thread')
    return lane.add(job)
  }

  /** Ends all threads; what is still waiting is rejected. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()))
  }
}

interface Pending {
  readonly job: PoolJob
  readonly id: number
  readonly resolve: (rendered: Rendered) => void
  readonly reject: (error: unknown) => void
}

/** One thread and the jobs that wait for it. */
class Lane {
  readonly #options: WorkerPoolOptions
  readonly #waiting: Pending[] = []
  #worker: Worker | undefined
  #current: Pending | undefined
  #cancelTimer: Cancel = () => {}
  #lastId = 0
  #closed = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  add(job: PoolJob): Promise<Rendered> {
    if (this.#closed) return Promise.reject(closedError())
    const { promise, resolve, reject } = Promise.withResolvers<Rendered>()
    this.#lastId++
    const pending: Pending = { job, id: this.#lastId, resolve, reject }
    const abort = (): void => this.#abandon(pending)
    job.signal?.addEventListener('abort', abort, { once: true })
    this.#waiting.push(pending)
    this.#next()
    return promise.finally(() => job.signal?.removeEventListener('abort', abort))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const pending of this.#waiting.splice(0)) pending.reject(closedError())
    this.#fail(closedError())
    await this.#stop()
  }

  #next(): void {
    if (this.#current !== undefined) return
    this.#cancelTimer()
    const pending = this.#waiting.shift()
    if (pending === undefined) {
      this.#worker?.unref()
      this.#cancelTimer = this.#options.clock.schedule(this.#options.idleMs ?? IDLE_MS, () => void this.#stop())
      return
    }
    this.#current = pending
    const deadlineMs = this.#options.deadlineMs ?? RENDER_DEADLINE_MS
    this.#cancelTimer = this.#options.clock.schedule(deadlineMs, () => this.#overdue(deadlineMs))
    this.#post(pending)
  }

  #post({ job, id }: Pending): void {
    const { loaded, buffers } = detachable(job.loaded)
    const { sourceType, request } = job
    const maxOutputLength = this.#options.maxOutputLength ?? MAX_OUTPUT_LENGTH
    const message: RenderJob = { id, sourceType, request, loaded, maxOutputLength }
    const worker = this.#thread()
    // A job keeps the process alive, an idle thread does not.
    worker.ref()
    worker.postMessage(message, buffers)
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const resourceLimits = { maxOldGenerationSizeMb: WORKER_HEAP_MB, stackSizeMb: STACK_MB }
    const worker = new Worker(this.#options.entry, { resourceLimits })
    worker.on('message', (answer: RenderAnswer) => this.#answered(answer))
    worker.on('error', (error) => this.#crashed(worker, error))
    worker.on('exit', () => this.#crashed(worker, new Error('the rendering thread ended')))
    this.#worker = worker
    return worker
  }

  #answered(answer: RenderAnswer): void {
    const pending = this.#current
    if (pending?.id !== answer.id) return
    this.#current = undefined
    if (answer.ok) {
      const manifests = parseJson(answer.manifests) as unknown as KubeObject[] // what a renderer returned
      const { sourceType, warnings, volatile } = answer
      pending.resolve({ sourceType, manifests, warnings, volatile })
    } else pending.reject(new CapstanError(answer.code, answer.message))
    this.#next()
  }

  #overdue(deadlineMs: number): void {
    const seconds = deadlineMs / 1000
    this.#fail(new CapstanError('timeout', `rendering took longer than ${seconds} s and was ended`))
    void this.#stop().then(() => this.#next())
  }

  #crashed(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#fail(new CapstanError('limit', `rendering failed: ${messageOf(error)}`, { cause: error }))
    if (!this.#closed) this.#next()
  }

  /** A caller that no longer waits: its job is dropped, or its thread ended if it is at work. */
  #abandon(pending: Pending): void {
    const at = this.#waiting.indexOf(pending)
    if (at >= 0) this.#waiting.splice(at, 1)
    const { signal } = pending.job
    const reason: unknown = signal?.reason
    pending.reject(reason instanceof Error ? reason : new CapstanError('timeout', 'rendering was given up'))
    if (this.#current !== pending) return
    this.#current = undefined
    void this.#stop().then(() => this.#next())
  }

  #fail(error: CapstanError): void {
    this.#current?.reject(error)
    this.#current = undefined
  }

  async #stop(): Promise<void> {
    this.#cancelTimer()
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}

function closedError(): CapstanError {
  return new CapstanError('unavailable', 'rendering has been shut down')
}
