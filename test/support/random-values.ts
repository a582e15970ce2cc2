// Values files made at random for charts: a few places of their values, and of the charts inside, changed.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { pick, randomFrom } from './generated-values.ts'
import type { ChartCase } from './public-charts.ts'

export interface RandomValues {
  readonly seed: number
  readonly count: number
  /** Where the values files are written. */
  readonly folder: string
}

type Table = Record<string, unknown>

const MAX_CHANGES = 5

/** Cases for charts drawn from those given, each with a values file of its own; the same for the same seed. */
export function randomValueCases(cases: readonly ChartCase[], { seed, count, folder }: RandomValues): ChartCase[] {
  const charts = [...new Map(cases.map((item) => [item.folder, item])).values()]
  const [first, ...others] = charts
  if (first === undefined) return []
  const random = randomFrom(seed)
  return Array.from({ length: count }, (_, index) => {
    const chart = pick(random, [first, ...others])
    const path = join(folder, `values-${seed}-${index}.yaml`)
    writeFileSync(path, JSON.stringify(changesFor(random, chart.folder), undefined, 1))
    return { id: `${chart.id.split(' ')[0]} random ${seed}-${index}`, folder: chart.folder, values: path }
  })
}

function changesFor(random: () => number, chart: string): Table {
  const defaults = defaultsOf(chart)
  const changes: Table = {}
  const count = 1 + Math.floor(random() * MAX_CHANGES)
  for (let index = 0; index < count; index += 1) change(random, defaults, changes)
  return changes
}

/** The chart's values with those of the charts inside it below their names. */
function defaultsOf(chart: string): Table {
  const inner = globSync('charts/*/values.yaml', { cwd: chart }).toSorted()
  const tables = inner.map((file) => [basename(dirname(file)), tableOf(join(chart, file))] as const)
  return { ...Object.fromEntries(tables), ...tableOf(join(chart, 'values.yaml')) }
}

function tableOf(path: string): Table {
  if (!existsSync(path)) return {}
  try {
    const value = parseYaml(readFileSync(path, 'utf8'))
    return isTable(value) ? value : {}
  } catch {
    // The chart fails on both sides; nothing is to be changed in it.
    return {}
  }
}

/** Walks down to a place of the defaults and puts something else there. */
function change(random: () => number, defaults: Table, changes: Table): void {
  let from = defaults
  let to = changes
  for (;;) {
    const [first, ...others] = Object.keys(from)
    if (first === undefined) {
      to['added'] = otherValue(random, '')
      return
    }
    const key = pick(random, [first, ...others])
    const value = from[key]
    if (!isTable(value) || random() < 0.15) {
      to[key] = otherValue(random, value)
      return
    }
    const known = to[key]
    const next = isTable(known) ? known : {}
    to[key] = next
    to = next
    from = value
  }
}

/** Mostly of the same type, as people set values; sometimes not. */
function otherValue(random: () => number, value: unknown): unknown {
  if (random() < 0.15)
    return pick(random, [null, '', 0, true, 'text', [], {}, ['a'], { a: 'b' }, 1.5, '{{ .Release.Name }}', 1e21])
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number' || typeof value === 'bigint')
    return pick(random, [0, 1, 3, 8080, -1, 65536, 1_000_000, 2.5])
  if (typeof value === 'string') return pick(random, ['x', 'changed', `${value}-x`, '10Mi', 'a: b', 'with "quotes"', '{{ .Values.none }}', 'ClusterIP', '5', 'true']) // prettier-ignore
  if (Array.isArray(value)) return pick(random, [[], ['a', 'b'], [{ name: 'a', value: 'b' }], [{ name: 'c', image: 'd', mountPath: '/e' }], [1]]) // prettier-ignore
  return pick<object>(random, [
    { a: 'b' },
    { enabled: true },
    { name: 'c', 'example.com/d': 'e' },
    { limits: { cpu: '1' } },
    {},
  ])
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
