// Reading the charts that kustomizations inflate: from beside them, else from their repository.
import { CapstanError } from '../../base/errors.ts'
import type { FileTree } from '../../source/file-tree.ts'
import type { ChartFetcher } from '../contract.ts'
import { readArchive, withoutMark } from '../helm/archive.ts'
import type { ChartFile } from '../helm/chart.ts'
import { readChartTree } from '../helm/chart-tree.ts'
import type { ChartArgs } from './helm-charts.ts'
import { chartFolder, chartKey } from './helm-charts.ts'
import type { FetchProblem } from './remotes.ts'

export interface ChartSearch {
  readonly tree: FileTree
  readonly charts: ChartFetcher | undefined
  readonly signal: AbortSignal | undefined
}

/** By `chartKey`. */
export type LoadedCharts = Map<string, readonly ChartFile[] | FetchProblem>

/** Adds the files of a chart, or why there are none; nothing where the kustomization names no repository either. */
export async function loadChart(into: LoadedCharts, args: ChartArgs, root: string, search: ChartSearch): Promise<void> {
  const key = chartKey(args, root)
  if (into.has(key)) return
  try {
    const files = (await localChart(args, root, search)) ?? (await pulledChart(args, search))
    if (files !== undefined) into.set(key, files)
  } catch (error) {
    if (!(error instanceof CapstanError) || search.signal?.aborted === true) throw error
    into.set(key, { code: error.code, message: error.message })
  }
}

async function localChart(
  args: ChartArgs,
  root: string,
  { tree, signal }: ChartSearch,
): Promise<readonly ChartFile[] | undefined> {
  const folder = chartFolder(args, root)
  if (folder === undefined || (await tree.readDirectory(folder, signal)) === undefined) return undefined
  const files: ChartFile[] = []
  for (const name of await readChartTree(tree, folder, signal)) {
    const file = await tree.readFile(`${folder}/${name}`, signal)
    if (file !== undefined) files.push({ name, id: file.id, bytes: withoutMark(file.bytes) })
  }
  return files
}

/** Any version, the newest first; with `devel` those before a release too. */
const NEWEST = '>=0.0.0'
const NEWEST_DEVEL = '>0.0.0-0'

async function pulledChart(
  args: ChartArgs,
  { charts, signal }: ChartSearch,
): Promise<readonly ChartFile[] | undefined> {
  const { name = '', repo = '', version = '', devel } = args
  if (repo === '' || name === '') return undefined
  if (charts === undefined)
    throw new CapstanError('unsupported', `chart ${name} of ${repo}: charts are not fetched here`)
  if (!charts.isPermitted(repo)) throw new CapstanError('forbidden', `helm repos ${repo} are not permitted`)
  const wanted = version === '' ? (devel === true ? NEWEST_DEVEL : NEWEST) : version
  const { bytes, digest } = await charts.fetch({ repository: repo, name, version: wanted }, signal)
  return readArchive(bytes, digest)
}
