// Prometheus' text as a few lines people can read: one a figure, its series added up.

export interface Figure {
  readonly name: string
  readonly help: string
  readonly value: number
  /** Of a histogram: how often, and the average. */
  readonly average?: number
}

const LINE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{[^]*\})? (?<value>\S+)$/

/** Figures in the order of the text; buckets are left out, as are lines that cannot be read. */
export function readFigures(text: string): readonly Figure[] {
  const helps = new Map<string, string>()
  const histograms = new Set<string>()
  const sums = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, word, name = '', ...rest] = line.startsWith('#') ? line.split(' ') : []
    if (word === 'HELP') helps.set(name, rest.join(' '))
    else if (word === 'TYPE' && rest[0] === 'histogram') histograms.add(name)
    else addTo(sums, line)
  }
  return [...helps].flatMap(([name, help]) => {
    const figure = histograms.has(name) ? averageOf(name, sums) : { value: sums.get(name) ?? Number.NaN }
    return figure === undefined || Number.isNaN(figure.value) ? [] : [{ name, help, ...figure }]
  })
}

/** Undefined for a histogram nothing was observed for. */
function averageOf(name: string, sums: ReadonlyMap<string, number>): Pick<Figure, 'value' | 'average'> | undefined {
  const count = sums.get(`${name}_count`) ?? 0
  return count === 0 ? undefined : { value: count, average: (sums.get(`${name}_sum`) ?? 0) / count }
}

function addTo(sums: Map<string, number>, line: string): void {
  const { name, value } = LINE.exec(line)?.groups ?? {}
  const figure = Number(value)
  if (name !== undefined && !Number.isNaN(figure)) sums.set(name, (sums.get(name) ?? 0) + figure)
}
