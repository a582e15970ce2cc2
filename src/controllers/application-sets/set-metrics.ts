// Figures of ApplicationSets under the names and labels of upstream's controller (argo-cd v3.5.1 `applicationset/metrics`).
import type { Labels, Metrics, Sample } from '../../base/metrics.ts'
import type { ApplicationSet } from '../../crds/application-set.ts'

export interface SetMetrics {
  reconciled(set: ApplicationSet, durationMs: number): void
  forget(set: { readonly namespace: string; readonly name: string }): void
}

/** Seconds; the defaults of Prometheus' Go client. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createSetMetrics(
  metrics: Metrics,
  sets: () => Iterable<ApplicationSet>,
  labels: readonly string[],
): SetMetrics {
  const collect = (name: string, help: string, sampleOf: (set: ApplicationSet) => Sample): void =>
    metrics.collect(name, help, 'gauge', () => Array.from(sets(), sampleOf))
  collect('argocd_appset_info', 'Information about applicationset', (set) => ({
    labels: { ...labelsOf(set), resource_update_status: updateStatus(set) },
    value: 1,
  }))
  collect('argocd_appset_owned_applications', 'Number of applications owned by the applicationset', (set) => ({
    labels: labelsOf(set),
    value: set.status?.resourcesCount ?? set.status?.resources?.length ?? 0,
  }))
  if (labels.length > 0) {
    collect('argocd_appset_labels', 'Applicationset labels translated to Prometheus labels', (set) => ({
      labels: { ...labelsOf(set), ...chosenLabels(set, labels) },
      value: 1,
    }))
  }
  const seconds = metrics.histogram(
    'argocd_appset_reconcile',
    'Application reconciliation performance in seconds.',
    BUCKETS,
  )
  return {
    reconciled: (set, durationMs) => seconds(labelsOf(set), durationMs / 1000),
    forget: ({ namespace, name }) => metrics.forget({ namespace, name }),
  }
}

function labelsOf({ metadata }: ApplicationSet): Labels {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
}

function updateStatus({ status }: ApplicationSet): string {
  return status?.conditions?.find(({ type }) => type === 'ResourcesUpToDate')?.reason ?? 'Unknown'
}

function chosenLabels({ metadata }: ApplicationSet, labels: readonly string[]): Labels {
  return Object.fromEntries(
    labels.map((label) => [`label_${label.replaceAll(/[^A-Za-z0-9_]/g, '_')}`, metadata.labels?.[label] ?? '']),
  )
}
