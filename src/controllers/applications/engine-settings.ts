// The settings the engine reads anew for every pass: tracking, what is compared and how, time-outs.
import type { DiffOptions, IgnoreRule } from '../../diff/contract.ts'
import type { Health } from '../../health/health.ts'
import type { GroupKind, KubeObject } from '../../kube/object.ts'
import { isExcludedResource } from '../../settings/resource-filter.ts'
import type { ControlPlaneSettings } from '../../settings/control-plane.ts'
import { DEFAULT_TRACKING, type TrackingSettings } from '../../live/tracking.ts'

export interface EngineSettings {
  readonly tracking: TrackingSettings
  /** `resource.exclusions` and `resource.inclusions`, for one cluster. */
  readonly isExcluded: (kind: GroupKind, server: string) => boolean
  /** `resource.respectRBAC`: what becomes of kinds that a cluster's login may not list. */
  readonly respectRbac: ControlPlaneSettings['resources']['respectRbac']
  /** `resource.customizations.health.*`; undefined where there is no rule, `none` where it leaves the object without health. */
  readonly healthOverride: (object: KubeObject) => Health | 'none' | undefined
  /** `resource.customizations.ignoreDifferences.*` and `.all`. */
  readonly ignore: readonly IgnoreRule[]
  /** Fields whose change alone asks for nothing: `resource.customizations.ignoreResourceUpdates.*`, and `ignore` unless switched off. */
  readonly ignoreUpdates: readonly IgnoreRule[]
  /** Defaults of built-in kinds, jq and the like, which a comparison cannot import itself. */
  readonly diff: Omit<DiffOptions, 'mode' | 'ignore' | 'dryRunResult' | 'includeMutationWebhook' | 'manager'>
  /** Compare by dry runs unless an application says `ServerSideDiff=false` (`controller.diff.server.side`). */
  readonly serverSideDiff: boolean
  /** `resource.compareoptions` ignoreResourceStatusField: whose `status` is no difference. */
  readonly ignoreStatus: 'all' | 'crd' | 'none'
  /** `timeout.reconciliation`, 0 switches polling off. */
  readonly resyncMs: number
  /** `timeout.reconciliation.jitter`. */
  readonly resyncJitterMs: number
  /** Write the health of each resource into the status, too (`controller.resource.health.persist`). */
  readonly persistResourceHealth: boolean
  /** ARGOCD_SYNC_WAVE_DELAY where it is set. */
  readonly waveDelayMs: number | undefined
  /** `globalProjects` of argocd-cm. */
  readonly globalProjects: ControlPlaneSettings['globalProjects']
  /** URLs of the repositories registered for a project alone. */
  readonly repositoriesOf: (project: string) => readonly string[]
  /** False where ARGOCD_GPG_ENABLED says so: then projects demand no signatures. */
  readonly gpgEnabled: boolean
  /** `application.sync.impersonation.enabled` and `.enforced`. */
  readonly impersonation: ControlPlaneSettings['impersonation']
  /** `cluster.inClusterEnabled`: the control plane's own cluster may be a destination. */
  readonly inClusterEnabled: boolean
}

/** Upstream's defaults. */
export const DEFAULT_SETTINGS: EngineSettings = {
  tracking: DEFAULT_TRACKING,
  isExcluded: () => false,
  respectRbac: 'no',
  healthOverride: () => undefined,
  ignore: [],
  ignoreUpdates: [],
  diff: {},
  serverSideDiff: false,
  ignoreStatus: 'all',
  resyncMs: 120_000,
  resyncJitterMs: 60_000,
  persistResourceHealth: false,
  waveDelayMs: undefined,
  globalProjects: [],
  repositoriesOf: () => [],
  gpgEnabled: true,
  impersonation: { enabled: false, enforced: true },
  inClusterEnabled: true,
}

/** What the process itself decides, beside argocd-cm. */
export interface ProcessSettings {
  readonly healthOverride?: EngineSettings['healthOverride']
  readonly diff?: EngineSettings['diff']
  readonly serverSideDiff?: boolean
  readonly persistResourceHealth?: boolean
  readonly waveDelayMs?: number
  readonly repositoriesOf?: EngineSettings['repositoriesOf']
  readonly gpgEnabled?: boolean
}

/** The engine's part of the settings in argocd-cm. */
export function engineSettings(controlPlane: ControlPlaneSettings, own: ProcessSettings = {}): EngineSettings {
  const { resources, compare, reconciliation, tracking } = controlPlane
  return {
    tracking,
    isExcluded: (kind, server) => isExcludedResource({ ...kind, server }, resources),
    respectRbac: resources.respectRbac,
    healthOverride: own.healthOverride ?? DEFAULT_SETTINGS.healthOverride,
    ignore: rulesOf(controlPlane, 'ignoreDifferences'),
    ignoreUpdates: updateRules(controlPlane),
    diff: {
      ...own.diff,
      ignoreAggregatedRoles: compare.ignoreAggregatedRoles,
      knownTypes: resources.customizations.flatMap(({ group, kind, knownTypeFields = [] }) =>
        knownTypeFields.map((known) => ({ group, kind, ...known })),
      ),
    },
    serverSideDiff: own.serverSideDiff ?? false,
    ignoreStatus: compare.ignoreResourceStatusField,
    resyncMs: reconciliation.timeoutMs,
    resyncJitterMs: reconciliation.jitterMs,
    persistResourceHealth: own.persistResourceHealth ?? false,
    waveDelayMs: own.waveDelayMs,
    globalProjects: controlPlane.globalProjects,
    repositoriesOf: own.repositoriesOf ?? DEFAULT_SETTINGS.repositoriesOf,
    gpgEnabled: own.gpgEnabled ?? true,
    impersonation: controlPlane.impersonation,
    inClusterEnabled: controlPlane.inClusterEnabled,
  }
}

function rulesOf(
  { resources }: ControlPlaneSettings,
  topic: 'ignoreDifferences' | 'ignoreResourceUpdates',
): readonly IgnoreRule[] {
  return resources.customizations.flatMap(({ group, kind, [topic]: fields }) =>
    fields === undefined ? [] : [{ group, kind, ...fields }],
  )
}

function updateRules(controlPlane: ControlPlaneSettings): readonly IgnoreRule[] {
  const { resources, compare } = controlPlane
  if (!resources.ignoreResourceUpdatesEnabled) return []
  const own = rulesOf(controlPlane, 'ignoreResourceUpdates')
  return compare.ignoreDifferencesOnResourceUpdates ? [...own, ...rulesOf(controlPlane, 'ignoreDifferences')] : own
}
