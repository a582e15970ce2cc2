// Figures for Prometheus: counters and histograms that are added to, gauges that are read when asked for, and their text form.

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** Sample lines: suffix of the name, labels, value. */
  read(): Iterable<readonly [suffix: string, labels: Labels, value: number]>
  forget(labels: Labels): void
}

/** Content type of `text()`: Prometheus' text format 0.0.4. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** A process' metrics. Families come in the order they were made; a name is made once. */
export class Metrics {
  readonly #families = new Map<string, Family>()
  readonly #checks: (() => string | undefined)[] = []
  readonly #parts = new Set<Metrics>()

  /** The result adds to the series of these labels, 1 unless told otherwise. */
  counter(name: string, help: string): (labels: Labels, by?: number) => void {
    const series = new Map<string, { labels: Labels; value: number }>()
    this.#add({
      name,
      help,
      type: 'counter',
      *read() {
        for (const { labels, value } of series.values()) yield ['', labels, value]
      },
      forget: (labels) => drop(series, labels),
    })
    return (labels, by = 1) => {
      const key = labelText(labels)
      const known = series.get(key)
      if (known === undefined) series.set(key, { labels, value: by })
      else known.value += by
    }
  }

  /** The result takes one observation; `buckets` are upper bounds in ascending order. */
  histogram(name: string, help: string, buckets: readonly number[]): (labels: Labels, value: number) => void {
    const series = new Map<string, Distribution>()
    this.#add({
      name,
      help,
      type: 'histogram',
      *read() {
        for (const one of series.values()) yield* linesOf(one, buckets)
      },
      forget: (labels) => drop(series, labels),
    })
    return (labels, value) => {
      const key = labelText(labels)
      const known = series.get(key) ?? { labels, counts: buckets.map(() => 0), count: 0, sum: 0 }
      series.set(key, known)
      known.count++
      known.sum += value
      const index = buckets.findIndex((bound) => value <= bound)
      if (index >= 0) known.counts[index] = (known.counts[index] ?? 0) + 1
    }
  }

  /** A family whose samples are made when somebody asks. */
  collect(name: string, help: string, type: 'counter' | 'gauge', read: () => Iterable<Sample>): void {
    this.#add({
      name,
      help,
      type,
      *read() {
        for (const { labels, value } of read()) yield ['', labels, value]
      },
      forget: () => {},
    })
  }

  /** Drops every series that carries all of these labels: what is gone is not told of for ever. */
  forget(labels: Labels): void {
    for (const family of this.#families.values()) family.forget(labels)
  }

  /** Asked with every probe of the process: the answer says what is wrong, undefined that nothing is. */
  check(find: () => string | undefined): void {
    this.#checks.push(find)
  }

  /** What is wrong with the process; empty where all is well. */
  faults(): readonly string[] {
    const own = this.#checks.map((find) => find()).filter((fault) => fault !== undefined)
    return [...own, ...[...this.#parts].flatMap((part) => part.faults())]
  }

  text(): string {
    const lines: string[] = []
    for (const family of this.#families.values()) {
      const { name, help, type } = family
      lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`)
      for (const [suffix, labels, value] of family.read())
        lines.push(`${name}${suffix}${labelText(labels)} ${numberText(value)}`)
    }
    return `${lines.join('\n')}\n${[...this.#parts].map((part) => part.text()).join('')}`
  }

  /** Tells another's families and faults too, until the result is called. Names must differ. */
  include(part: Metrics): () => void {
    this.#parts.add(part)
    return () => this.#parts.delete(part)
  }

  #add(family: Family): void {
    if (this.#families.has(family.name)) throw new Error(`metric ${family.name} is made twice`)
    this.#families.set(family.name, family)
  }
}

interface Distribution {
  readonly labels: Labels
  readonly counts: number[]
  count: number
  sum: number
}

function* linesOf(
  { labels, counts, count, sum }: Distribution,
  buckets: readonly number[],
): Generator<readonly [string, Labels, number]> {
  let below = 0
  for (const [index, bound] of buckets.entries()) {
    below += counts[index] ?? 0
    yield ['_bucket', { ...labels, le: numberText(bound) }, below]
  }
  yield ['_bucket', { ...labels, le: '+Inf' }, count]
  yield ['_sum', labels, sum]
  yield ['_count', labels, count]
}

function drop(series: Map<string, { readonly labels: Labels }>, wanted: Labels): void {
  for (const [key, { labels }] of series) {
    if (Object.entries(wanted).every(([name, value]) => labels[name] === value)) series.delete(key)
  }
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
