// What a health is, and which of two is worse.
import type { HealthStatusCode } from '../crds/application.ts'

export interface Health {
  readonly status: HealthStatusCode
  readonly message?: string
}

/** From best to worst (gitops-engine `pkg/health/health.go`, argo-cd v3.5.1). */
export const HEALTH_ORDER: readonly HealthStatusCode[] = [
  'Healthy',
  'Suspended',
  'Progressing',
  'Missing',
  'Degraded',
  'Unknown',
]

/** Builds a health; an empty message is left out. */
export function healthOf(status: HealthStatusCode, message: string = ''): Health {
  return message === '' ? { status } : { status, message }
}

/** True where `next` is worse than `current`. */
export function isWorse(current: HealthStatusCode, next: HealthStatusCode): boolean {
  return HEALTH_ORDER.indexOf(next) > HEALTH_ORDER.indexOf(current)
}

/** The worst of the given statuses; Healthy when there are none. */
export function worstHealth(statuses: Iterable<HealthStatusCode>): HealthStatusCode {
  let worst: HealthStatusCode = 'Healthy'
  for (const status of statuses) if (isWorse(worst, status)) worst = status
  return worst
}
