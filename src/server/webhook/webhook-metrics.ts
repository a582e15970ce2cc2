// Figures of webhooks, by upstream's names.
import type { Metrics } from '../../base/metrics.ts'
import { normalizeGitUrl } from '../../settings/git-url.ts'

export interface WebhookMetrics {
  requests(repositories: readonly string[]): void
  /** Repositories of applications whose manifests stay what they are at the new revision. */
  untouched(repositories: readonly string[]): void
}

/** Repositories that are counted by name; whoever may call may name any number of them. */
const MAX_REPOSITORIES = 5_000
const OTHERS = 'others'

/** `inFlight` gives the events that are worked on now. */
export function createWebhookMetrics(metrics: Metrics, inFlight: () => number): WebhookMetrics {
  const requests = metrics.counter('argocd_webhook_requests_total', 'Number of webhook requests received by repo.')
  const stores = metrics.counter(
    'argocd_webhook_store_cache_attempts_total',
    'Number of attempts to store previously cached manifests triggered by a webhook event.',
  )
  metrics.collect(
    'argocd_webhook_handlers_in_flight',
    'Number of webhook HandleEvent calls currently in progress.',
    'gauge',
    () => [{ labels: {}, value: inFlight() }],
  )
  return {
    requests(repositories) {
      for (const repo of repositories) requests({ repo })
    },
    untouched(repositories) {
      for (const repo of repositories) stores({ repo: normalizeGitUrl(repo), successful: 'true' })
    },
  }
}

/** The result gives the names to count by: the first so many, then one for all others. */
export function countRepositories(limit: number = MAX_REPOSITORIES): (repositories: readonly string[]) => string[] {
  const known = new Set<string>()
  return (repositories) =>
    repositories.map((repository) => {
      if (known.has(repository)) return repository
      if (known.size >= limit) return OTHERS
      known.add(repository)
      return repository
    })
}
