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

/** Calls `run` with 0 to `times` - 1, at most `width` at once. */
export async function inParallel(
  times: number,
  width: number,
  run: (round: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let round = next++; round < times; round = next++) await run(round)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** The value below which the given share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
