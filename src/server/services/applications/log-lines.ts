// Lines of pods' logs: read with their times, and those of several pods put in order.
import { splitLines } from '../../../kube/client/watch-lines.ts'

export interface LogLine {
  readonly podName: string
  readonly content: string
  /** RFC 3339 with nanoseconds, as the kubelet wrote it. */
  readonly time: string
}

/** A longer line is an error, as for Kubernetes' own readers of lines. */
const MAX_LINE_BYTES = 16 << 20
/** Lines of a pod that wait for others; its log is then read no further. */
export const MAX_WAITING_LINES = 1000
/** How long a line waits for older ones of other pods (server/application/application.go, v3.5.1). */
export const MERGE_WAIT_MS = 100

/** What upstream shows where there is no time. */
export const ZERO_TIME = '0001-01-01T00:00:00Z'

const TIMED = /^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?(?<content>.*)$/s

/** The lines of a log that was asked for with times; a carriage return ends a line, too. */
export async function* readLogLines(podName: string, log: AsyncIterable<string | Uint8Array>): AsyncGenerator<LogLine> {
  for await (const line of splitLines(log, MAX_LINE_BYTES)) {
    const text = line.trim()
    const { time = ZERO_TIME, content = text } = TIMED.exec(text)?.groups ?? {}
    for (const part of content.split('\r')) yield { podName, content: part, time }
  }
}

/** Sorts by time, the older first. */
function isBefore(a: LogLine, b: LogLine): boolean {
  const [left, right] = [Date.parse(a.time), Date.parse(b.time)]
  return left === right ? nanosOf(a) < nanosOf(b) : left < right
}

function nanosOf({ time }: LogLine): number {
  return Number((/\.(?<digits>\d+)/.exec(time)?.groups?.['digits'] ?? '').padEnd(9, '0').slice(0, 9))
}

/**
 * The lines of several logs as one, the oldest first as far as they come within `MERGE_WAIT_MS` of each other. Ends when all have
 * ended or the signal aborts; throws what reading one of them throws.
 */
export async function* mergeLogLines(
  logs: readonly AsyncIterable<LogLine>[],
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const [only] = logs
  if (only !== undefined && logs.length === 1) {
    yield* only
    return
  }
  const merge = new Merge(logs)
  const onAbort = (): void => merge.end()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!merge.isDone) {
      yield* merge.ready()
      if (!merge.isDone) await merge.more()
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    merge.end()
  }
}

interface Waiting {
  readonly lines: LogLine[]
  isRead: boolean
  /** Called when there is room again. */
  onRoom: () => void
}

/** What was read of each log and not passed on yet. */
class Merge {
  readonly #logs: readonly Waiting[]
  #isEnded = false
  #failure: { readonly error: unknown } | undefined
  #wake: () => void = () => undefined
  /** Since when lines wait for those of other pods; undefined: none do. */
  #waitingSince: number | undefined

  constructor(logs: readonly AsyncIterable<LogLine>[]) {
    this.#logs = logs.map((log) => {
      const waiting: Waiting = { lines: [], isRead: false, onRoom: () => undefined }
      void this.#read(log, waiting)
      return waiting
    })
  }

  get isDone(): boolean {
    const isEmpty = this.#logs.every(({ isRead, lines }) => isRead && lines.length === 0)
    return this.#isEnded || (isEmpty && this.#failure === undefined)
  }

  end(): void {
    this.#isEnded = true
    for (const { onRoom } of this.#logs) onRoom()
    this.#wake()
  }

  /** The lines that need not wait any longer, in order. */
  *ready(): Generator<LogLine> {
    const isLate = this.#waitingSince !== undefined && performance.now() - this.#waitingSince >= MERGE_WAIT_MS
    for (let line = this.#take(isLate); line !== undefined; line = this.#take(isLate)) yield line
    if (this.#failure !== undefined && !this.#isEnded) throw this.#failure.error
    const isWaiting = this.#logs.some(({ lines }) => lines.length > 0)
    if (!isWaiting || isLate) this.#waitingSince = isWaiting ? performance.now() : undefined
    else this.#waitingSince ??= performance.now()
  }

  /** Resolves when there is a new line, or those that wait have waited long enough. */
  async more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const timer = this.#waitingSince === undefined ? undefined : setTimeout(resolve, MERGE_WAIT_MS)
    await promise
    clearTimeout(timer)
  }

  #take(isLate: boolean): LogLine | undefined {
    const oldest = this.#isEnded || (!isLate && this.#mayComeOlder()) ? undefined : this.#oldest()
    const line = oldest?.lines.shift()
    oldest?.onRoom()
    return line
  }

  #oldest(): Waiting | undefined {
    let oldest: Waiting | undefined
    for (const waiting of this.#logs) {
      const [line] = waiting.lines
      const [than] = oldest?.lines ?? []
      if (line !== undefined && (than === undefined || isBefore(line, than))) oldest = waiting
    }
    return oldest
  }

  #mayComeOlder(): boolean {
    return this.#logs.some(({ isRead, lines }) => !isRead && lines.length === 0)
  }

  async #read(log: AsyncIterable<LogLine>, waiting: Waiting): Promise<void> {
    try {
      for await (const line of log) {
        waiting.lines.push(line)
        this.#wake()
        if (waiting.lines.length >= MAX_WAITING_LINES) await this.#room(waiting)
        if (this.#isEnded) break
      }
    } catch (error) {
      this.#failure ??= { error }
    }
    waiting.isRead = true
    this.#wake()
  }

  async #room(waiting: Waiting): Promise<void> {
    while (waiting.lines.length >= MAX_WAITING_LINES && !this.#isEnded) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.onRoom = resolve
      await promise
    }
  }
}
