// What building kustomizations costs beside the real kustomize: CPU time warm in this process, of the whole program, of kustomize.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringifyYaml } from '../../src/lang/yaml/write.ts'
import type { LoadedFiles } from '../../src/render/contract.ts'
import { buildKustomization } from '../../src/render/kustomize/build.ts'
import { discoverFiles } from '../../src/render/kustomize/discover.ts'
import { RecordingTree } from '../../src/render/recording.ts'
import { diskTree } from '../../src/source/disk-tree.ts'
import { buildBundle } from './bundle.ts'
import { childCost, cpuMs, medianCpuMs, peakMiB } from './cpu-cost.ts'
import type { BenchOptions, Figure } from './measurement.ts'
import { measureMonorepo } from './monorepo.ts'

const ROOT = join(import.meta.dirname, '../..')
const KUSTOMIZE = join(ROOT, '.peers/bin/kustomize')
const CAPSTAN = join(ROOT, 'bin/capstan')
const CHILD_RUNS = 5
const QUICK_CHILD_RUNS = 2

/** From here on the whole program may hold no more than kustomize, in characters: below, the runtime alone is more. */
const LARGE_OUTPUT = 1 << 20

interface BenchKustomization {
  readonly name: string
  /** Of the checkout; below the folder of public ones where it is no absolute one. */
  readonly checkout: string
  readonly path: string
  /** How many times less than `kustomize build` a warm build has to cost. */
  readonly ratio: number
  readonly rounds: number
  readonly budgetMs?: number
}

const KUSTOMIZATIONS: readonly BenchKustomization[] = [
  {
    name: 'small overlay',
    checkout: join(ROOT, 'examples'),
    path: 'guestbook/overlays/prod',
    ratio: 5,
    rounds: 50,
    budgetMs: 2,
  },
  {
    name: 'argo-cd cluster-install',
    checkout: 'argoproj+argo-cd',
    path: 'manifests/cluster-install',
    ratio: 8,
    rounds: 5,
  },
  {
    name: 'argo-workflows cluster-install',
    checkout: 'argoproj+argo-workflows',
    path: 'manifests/cluster-install',
    ratio: 8,
    rounds: 3,
  },
]

export async function measureKustomize({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  if (!existsSync(KUSTOMIZE)) throw new Error('the real kustomize is not built: npm run peers -- kustomize')
  buildBundle()
  const figures: Figure[] = []
  for (const item of KUSTOMIZATIONS) {
    const checkout = checkoutOf(item)
    if (checkout !== undefined) figures.push(...(await measureOne({ ...item, checkout }, isQuick)))
  }
  const folder = mkdtempSync(join(tmpdir(), 'capstan-bench-'))
  try {
    figures.push(...(await measureMonorepo(folder)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return figures
}

/** Public kustomizations are measured where CAPSTAN_KUSTOMIZATIONS names a folder of their checkouts. */
function checkoutOf({ checkout }: BenchKustomization): string | undefined {
  if (checkout.startsWith('/')) return checkout
  const folder = process.env['CAPSTAN_KUSTOMIZATIONS']
  const found = folder === undefined ? undefined : join(folder, checkout)
  return found !== undefined && existsSync(found) ? found : undefined
}

async function measureOne(item: BenchKustomization, isQuick: boolean): Promise<readonly Figure[]> {
  const { name, checkout, path, ratio, rounds, budgetMs } = item
  const tree = new RecordingTree(await diskTree(checkout))
  await discoverFiles(path, { tree })
  const loaded = tree.loaded()
  const children = isQuick ? QUICK_CHILD_RUNS : CHILD_RUNS
  const kustomize = childCost(KUSTOMIZE, ['build', join(checkout, path)], children)
  const program = childCost(CAPSTAN, ['render', join(checkout, path)], children)
  const memory = await peakMiB(CAPSTAN, ['render', join(checkout, path)])
  const theirs = await peakMiB(KUSTOMIZE, ['build', join(checkout, path)])
  const cold = cpuMs(() => buildOnce(loaded, path))
  const warm = medianCpuMs(rounds, () => buildOnce(loaded, path))
  const text = medianCpuMs(Math.min(rounds, 5), () => textOf(loaded, path))
  const size = textOf(loaded, path).length
  return [
    {
      name: `${name}: warm`,
      value: warm,
      unit: 'ms',
      ...(budgetMs === undefined ? {} : { budget: budgetMs }),
      note: `${(size / 1024).toFixed(0)} KiB of manifests, objects made`,
    },
    { name: `${name}: warm, printed as text too`, value: text, unit: 'ms' },
    { name: `${name}: first in this process`, value: cold, unit: 'ms' },
    { name: `${name}: kustomize build`, value: kustomize.cpu, unit: 'ms', note: 'CPU time of the program' },
    { name: `${name}: warm to kustomize build`, value: warm / kustomize.cpu, unit: '×', budget: 1 / ratio },
    { name: `${name}: capstan render, CPU`, value: program.cpu, unit: 'ms' },
    {
      name: `${name}: capstan render, from start to end`,
      value: program.wall,
      unit: 'ms',
      note: `kustomize build takes ${kustomize.wall.toFixed(0)}`,
    },
    {
      name: `${name}: capstan render, most memory`,
      value: memory,
      unit: 'MiB',
      ...(size < LARGE_OUTPUT ? {} : { budget: theirs }),
      note: `kustomize build holds ${theirs.toFixed(0)}`,
    },
  ]
}

function buildOnce(loaded: LoadedFiles, path: string): number {
  return buildKustomization(loaded, path).manifests.length
}

function textOf(loaded: LoadedFiles, path: string): string {
  return buildKustomization(loaded, path)
    .manifests.map((manifest) => stringifyYaml(manifest))
    .join('---\n')
}
