// What rendering charts costs beside the real helm: CPU time of one rendering warm in this process, of the whole program, of helm.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { renderChart, type ChartInput, type RenderedChart } from '../../src/render/helm/render-chart.ts'
import { objectsOf } from '../../src/render/helm/objects.ts'
import { TemplateCache } from '../../src/render/helm/template-cache.ts'
import { readChartFolder } from '../support/chart-folder.ts'
import { renderOverAndOver } from '../support/render-load.ts'
import { buildBundle } from './bundle.ts'
import { childCost, cpuMs, medianCpuMs } from './cpu-cost.ts'
import type { BenchOptions, Figure } from './measurement.ts'

const ROOT = join(import.meta.dirname, '../..')
const HELM = join(ROOT, '.peers/bin/helm')
const CAPSTAN = join(ROOT, 'bin/capstan')
/** Children's CPU time is counted in hundredths of a second; many runs make that fine enough. */
const CHILD_RUNS = 10
const QUICK_CHILD_RUNS = 3
const ROUNDS = 30
const QUICK_ROUNDS = 8
const RENDERINGS = 1000
const QUICK_RENDERINGS = 300
/** Code is compiled and heaps have grown to their size behind them. */
const WARM_UP_RENDERINGS = 200
const MAX_GROWTH_MIB = 40
/** From here on the whole program has to be faster than helm, in characters. */
const LARGE_OUTPUT = 1 << 20

interface BenchChart {
  readonly name: string
  /** Folder of the chart; below the folder of public charts where it is no absolute one. */
  readonly folder: string
  /** How many times less than `helm template` a warm rendering has to cost. */
  readonly ratio: number
  readonly budgetMs?: number
}

const CHARTS: readonly BenchChart[] = [
  { name: 'small chart', folder: join(ROOT, 'examples/api-tester'), ratio: 20, budgetMs: 2 },
  { name: 'helm-guestbook', folder: 'argoproj+argocd-example-apps/helm-guestbook', ratio: 20, budgetMs: 2 },
  { name: 'ingress-nginx', folder: 'kubernetes+ingress-nginx/charts/ingress-nginx', ratio: 8 },
  { name: 'postgresql', folder: 'bitnami+charts/bitnami/postgresql', ratio: 8 },
  { name: 'kube-prometheus-stack', folder: 'prometheus-community+helm-charts/charts/kube-prometheus-stack', ratio: 2 },
]

export async function measureHelm({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  if (!existsSync(HELM)) throw new Error('the real helm is not built: npm run peers -- helm')
  buildBundle()
  const figures: Figure[] = [await measureMemory(isQuick)]
  for (const chart of CHARTS) {
    const folder = folderOf(chart)
    if (folder !== undefined) figures.push(...(await measureChart({ ...chart, folder }, isQuick)))
  }
  return figures
}

/** A thousand renderings in the threads that applications are rendered in. */
async function measureMemory(isQuick: boolean): Promise<Figure> {
  const renderings = isQuick ? QUICK_RENDERINGS : RENDERINGS
  const { before, after } = await renderOverAndOver({ warmUp: WARM_UP_RENDERINGS, renderings })
  return {
    name: `memory after ${renderings} more renderings in two threads`,
    value: after - before,
    unit: 'MiB more',
    budget: MAX_GROWTH_MIB,
    note: `${before.toFixed(0)} MiB before`,
  }
}

/** Public charts are measured where CAPSTAN_CHARTS names a folder of their checkouts. */
function folderOf({ folder }: BenchChart): string | undefined {
  if (folder.startsWith('/')) return folder
  const charts = process.env['CAPSTAN_CHARTS']
  const found = charts === undefined ? undefined : join(charts, folder)
  return found !== undefined && existsSync(found) ? found : undefined
}

async function measureChart(chart: BenchChart, isQuick: boolean): Promise<readonly Figure[]> {
  const { name, folder, ratio, budgetMs } = chart
  const files = await readChartFolder(folder)
  const children = isQuick ? QUICK_CHILD_RUNS : CHILD_RUNS
  const helm = childCost(HELM, ['template', 'rel', folder, '--include-crds'], children)
  const program = childCost(CAPSTAN, ['render', folder, '--name', 'rel', '--include-crds'], children)
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS
  const cache = new TemplateCache()
  const input: ChartInput = {
    files,
    values: {},
    releaseName: 'rel',
    namespace: 'default',
    kubeVersion: '1.34.0',
    apiVersions: [],
    includeCrds: true,
  }
  const first = firstCost({ ...input, cache: new TemplateCache() })
  const warm = medianCpuMs(rounds, () => renderOnce({ ...input, cache }))
  const size = renderOnce({ ...input, cache })
  return [
    {
      name: `${name}: warm`,
      value: warm,
      unit: 'ms',
      ...(budgetMs === undefined ? {} : { budget: budgetMs }),
      note: `${(size / 1024).toFixed(0)} KiB of manifests, objects made`,
    },
    {
      name: `${name}: first in this process, text alone`,
      value: first.text,
      unit: 'ms',
      note: 'as helm template gives it',
    },
    { name: `${name}: first in this process`, value: first.text + first.objects, unit: 'ms', note: 'objects made' },
    { name: `${name}: helm template`, value: helm.cpu, unit: 'ms', note: 'CPU time of the program' },
    { name: `${name}: warm to helm template`, value: warm / helm.cpu, unit: '×', budget: 1 / ratio },
    { name: `${name}: capstan render, CPU`, value: program.cpu, unit: 'ms' },
    {
      name: `${name}: capstan render, from start to end`,
      value: program.wall,
      unit: 'ms',
      ...(budgetMs === undefined ? {} : { budget: 130 }),
      note: `helm template takes ${helm.wall.toFixed(0)}`,
    },
    ...(size < LARGE_OUTPUT
      ? []
      : [{ name: `${name}: capstan render to helm template`, value: program.wall / helm.wall, unit: '×', budget: 1 }]),
  ]
}

/** Of a rendering whose templates were never parsed: until there is text, and what making objects of it adds. */
function firstCost(input: ChartInput): { readonly text: number; readonly objects: number } {
  let rendered: RenderedChart | undefined
  const text = cpuMs(() => (rendered = renderChart(input)))
  return { text, objects: cpuMs(() => rendered && objectsOf(rendered)) }
}

/** Renders to objects, as an application needs them; gives the length of the text. */
function renderOnce(input: ChartInput): number {
  const rendered = renderChart(input)
  objectsOf(rendered)
  const crds = rendered.crds.reduce((sum, { bytes }) => sum + bytes.length, 0)
  return [...rendered.manifests, ...rendered.hooks].reduce((sum, { text }) => sum + text.length, crds)
}
