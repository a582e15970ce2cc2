// One step under way: the request, the results so far, and the live objects as this step has seen them.
import type { OperationPhase } from '../crds/application.ts'
import type { KubeObject } from '../kube/object.ts'
import { ResultBook } from './result-book.ts'
import type { StepOutcome, SyncEnvironment, SyncRequest } from './sync-request.ts'
import { resultKey, type SyncTask } from './task.ts'

export class StepRun {
  readonly request: SyncRequest
  readonly environment: SyncEnvironment
  readonly book: ResultBook
  readonly #live = new Map<string, KubeObject>()
  #saved: number

  constructor(request: SyncRequest, environment: SyncEnvironment) {
    this.request = request
    this.environment = environment
    this.book = new ResultBook(request.results)
    this.#saved = this.book.changes
  }

  get signal(): AbortSignal {
    return this.environment.signal
  }

  /** The newest state of a task's object that this step knows. */
  liveOf(task: SyncTask): KubeObject | undefined {
    return this.#live.get(resultKey(task)) ?? task.live
  }

  /** Notes an object as the cluster answered it. */
  saw(task: SyncTask, object: KubeObject): void {
    this.#live.set(resultKey(task), object)
    this.environment.observe(object)
  }

  /** Saves the results where they have changed since they were last saved. */
  async checkpoint(): Promise<void> {
    if (this.book.changes === this.#saved) return
    this.#saved = this.book.changes
    await this.environment.checkpoint(this.book.all())
  }

  outcome(phase: OperationPhase, message: string, delayMs = 0): StepOutcome {
    return { phase, message, results: this.book.all(), delayMs }
  }
}
