// Charts that `capstan render` fetches, and the folder where what it fetched is kept.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import type { ChartFetcher } from '../render/contract.ts'

/** Charts of any repository, without credentials, kept in the user's cache. */
export function chartFetcher(): ChartFetcher {
  const project = 'default'
  return {
    async fetch({ repository, name, version }, signal) {
      const { createChartProvider } = await import('../source/charts/provider.ts')
      const { createChartRegistry } = await import('./chart-registry.ts')
      const charts = createChartProvider({
        cacheFolder: join(cacheFolder(), 'charts'),
        clock: systemClock,
        registry: createChartRegistry(systemClock),
        accessFor: async () => ({}),
      })
      const query = { repoURL: repository, chart: name, version }
      return charts.fetchChart(query, { project, freshness: 'cached', ...(signal === undefined ? {} : { signal }) })
    },
    addressOf: () => undefined,
    isPermitted: () => true,
  }
}

export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'capstan')
}
