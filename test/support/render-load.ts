// Renders a chart over and over in worker threads, and tells how much memory that takes.
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { RenderWorkerPool } from '../../src/desired/worker-pool.ts'
import { loadSource } from '../../src/render/render-source.ts'
import type { RenderRequest } from '../../src/render/renderer.ts'
import { diskTree } from '../../src/source/disk-tree.ts'

const ENTRY = new URL('../../src/main/render-worker.js', import.meta.url)
const CHART = join(import.meta.dirname, '../../examples/api-tester')
const THREADS = 2
/** A key stays with one thread; so many are spread over both. */
const KEYS = 7

export interface RenderLoad {
  /** Renderings before memory is looked at first: code is compiled, heaps have grown to their size. */
  readonly warmUp: number
  readonly renderings: number
}

export interface MemoryGrowth {
  /** MiB of this process with its threads. */
  readonly before: number
  readonly after: number
}

/** Each rendering has values of its own, so that nothing but templates can be kept; both threads work. */
export async function renderOverAndOver({ warmUp, renderings }: RenderLoad): Promise<MemoryGrowth> {
  const pool = new RenderWorkerPool({ entry: ENTRY, clock: systemClock, maximum: THREADS })
  const tree = await diskTree(CHART)
  let count = 0

  async function renderNext(): Promise<void> {
    count += 1
    const request: RenderRequest = {
      application: { name: `app-${count}`, namespace: 'argocd', project: 'default', destinationNamespace: 'default' },
      source: { repoURL: '', path: '.', helm: { values: `replicas: ${count}\nnote: ${'x'.repeat(1000)}${count}\n` } },
      revision: `revision-${count}`,
      cluster: { kubeVersion: '1.34.0', apiVersions: [] },
    }
    const loaded = await loadSource('Helm', request, { tree, references: new Map() })
    await pool.render({ key: `repository-${count % KEYS}`, sourceType: 'Helm', request, loaded })
  }

  async function renderMany(total: number): Promise<void> {
    const share = Math.ceil(total / THREADS)
    const lane = async (): Promise<void> => {
      for (let index = 0; index < share; index += 1) await renderNext()
    }
    await Promise.all(Array.from({ length: THREADS }, lane))
  }

  try {
    await renderMany(warmUp)
    const before = residentMiB()
    await renderMany(renderings)
    return { before, after: residentMiB() }
  } finally {
    await pool.close()
  }
}

function residentMiB(): number {
  return process.memoryUsage.rss() / 2 ** 20
}
