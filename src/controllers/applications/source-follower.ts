// Follows refs that move: applications they change are compared at once, the others are told their revision later, spread.
import { setImmediate as letOthersRun } from 'node:timers/promises'
import type { Cancel, Clock } from '../../base/clock.ts'
import type { Application } from '../../crds/application.ts'
import type { Desired } from '../../desired/contract.ts'
import { type Request, requestFor, requestKey } from '../../reconcile/request.ts'
import type { AppMemories, AppMemory } from './app-memory.ts'
import { sourcesOf } from './application-name.ts'
import type { CompareLevel } from './refresh-decision.ts'
import { isAt, lookAtSources } from './source-look.ts'

/** Refs listed just now will do: whoever saw them move has listed them; a project with its own repository asks once. */
const MOVED_AGE_MS = 2_000
/** Looked at before others get their turn: some ten milliseconds of work. */
const LOOKS_AT_ONCE = 100

/**
 * Between two revisions written into applications that a commit does not change: at most 50 a second, a tenth of a
 * processor with the embedded cluster's own part. 500 applications have followed after ten seconds, 5,000 after a hundred.
 */
export const FOLLOW_PAUSE_MS = 20
/** From a commit to the first of them: what it does change is compared and synced in that time. */
export const FOLLOW_DELAY_MS = 1_000
/** From the start of a round to that of the next: however many commits come, an application is written once in it. */
export const FOLLOW_ROUND_MS = 15_000

export interface FollowerOptions {
  readonly clock: Clock
  readonly desired: Pick<Desired, 'glance' | 'onRefsMoved'>
  readonly memories: AppMemories
  readonly applications: () => readonly Application[]
  /** Compares an application at once. */
  readonly refresh: (request: Request, level: CompareLevel) => void
  /** Looks at an application again, and writes its revision. */
  readonly follow: (request: Request) => void
  /** Does anything wait that matters more? */
  readonly isBusy: () => boolean
}

/** Runs from `start` to `stop`. What waits is lost with the process: each application is compared when the next one starts. */
export class SourceFollower {
  readonly #options: FollowerOptions
  readonly #ending = new AbortController()
  readonly #moved = new Set<string>()
  #round = new Map<string, Request>()
  #next = new Map<string, Request>()
  #roundMs = -Infinity
  #looking: Promise<void> | undefined
  #cancel: Cancel | undefined
  #stopListening: () => void = () => {}

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  start(): void {
    this.#stopListening = this.#options.desired.onRefsMoved((repoURL) => this.moved(repoURL))
  }

  async stop(): Promise<void> {
    this.#stopListening()
    this.#ending.abort()
    this.#cancel?.()
    await this.#looking
  }

  /** Applications whose revision is still to be written. */
  get waiting(): number {
    return new Set([...this.#round.keys(), ...this.#next.keys()]).size
  }

  /** A ref of the repository has moved, whoever has seen it: all that use the repository are looked at. */
  moved(repoURL: string): void {
    if (this.#ending.signal.aborted) return
    this.#moved.add(repoURL)
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined
    })
  }

  /** Resolves when every application has been looked at that was to be. */
  async looked(): Promise<void> {
    await this.#looking
  }

  async #lookAtAll(): Promise<void> {
    while (this.#moved.size > 0 && !this.#ending.signal.aborted) {
      const moved = new Set(this.#moved)
      this.#moved.clear()
      const applications = this.#options
        .applications()
        .filter(({ spec }) => sourcesOf(spec).some(({ repoURL }) => moved.has(repoURL)))
      for (let start = 0; start < applications.length; start += LOOKS_AT_ONCE) {
        await Promise.all(applications.slice(start, start + LOOKS_AT_ONCE).map((one) => this.#look(one)))
        if (this.#ending.signal.aborted) return
        await letOthersRun()
      }
    }
  }

  async #look(application: Application): Promise<void> {
    const { memories, desired, refresh } = this.#options
    const request = requestFor(application)
    const memory = memories.get(requestKey(request))
    if (memory === undefined) return // not yet compared: it waits for that
    const { signal } = this.#ending
    const sight = await lookAtSources(application, memory, desired, { maxAgeMs: MOVED_AGE_MS, signal }).catch(
      () => undefined, // stopped meanwhile
    )
    if (sight === undefined) return
    if (sight.level !== undefined) {
      if (isNews(application, memory, sight.revisions)) refresh(request, sight.level)
    } else if (!isAt(application.status?.sync, sight.revisions)) this.#later(request)
  }

  #later(request: Request): void {
    const key = requestKey(request)
    if (this.#round.has(key)) return
    this.#next.set(key, request)
    if (this.#cancel === undefined) this.#schedule()
  }

  #schedule(): void {
    const { clock } = this.#options
    const delayMs = Math.max(FOLLOW_DELAY_MS, this.#roundMs + FOLLOW_ROUND_MS - clock.now())
    this.#cancel = clock.schedule(delayMs, () => this.#startRound())
  }

  #startRound(): void {
    this.#roundMs = this.#options.clock.now()
    this.#round = this.#next
    this.#next = new Map()
    this.#step()
  }

  #step(): void {
    const { clock, isBusy, follow } = this.#options
    this.#cancel = undefined
    const [first] = this.#round
    if (first !== undefined && !isBusy()) {
      this.#round.delete(first[0])
      follow(first[1])
    }
    if (this.#round.size > 0) this.#cancel = clock.schedule(FOLLOW_PAUSE_MS, () => this.#step())
    else if (this.#next.size > 0) this.#schedule()
  }
}

/** Not for each commit elsewhere anew: an application that is compared without news has its own times for that. */
function isNews(application: Application, { comparison }: AppMemory, revisions: readonly string[]): boolean {
  return comparison === undefined || revisions.length === 0 || !isAt(application.status?.sync, revisions)
}
