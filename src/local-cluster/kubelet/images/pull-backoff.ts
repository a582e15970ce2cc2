// How long the kubelet waits between pulls of an image that fails (client-go util/flowcontrol/backoff.go, kubelet.go, v1.36.3).

export interface PullTiming {
  /** After the first failure; then twice as long each time. */
  readonly firstMs: number
  readonly maxMs: number
  /** From a failed pull to the look that reports the back-off. */
  readonly relistMs: number
  /** Between attempts where there is nothing to back off from: a bad name, a bad Secret. */
  readonly syncMs: number
}

/** imageBackOffPeriod 10 s, MaxImageBackOff 300 s, the kubelet's relist period 1 s, its backOffPeriod 10 s. */
export const KUBELET_TIMING: PullTiming = { firstMs: 10_000, maxMs: 300_000, relistMs: 1000, syncMs: 10_000 }

/** The kubelet's timing with all its parts as much shorter (or longer) as the first delay is. */
export function timingFrom(firstMs: number | undefined): PullTiming {
  if (firstMs === undefined) return KUBELET_TIMING
  const factor = firstMs / KUBELET_TIMING.firstMs
  return {
    firstMs,
    maxMs: KUBELET_TIMING.maxMs * factor,
    relistMs: KUBELET_TIMING.relistMs * factor,
    syncMs: KUBELET_TIMING.syncMs * factor,
  }
}

interface Entry {
  readonly delayMs: number
  readonly atMs: number
  /** What the failed pull said. */
  readonly message: string
}

/** The back-offs of one pod, by image; forgotten after twice the longest delay. */
export class PullBackoff {
  readonly #entries = new Map<string, Entry>()

  /** A pull failed. */
  fail(
    image: string,
    message: string,
    { nowMs, timing }: { readonly nowMs: number; readonly timing: PullTiming },
  ): void {
    const known = this.#entries.get(image)
    const isFresh = known === undefined || nowMs - known.atMs > timing.maxMs * 2
    const delayMs = isFresh ? timing.firstMs : Math.min(known.delayMs * 2, timing.maxMs)
    this.#entries.set(image, { delayMs, atMs: nowMs, message })
  }

  /** What is left to wait and why; undefined where a pull may be tried. A success ends nothing: the next failure waits longer still. */
  waiting(image: string, nowMs: number): { readonly leftMs: number; readonly message: string } | undefined {
    const known = this.#entries.get(image)
    if (known === undefined) return undefined
    const leftMs = known.atMs + known.delayMs - nowMs
    return leftMs > 0 ? { leftMs, message: known.message } : undefined
  }
}
