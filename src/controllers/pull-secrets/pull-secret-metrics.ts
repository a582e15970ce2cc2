// What propagation tells Prometheus: how long logins last, how often they were renewed, and what was written.
import type { Metrics } from '../../base/metrics.ts'

export interface PullSecretMetrics {
  renewed(credential: string, isGood: boolean): void
  propagated(result: 'created' | 'updated' | 'removed' | 'foreign' | 'failed' | 'repaired'): void
}

export interface Expiry {
  readonly credential: string
  readonly registry: string
  readonly expiresAt: Date
}

/** Names follow upstream's; those of credentials are names of Secrets. */
export function createPullSecretMetrics(
  metrics: Metrics,
  { expiries, nowMs }: { readonly expiries: () => readonly Expiry[]; readonly nowMs: () => number },
): PullSecretMetrics {
  const renewals = metrics.counter(
    'argocd_pull_secret_renewals_total',
    'Number of times the login of a registry credential was issued anew.',
  )
  const propagations = metrics.counter(
    'argocd_pull_secret_propagations_total',
    'Number of writes of image pull secrets and of entries in ServiceAccounts.',
  )
  metrics.collect(
    'argocd_pull_secret_expiry_seconds',
    'Seconds until the login of a registry credential expires; negative once it has.',
    'gauge',
    () =>
      expiries().map(({ credential, registry, expiresAt }) => ({
        labels: { credential, registry },
        value: (expiresAt.getTime() - nowMs()) / 1000,
      })),
  )
  return {
    renewed: (credential, isGood) => renewals({ credential, result: isGood ? 'success' : 'failure' }),
    propagated: (result) => propagations({ result }),
  }
}
