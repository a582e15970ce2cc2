// The settings of the control plane in argocd-cm as typed values with upstream's defaults.
import { CapstanError } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import type { LabelSelectorObject } from '../kube/selector.ts'
import { compileRegexp } from '../lang/go/regexp/regexp.ts'
import { type MapReader, readConfigMap } from './map-reader.ts'
import { readCustomizations, type ResourceCustomization } from './resource-customizations.ts'
import { readFilters, type ResourceFilter } from './resource-filter.ts'

const TRACKING_METHODS = ['annotation', 'label', 'annotation+label'] as const
export type TrackingMethod = (typeof TRACKING_METHODS)[number]

const STATUS_FIELDS = ['all', 'crd', 'none'] as const

/** A project whose lists count for every project that the selector fits. */
export interface GlobalProject {
  readonly projectName: string
  readonly labelSelector: LabelSelectorObject
}

export interface ControlPlaneSettings {
  /** Where people reach the server; empty where nobody said. */
  readonly url: string
  readonly additionalUrls: readonly string[]
  readonly anonymousEnabled: boolean
  readonly sessionDurationMs: number
  /** A regular expression new passwords must fit. */
  readonly passwordPattern: string
  readonly tracking: {
    readonly method: TrackingMethod
    readonly labelKey: string
    /** Empty: none. */
    readonly installationId: string
  }
  readonly reconciliation: { readonly timeoutMs: number; readonly jitterMs: number }
  readonly inClusterEnabled: boolean
  readonly impersonation: { readonly enabled: boolean; readonly enforced: boolean }
  readonly resources: {
    readonly inclusions: readonly ResourceFilter[]
    readonly exclusions: readonly ResourceFilter[]
    readonly customizations: readonly ResourceCustomization[]
    readonly maskedAnnotations: readonly string[]
    readonly respectRbac: 'no' | 'normal' | 'strict'
    readonly ignoreResourceUpdatesEnabled: boolean
  }
  readonly compare: {
    readonly ignoreAggregatedRoles: boolean
    readonly ignoreResourceStatusField: (typeof STATUS_FIELDS)[number]
    readonly ignoreDifferencesOnResourceUpdates: boolean
  }
  readonly tools: {
    readonly kustomizeEnabled: boolean
    readonly helmEnabled: boolean
    readonly jsonnetEnabled: boolean
    /** Files that SOPS encrypted are decrypted (`sops.enabled`, a key of our own). */
    readonly sopsEnabled: boolean
    readonly kustomizeBuildOptions: string
    /** Versions that applications may name, with their build options (`kustomize.path.vX`, `kustomize.buildOptions.vX`). */
    readonly kustomizeVersions: ReadonlyMap<string, string>
    readonly helmValuesFileSchemes: readonly string[]
    /** Of ours: whose rules charts are rendered by where helm 3 and 4 differ. */
    readonly helmVersion: '4.2' | '3'
  }
  readonly globalProjects: readonly GlobalProject[]
  readonly statusBadgeEnabled: boolean
  /** Where badges are asked for, if not at `url`; empty where nobody said. */
  readonly statusBadgeUrl: string
  readonly execEnabled: boolean
  readonly execShells: readonly string[]
}

const DEFAULT_SESSION_MS = 24 * 3_600_000
const DEFAULT_RECONCILIATION_MS = 120_000
const DEFAULT_JITTER_MS = 60_000

/** Told of what is wrong and nevertheless goes on. */
type Warn = (message: string) => void

/** Reads argocd-cm; `undefined` gives the defaults. Throws `bad-input` naming the map and the key. */
export function parseControlPlaneSettings(
  configMap: KubeObject | undefined,
  warn: Warn = () => undefined,
): ControlPlaneSettings {
  const reader = readConfigMap(configMap ?? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' } })
  return {
    ...readAccess(reader),
    ...readReconciling(reader),
    resources: readResources(reader),
    compare: readCompareOptions(reader, warn),
    tools: readTools(reader),
    globalProjects: readGlobalProjects(reader),
    statusBadgeEnabled: reader.boolean('statusbadge.enabled') ?? false,
    statusBadgeUrl: reader.text('statusbadge.url') ?? '',
    execEnabled: reader.boolean('exec.enabled') ?? false,
    execShells:
      reader.text('exec.shells') === undefined ? ['bash', 'sh', 'powershell', 'cmd'] : reader.list('exec.shells'),
  }
}

type Access = Pick<
  ControlPlaneSettings,
  'url' | 'additionalUrls' | 'anonymousEnabled' | 'sessionDurationMs' | 'passwordPattern'
>

function readAccess(reader: MapReader): Access {
  return {
    url: reader.text('url') ?? '',
    additionalUrls: readTexts(reader, 'additionalUrls'),
    anonymousEnabled: reader.boolean('users.anonymous.enabled') ?? false,
    sessionDurationMs: reader.durationMs('users.session.duration') ?? DEFAULT_SESSION_MS,
    passwordPattern: readPattern(reader),
  }
}

type Reconciling = Pick<ControlPlaneSettings, 'tracking' | 'reconciliation' | 'inClusterEnabled' | 'impersonation'>

function readReconciling(reader: MapReader): Reconciling {
  return {
    tracking: {
      method: reader.choice('application.resourceTrackingMethod', TRACKING_METHODS) ?? 'annotation',
      labelKey: reader.text('application.instanceLabelKey') ?? 'app.kubernetes.io/instance',
      installationId: reader.text('installationID') ?? '',
    },
    reconciliation: {
      timeoutMs: reader.durationMs('timeout.reconciliation') ?? DEFAULT_RECONCILIATION_MS,
      jitterMs: reader.durationMs('timeout.reconciliation.jitter') ?? DEFAULT_JITTER_MS,
    },
    inClusterEnabled: reader.boolean('cluster.inClusterEnabled') ?? true,
    impersonation: {
      enabled: reader.boolean('application.sync.impersonation.enabled') ?? false,
      enforced: reader.boolean('application.sync.impersonation.enforced') ?? true,
    },
  }
}

function readResources(reader: MapReader): ControlPlaneSettings['resources'] {
  return {
    inclusions: readFilters(reader, 'resource.inclusions'),
    exclusions: readFilters(reader, 'resource.exclusions'),
    customizations: readCustomizations(reader),
    maskedAnnotations: reader.list('resource.sensitive.mask.annotations'),
    respectRbac: reader.choice('resource.respectRBAC', ['normal', 'strict'] as const) ?? 'no',
    ignoreResourceUpdatesEnabled: reader.boolean('resource.ignoreResourceUpdatesEnabled') ?? true,
  }
}

const KUSTOMIZE_VERSION = /^kustomize\.(?:path|version|buildOptions)\.(?<version>.+)$/

/** Every version that is registered; one without options of its own has those of all (argo-cd v3.5.1 util/settings). */
function readKustomizeVersions(reader: MapReader): ReadonlyMap<string, string> {
  const versions = new Map<string, string>()
  for (const key of reader.keys()) {
    const version = KUSTOMIZE_VERSION.exec(key)?.groups?.['version']
    if (version === undefined) continue
    const own = reader.text(`kustomize.buildOptions.${version}`)
    versions.set(version, own ?? reader.text('kustomize.buildOptions') ?? '')
  }
  return versions
}

function readTools(reader: MapReader): ControlPlaneSettings['tools'] {
  const schemes = reader.text('helm.valuesFileSchemes')
  return {
    kustomizeEnabled: reader.boolean('kustomize.enable') ?? true,
    helmEnabled: reader.boolean('helm.enable') ?? true,
    jsonnetEnabled: reader.boolean('jsonnet.enable') ?? true,
    sopsEnabled: reader.boolean('sops.enabled') ?? true,
    helmVersion: reader.choice('capstan.helm.version', ['4.2', '3'] as const) ?? '4.2',
    kustomizeBuildOptions: reader.text('kustomize.buildOptions') ?? '',
    kustomizeVersions: readKustomizeVersions(reader),
    helmValuesFileSchemes: schemes === undefined ? ['https', 'http'] : reader.list('helm.valuesFileSchemes'),
  }
}

function readPattern(reader: MapReader): string {
  const pattern = reader.text('passwordPattern') ?? '^.{8,32}$'
  try {
    compileRegexp(pattern)
    return pattern
  } catch (error) {
    throw reader.wrong('passwordPattern', 'is no regular expression: mend or remove it', error)
  }
}

const COMPARE_OPTIONS = 'resource.compareoptions'

function readCompareOptions(reader: MapReader, warn: Warn): ControlPlaneSettings['compare'] {
  const value = reader.yaml(COMPARE_OPTIONS) ?? {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw reader.wrong(COMPARE_OPTIONS, 'is no map: write options such as ignoreAggregatedRoles: true')
  }
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(value))
  return {
    ignoreAggregatedRoles: readSwitch(reader, fields, 'ignoreAggregatedRoles') ?? false,
    ignoreResourceStatusField: readStatusField(reader, fields, warn),
    ignoreDifferencesOnResourceUpdates: readSwitch(reader, fields, 'ignoreDifferencesOnResourceUpdates') ?? true,
  }
}

function readSwitch(reader: MapReader, fields: Readonly<Record<string, unknown>>, name: string): boolean | undefined {
  const value = fields[name] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw reader.wrong(COMPARE_OPTIONS, `has ${name} ${JSON.stringify(value)}: write true or false`)
}

/** YAML reads a bare `off` as false; what nobody knows counts as `all`, with a warning (argo-cd v3.5.1 GetResourceOverrides). */
function readStatusField(
  reader: MapReader,
  fields: Readonly<Record<string, unknown>>,
  warn: Warn,
): (typeof STATUS_FIELDS)[number] {
  const name = 'ignoreResourceStatusField'
  const value = fields[name] ?? ''
  if (typeof value === 'object') throw reader.wrong(COMPARE_OPTIONS, `holds an ${name} that is no text`)
  const written = typeof value === 'string' ? value : JSON.stringify(value)
  if (written === '') return 'all'
  if (written === 'off' || written === 'false') return 'none'
  const known = STATUS_FIELDS.find((choice) => choice === written)
  if (known === undefined) {
    const text = JSON.stringify(written)
    warn(`${reader.place}: key ${COMPARE_OPTIONS}: ${name} ${text} is not known, status is ignored of all resources`)
  }
  return known ?? 'all'
}

function readTexts(reader: MapReader, key: string): readonly string[] {
  const value = reader.yaml(key)
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw reader.wrong(key, 'is no list of texts: write one a line, each after a dash')
}

function readGlobalProjects(reader: MapReader): ControlPlaneSettings['globalProjects'] {
  const value = reader.yaml('globalProjects')
  if (value === undefined || value === null) return []
  if (!Array.isArray(value))
    throw reader.wrong('globalProjects', 'is no list: write entries with labelSelector and projectName')
  return value.map((entry: unknown) => {
    const { projectName, labelSelector } = fieldsOf(entry)
    if (typeof projectName !== 'string')
      throw reader.wrong('globalProjects', 'has an entry without projectName: add it')
    return { projectName, labelSelector: readSelector(reader, labelSelector) }
  })
}

/** An absent selector selects every project. */
function readSelector(reader: MapReader, value: unknown): LabelSelectorObject {
  const fields = fieldsOf(value)
  const { matchLabels = {}, matchExpressions = [] } = fields
  if (!Array.isArray(matchExpressions) || typeof matchLabels !== 'object')
    throw reader.wrong('globalProjects', 'has a labelSelector that is none: write matchLabels or matchExpressions')
  return {
    matchLabels: Object.fromEntries(Object.entries(fieldsOf(matchLabels)).map(([key, label]) => [key, String(label)])),
    matchExpressions: matchExpressions.map((expression: unknown) => {
      const { key, operator, values = [] } = fieldsOf(expression)
      const texts = Array.isArray(values) ? values.map(String) : []
      return { key: textOf(key), operator: textOf(operator), values: texts }
    }),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

const REFERENCE = /^\$(?:(?<secret>[^:]+):)?(?<key>.+)$/
const PART_OF_LABEL = 'app.kubernetes.io/part-of'

/**
 * The value behind `$key` (of argocd-secret) or `$secret:key` (of a Secret labelled `app.kubernetes.io/part-of: argocd`); other
 * text stands for itself. `lookUp` finds a Secret by name. Throws `not-found` naming what is missing.
 */
export function resolveReference(
  text: string,
  lookUp: (
    name: string,
  ) => { readonly reader: MapReader; readonly labels: Readonly<Record<string, string>> } | undefined,
): string {
  const groups = REFERENCE.exec(text)?.groups
  if (groups === undefined) return text
  const name = groups['secret'] ?? 'argocd-secret'
  const found = lookUp(name)
  const isForeign = groups['secret'] !== undefined && found?.labels[PART_OF_LABEL] !== 'argocd'
  const value = isForeign ? undefined : found?.reader.text((groups['key'] ?? '').trim())
  if (value !== undefined) return value.trim()
  const need = isForeign ? `label it ${PART_OF_LABEL}: argocd` : 'add the key'
  throw new CapstanError('not-found', `${text}: Secret ${name} does not give the value: ${need}`)
}
