// How registry credentials are propagated to where pods need them: keys of argocd-cm, and the switch that objects carry.
import type { KubeObject } from '../kube/object.ts'
import { type MapReader, readConfigMap } from './map-reader.ts'

/** Of ours, spelled as upstream's keys are. */
const PREFIX = 'application.sync.imagePullSecrets'
/** On an Application, an AppProject or a Namespace (there as a label, too): `disabled` leaves it alone. */
export const PULL_SECRETS_SWITCH = 'argocd.argoproj.io/image-pull-secrets'
const DISABLED = 'disabled'

/** How long a sync waits for the ServiceAccount of a namespace that was just made; the token controller takes milliseconds. */
const DEFAULT_ACCOUNT_TIMEOUT_MS = 10_000
/** More paths are a mistake: each is looked for in every object of its kind. */
export const MAX_PATHS = 200

export interface PullSecretPath {
  readonly group: string
  readonly kind: string
  readonly path: string
}

export interface PullSecretSettings {
  /** `….enabled`, true by default. Off: nothing is created, patched or removed. */
  readonly isEnabled: boolean
  /** `….serviceAccounts`: `default`, `*`, names with commas between, or a label selector after `selector:`. */
  readonly serviceAccounts: string
  /** `….projects`: globs of projects that get credentials of no project without listing their registries. */
  readonly openTo: readonly string[]
  /** `….paths`: where custom resources name images, as a YAML list of {group, kind, path}. */
  readonly paths: readonly PullSecretPath[]
  /** `….restartPods`: pods that wait for an image are made anew once their Secret has become right. */
  readonly restartsPods: boolean
  /** `….accountTimeout`. */
  readonly accountTimeoutMs: number
}

/** Reads argocd-cm; `undefined` gives the defaults. Throws `bad-input` naming the map and the key. */
export function parsePullSecretSettings(configMap: KubeObject | undefined): PullSecretSettings {
  const reader = readConfigMap(configMap ?? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' } })
  return {
    isEnabled: reader.boolean(`${PREFIX}.enabled`) ?? true,
    serviceAccounts: reader.text(`${PREFIX}.serviceAccounts`)?.trim() ?? 'default',
    openTo: reader.list(`${PREFIX}.projects`),
    paths: readPaths(reader),
    restartsPods: reader.boolean(`${PREFIX}.restartPods`) ?? false,
    accountTimeoutMs: reader.durationMs(`${PREFIX}.accountTimeout`) ?? DEFAULT_ACCOUNT_TIMEOUT_MS,
  }
}

/** True where an object says that propagation is to leave it alone. */
export function isSwitchedOff({ metadata }: Pick<KubeObject, 'metadata'>): boolean {
  return metadata.annotations?.[PULL_SECRETS_SWITCH] === DISABLED || metadata.labels?.[PULL_SECRETS_SWITCH] === DISABLED
}

function readPaths(reader: MapReader): readonly PullSecretPath[] {
  const key = `${PREFIX}.paths`
  const value = reader.yaml(key)
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw reader.wrong(key, 'is no list: write - group: …, kind: …, path: spec.image')
  if (value.length > MAX_PATHS) throw reader.wrong(key, `has more than ${MAX_PATHS} entries`)
  return value.map((entry: unknown) => {
    const { group = '', kind, path } = Object(entry) as Readonly<Record<string, unknown>>
    if (typeof group !== 'string' || typeof kind !== 'string' || typeof path !== 'string' || path === '') {
      throw reader.wrong(key, 'has an entry without group, kind and path: write - group: …, kind: …, path: spec.image')
    }
    return { group, kind, path }
  })
}
