// The charts that charts need, fetched through the sources on behalf of one application's project.
import type { ChartFetcher } from '../render/contract.ts'
import type { OpenOptions, SourceProvider } from '../source/provider.ts'

/** What is registered of chart repositories. */
export interface ChartRepositories {
  /** The address of the repository with this name. */
  addressOf(name: string, project: string): string | undefined
  isPermitted(repository: string, project: string): boolean
}

export interface ChartFetcherOptions {
  readonly sources: SourceProvider
  readonly repositories: ChartRepositories | undefined
  readonly project: string
  readonly freshness: OpenOptions['freshness']
  readonly maxAgeMs?: number | undefined
  readonly passCredentials: boolean
}

/** Undefined where the sources cannot fetch charts. */
export function createChartFetcher(options: ChartFetcherOptions): ChartFetcher | undefined {
  const { sources, repositories, project, freshness, maxAgeMs, passCredentials } = options
  if (sources.fetchChart === undefined) return undefined
  const fetchChart = sources.fetchChart.bind(sources)
  return {
    fetch: ({ repository, name, version }, signal) =>
      fetchChart(
        { repoURL: repository, chart: name, version, passCredentials },
        {
          project,
          freshness,
          ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
          ...(signal === undefined ? {} : { signal }),
        },
      ),
    addressOf: (name) => repositories?.addressOf(name, project),
    isPermitted: (repository) => repositories?.isPermitted(repository, project) ?? true,
  }
}
