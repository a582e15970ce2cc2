// Renders a chart from a folder on disk as `helm template` prints it.
import { readFileSync } from 'node:fs'
import { readChartTree } from '../../src/render/helm/chart-tree.ts'
import { withoutMark } from '../../src/render/helm/archive.ts'
import type { ChartFile } from '../../src/render/helm/chart.ts'
import { renderChartText } from '../../src/render/helm/render-chart.ts'
import type { HelmVersion } from '../../src/render/renderer.ts'
import type { TemplateCache } from '../../src/render/helm/template-cache.ts'
import { diskTree } from '../../src/source/disk-tree.ts'

export interface FolderOptions {
  readonly releaseName: string
  readonly namespace: string
  readonly kubeVersion: string
  /** Paths on disk. */
  readonly valueFiles?: readonly string[]
  readonly helmVersion?: HelmVersion
  readonly cache?: TemplateCache
}

/** The files of a chart in a folder, as they count. */
export async function readChartFolder(folder: string): Promise<ChartFile[]> {
  const tree = await diskTree(folder)
  const files: ChartFile[] = []
  for (const name of await readChartTree(tree, '')) {
    const file = await tree.readFile(name)
    if (file !== undefined) files.push({ name, id: file.id, bytes: withoutMark(file.bytes) })
  }
  return files
}

/** CRDs included, as Argo CD asks for them. */
export async function renderFolder(folder: string, options: FolderOptions): Promise<string> {
  const { valueFiles = [], ...rest } = options
  return renderChartText({
    ...rest,
    files: await readChartFolder(folder),
    values: { files: valueFiles.map((name) => ({ name, bytes: readFileSync(name) })) },
    apiVersions: [],
    includeCrds: true,
  })
}
