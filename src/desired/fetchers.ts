// What a rendering may fetch besides its sources' trees, on behalf of one application.
import type { ApplicationSource } from '../crds/application.ts'
import type { RemoteFiles } from '../render/contract.ts'
import type { Fetchers } from '../render/external-inputs.ts'
import type { SourceProvider } from '../source/provider.ts'
import { createChartFetcher } from './chart-fetcher.ts'
import type { ChartRepositories } from './chart-fetcher.ts'
import type { DesiredRequest } from './contract.ts'
import { createRemoteSources } from './remote-sources.ts'
import type { AddressRules } from '../source/addresses.ts'

export interface FetcherOptions {
  readonly sources: SourceProvider
  /** What charts need to know of the repositories their dependencies are in. */
  readonly chartRepositories?: ChartRepositories
  /** Values files by URL; absent: they are refused. */
  readonly remoteFiles?: () => RemoteFiles
  /** What kustomizations may name by address; absent: nothing. */
  readonly remoteRules?: AddressRules
}

export function createFetchers(options: FetcherOptions, request: DesiredRequest, source: ApplicationSource): Fetchers {
  const { sources, chartRepositories, remoteFiles, remoteRules } = options
  const { freshness, maxAgeMs, application } = request
  const { project } = application
  const charts = createChartFetcher({
    sources,
    repositories: chartRepositories,
    project,
    freshness,
    maxAgeMs,
    passCredentials: source.helm?.passCredentials === true,
  })
  return {
    ...(charts === undefined ? {} : { charts }),
    ...(remoteFiles === undefined ? {} : { remoteFiles: remoteFiles() }),
    ...(remoteRules === undefined
      ? {}
      : { remotes: createRemoteSources({ sources, rules: remoteRules, project, freshness, maxAgeMs }) }),
  }
}
