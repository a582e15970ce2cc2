// The lines a simulated container has printed, and how a client reads them.
import type { LogQuery } from '../apiserver/hooks.ts'

/** Older lines go: a kubelet rotates at 10 MiB, nobody reads that much of a simulation. */
export const MAX_LINES = 10_000

interface Line {
  readonly atMs: number
  readonly text: string
}

/** One run of one container. */
export class ContainerLog {
  #lines: Line[] = []
  #ended = false
  #listeners: (() => void)[] = []

  /** Adds text; each line of it counts by itself. */
  print(text: string, atMs: number): void {
    for (const line of text.split('\n')) this.#lines.push({ atMs, text: line })
    if (this.#lines.length > MAX_LINES * 1.1) this.#lines = this.#lines.slice(-MAX_LINES)
    this.#wake()
  }

  /** No more lines will come: followers end. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  /** What a query asks for as one text, lines ending in a newline. */
  read(query: LogQuery, nowMs: number): string {
    return limitBytes(
      this.#selected(query, nowMs)
        .map((line) => formatted(line, query))
        .join(''),
      query.limitBytes,
    )
  }

  /** What there is, then each line as it comes, until the container ends or the reader leaves. */
  async *follow(query: LogQuery, nowMs: number): AsyncGenerator<string> {
    let last = this.#lines.at(-1)
    const first = this.read(query, nowMs)
    if (first !== '') yield first
    let left = query.limitBytes === undefined ? Infinity : query.limitBytes - Buffer.byteLength(first)
    while (!this.#ended && left > 0 && query.signal?.aborted !== true) {
      await this.#changed(query.signal)
      const from = last === undefined ? 0 : this.#lines.lastIndexOf(last) + 1
      const fresh = this.#lines.slice(from)
      last = fresh.at(-1) ?? last
      if (fresh.length === 0) continue
      const text = fresh.map((line) => formatted(line, query)).join('')
      yield left === Infinity ? text : limitBytes(text, left)
      left -= Buffer.byteLength(text)
    }
  }

  #selected(query: LogQuery, nowMs: number): readonly Line[] {
    const fromMs = sinceMs(query, nowMs)
    const lines = fromMs === undefined ? this.#lines : this.#lines.filter((line) => line.atMs >= fromMs)
    if (query.tailLines === undefined) return lines
    return query.tailLines === 0 ? [] : lines.slice(-query.tailLines)
  }

  #changed(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#listeners.push(resolve)
    signal?.addEventListener('abort', () => resolve(), { once: true })
    return promise
  }

  #wake(): void {
    for (const listener of this.#listeners.splice(0)) listener()
  }
}

function sinceMs(query: LogQuery, nowMs: number): number | undefined {
  if (query.sinceTime !== undefined) return Date.parse(query.sinceTime)
  return query.sinceSeconds === undefined ? undefined : nowMs - query.sinceSeconds * 1000
}

/** With time stamps as the kubelet writes them: nanoseconds. */
function formatted(line: Line, query: LogQuery): string {
  if (!query.timestamps) return `${line.text}\n`
  return `${new Date(line.atMs).toISOString().replace('Z', '000000Z')} ${line.text}\n`
}

function limitBytes(text: string, limit: number | undefined): string {
  if (limit === undefined) return text
  return Buffer.from(text).subarray(0, limit).toString('utf8')
}
