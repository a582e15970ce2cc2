// One provider over all kinds of sources: charts and artifacts on one side, Git on the other.
import type { RefLister, SourceProvider } from './provider.ts'
import { isChartLocation } from './charts/provider.ts'
import type { ChartProvider } from './charts/provider.ts'

/** Sends each location to the provider of its kind; charts that other charts need come from `charts` too. */
export function combineProviders(git: SourceProvider & RefLister, charts: ChartProvider): SourceProvider & RefLister {
  const { signaturesOf } = git
  return {
    ...(signaturesOf === undefined ? {} : { signaturesOf }),
    open: (location, options) => (isChartLocation(location) ? charts : git).open(location, options),
    revisionMetadata: (location, options) =>
      (isChartLocation(location) ? charts : git).revisionMetadata(location, options),
    fetchChart: (query, options) => charts.fetchChart(query, options),
    listRefs: (repoURL, project, signal) => git.listRefs(repoURL, project, signal),
    onRefsMoved: (listener) => git.onRefsMoved(listener),
    close: () => git.close(),
  }
}
