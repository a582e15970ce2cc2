// `npm run bench`: runs every measurement, or those named, and prints a table for people or, with `-o json`, JSON.
import { cpus, loadavg, release } from 'node:os'
import { parseArgs } from 'node:util'
import { measureApiServer } from './api-server.ts'
import { measureApi } from './api.ts'
import { measureApplications } from './applications.ts'
import { measureDelivery } from './delivery.ts'
import { measureDemo } from './demo.ts'
import { measureHelm } from './helm.ts'
import { measureJsonnet } from './jsonnet.ts'
import { measureKustomize } from './kustomize.ts'
import { measureLargeFleet } from './large-fleet.ts'
import { measureLocalCluster } from './local-cluster.ts'
import type { Figure, Measurement } from './measurement.ts'
import { measureCommits } from './monorepo.ts'
import { measurePage } from './page.ts'
import { measureRbac } from './rbac.ts'
import { measureRobustness } from './robustness.ts'
import { measureStart } from './start.ts'
import { measureWatchers } from './watchers.ts'

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  start: measureStart,
  demo: measureDemo,
  applications: measureApplications,
  delivery: measureDelivery,
  'api-server': measureApiServer,
  api: measureApi,
  watchers: measureWatchers,
  'local-cluster': measureLocalCluster,
  robustness: measureRobustness,
  commits: measureCommits,
  'large-fleet': measureLargeFleet,
  helm: measureHelm,
  kustomize: measureKustomize,
  jsonnet: measureJsonnet,
  rbac: measureRbac,
  page: measurePage,
}

/** What else ran before the measurements began: times are good for nothing above the number of processors. */
const [load = 0] = loadavg()
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, output: { type: 'string', short: 'o', default: 'table' } },
})

process.exitCode = await main()

async function main(): Promise<number> {
  const unknown = positionals.filter((name) => !Object.hasOwn(MEASUREMENTS, name))
  if (unknown.length > 0 || !['table', 'json'].includes(values.output)) {
    process.stderr.write(
      `usage: npm run bench -- [--quick] [-o table|json] [${Object.keys(MEASUREMENTS).join('|')} …]\n`,
    )
    return 2
  }
  const figures: (Figure & { readonly measurement: string })[] = []
  for (const [measurement, measure] of Object.entries(MEASUREMENTS)) {
    if (positionals.length > 0 && !positionals.includes(measurement)) continue
    const startMs = performance.now()
    for (const figure of await measure({ isQuick: values.quick })) figures.push({ measurement, ...figure })
    process.stderr.write(`${measurement}: measured in ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`)
  }
  const conditions = describeConditions()
  const text = values.output === 'json' ? `${JSON.stringify({ conditions, figures }, undefined, 2)}\n` : table(figures)
  process.stdout.write(values.output === 'json' ? text : `${Object.values(conditions).join(', ')}\n\n${text}`)
  return figures.some(isOverBudget) ? 1 : 0
}

function describeConditions(): Readonly<Record<string, string>> {
  const processors = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: `Node ${process.version}`,
    system: `${process.platform} ${release()} ${process.arch}`,
    processors: `${processors.length} × ${processors[0]?.model ?? 'unknown'}`,
    load: `load ${load.toFixed(1)} before`,
  }
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${shown(figure.value)} ${figure.unit}`,
    figure.budget === undefined ? '' : `≤ ${figure.budget}${isOverBudget(figure) ? ' MISSED' : ''}`,
    figure.note ?? '',
  ])
  const cells = [['measured', 'value', 'budget', 'note'], ['---', '---', '---', '---'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  return cells.map(line).join('')
}

/** Three digits, as many as such a measurement is good for. */
function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function isOverBudget({ value, budget }: Figure): boolean {
  return budget !== undefined && value > budget
}
