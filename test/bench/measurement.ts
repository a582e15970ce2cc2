// What a measurement is: it starts what it needs, gives figures, and ends what it started.

export interface Figure {
  readonly name: string
  readonly value: number
  /** `s`, `ms`, `MiB`, `1/s` or `×`. */
  readonly unit: string
  /** The value must not pass it; figures without one are for comparison. */
  readonly budget?: number
  /** What has to be known to read the figure. */
  readonly note?: string
}

export interface BenchOptions {
  /** Smaller numbers everywhere, for a look at the whole in less than a minute. */
  readonly isQuick: boolean
}

export type Measurement = (options: BenchOptions) => Promise<readonly Figure[]>

/** The value below which the given share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
