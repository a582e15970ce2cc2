// How the flags of `app create` and `app set` change a spec.
import { CapstanError } from '../../base/errors.ts'
import type { ApplicationSource, ApplicationSpec, SyncPolicy } from '../../crds/application.ts'
import { retryOf, withSourceFlags } from './source-flags.ts'

export interface SpecFlags {
  readonly repo?: string
  readonly path?: string
  readonly revision?: string
  readonly helmChart?: string
  readonly destServer?: string
  readonly destName?: string
  readonly destNamespace?: string
  readonly project?: string
  readonly values?: readonly string[]
  readonly releaseName?: string
  readonly helmSet?: readonly string[]
  readonly helmSetString?: readonly string[]
  readonly parameter?: readonly string[]
  readonly helmSkipCrds?: boolean
  readonly nameprefix?: string
  readonly namesuffix?: string
  readonly kustomizeImage?: readonly string[]
  readonly kustomizeCommonLabel?: readonly string[]
  readonly kustomizeNamespace?: string
  readonly configManagementPlugin?: string
  readonly pluginEnv?: readonly string[]
  readonly directoryRecurse?: boolean
  readonly directoryInclude?: string
  readonly directoryExclude?: string
  readonly syncPolicy?: string
  readonly autoPrune?: boolean
  readonly selfHeal?: boolean
  readonly allowEmpty?: boolean
  readonly syncOption?: readonly string[]
  readonly revisionHistoryLimit?: string
  /** Text of the file that `--values-literal-file` names. */
  readonly valuesLiteral?: string
}

/** A spec with the flags that were given applied; everything else stays. */
export function applySpecFlags(spec: ApplicationSpec, flags: SpecFlags, sourcePosition = 0): ApplicationSpec {
  const { revisionHistoryLimit, project } = flags
  const syncPolicy = applySyncPolicy(spec.syncPolicy, flags)
  return {
    ...spec,
    ...given({ project }),
    ...(revisionHistoryLimit === undefined ? {} : { revisionHistoryLimit: Number(revisionHistoryLimit) }),
    ...sourcesOf(spec, flags, sourcePosition),
    destination: {
      ...spec.destination,
      ...given({ server: flags.destServer, name: flags.destName, namespace: flags.destNamespace }),
    },
    ...(syncPolicy === undefined ? {} : { syncPolicy }),
  }
}

/** Of several sources the one at the position, from 1, changes; without a position none does. */
function sourcesOf(
  { source, sources = [] }: ApplicationSpec,
  flags: SpecFlags,
  position: number,
): Pick<ApplicationSpec, 'source' | 'sources'> {
  if (sources.length === 0) return { source: applySource(source, flags) }
  const index = position - 1
  const found = sources[index]
  return found === undefined ? {} : { sources: sources.with(index, applySource(found, flags)) }
}

type Fields = Readonly<Record<string, unknown>>

/** Only the fields that are set. */
function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** The block itself, or with fields of the flags over it; absent where neither has anything. */
function block(name: string, current: object | undefined, fields: Fields): Fields {
  const set = given(fields)
  return Object.keys(set).length === 0 ? {} : { [name]: { ...current, ...set } }
}

/** A source with the flags that were given applied; from nothing where there is none. */
export function applySource(source: ApplicationSource | undefined, flags: SpecFlags): ApplicationSource {
  const current: ApplicationSource = source ?? { repoURL: '' }
  const { repo, path, revision, helmChart } = flags
  const changed = {
    ...current,
    ...given({ repoURL: repo, path, targetRevision: revision, chart: helmChart }),
    ...block('helm', current.helm, helmFields(current, flags)),
    ...block('kustomize', current.kustomize, {
      namePrefix: flags.nameprefix,
      nameSuffix: flags.namesuffix,
      images: flags.kustomizeImage && mergeImages(current.kustomize?.images ?? [], flags.kustomizeImage),
      commonLabels: flags.kustomizeCommonLabel && Object.fromEntries(flags.kustomizeCommonLabel.map(splitPair)),
      namespace: flags.kustomizeNamespace,
    }),
    ...block('directory', current.directory, {
      recurse: flags.directoryRecurse,
      include: flags.directoryInclude,
      exclude: flags.directoryExclude,
    }),
    ...block('plugin', current.plugin, {
      name: flags.configManagementPlugin,
      env: flags.pluginEnv && mergeEnvironment(current.plugin?.env ?? [], flags.pluginEnv),
    }),
  }
  return withSourceFlags(changed, flags)
}

function helmFields(current: ApplicationSource, flags: SpecFlags): Fields {
  const plain = [...(flags.helmSet ?? []), ...(flags.parameter ?? [])].map(splitPair)
  const strings = (flags.helmSetString ?? []).map(splitPair)
  const known = current.helm?.parameters ?? []
  const changed = new Map(known.map((parameter) => [parameter.name ?? '', parameter]))
  for (const [name, value] of plain) changed.set(name, { name, value })
  for (const [name, value] of strings) changed.set(name, { name, value, forceString: true })
  const isChanged = plain.length + strings.length > 0
  return {
    valueFiles: flags.values,
    releaseName: flags.releaseName,
    parameters: isChanged ? [...changed.values()] : undefined,
    skipCrds: flags.helmSkipCrds,
    values: flags.valuesLiteral,
  }
}

/** An image override replaces the one for the same name: the part before `=`, `:` or `@`. */
function mergeImages(current: readonly string[], added: readonly string[]): readonly string[] {
  const names = new Set(added.map(imageName))
  return [...current.filter((image) => !names.has(imageName(image))), ...added]
}

/** What an image override is for. */
export function imageName(image: string): string {
  return /^(?<name>[^=@]+?)(?::[^/:=@]*)?(?:[=@].*)?$/.exec(image)?.groups?.['name'] ?? image
}

type PluginEnvironment = NonNullable<NonNullable<ApplicationSource['plugin']>['env']>

/** A variable replaces the one of its name. */
function mergeEnvironment(current: PluginEnvironment, added: readonly string[]): PluginEnvironment {
  const changed = new Map(current.map((entry) => [entry.name, entry]))
  for (const [name, value] of added.map(splitPair)) changed.set(name, { name, value })
  return [...changed.values()]
}

function splitPair(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=')
  if (equals < 1) throw new CapstanError('bad-input', `${pair}: write key=value`)
  return [pair.slice(0, equals), pair.slice(equals + 1)]
}

function applySyncPolicy(current: SyncPolicy | undefined, flags: SpecFlags): SyncPolicy | undefined {
  const automated = automatedOf(current, flags)
  const syncOptions =
    flags.syncOption === undefined ? current?.syncOptions : mergeOptions(current?.syncOptions ?? [], flags.syncOption)
  const { automated: _old, syncOptions: _options, retry: before, ...rest } = current ?? {}
  const { retry } = retryOf(before, flags) ?? { retry: before }
  const changed = { ...rest, ...given({ automated, syncOptions, retry }) }
  return Object.keys(changed).length === 0 ? undefined : changed
}

function automatedOf(current: SyncPolicy | undefined, flags: SpecFlags): SyncPolicy['automated'] {
  const before = current?.automated
  const isAutomated = wantsAutomation(flags.syncPolicy, before !== undefined)
  const changes = given({ prune: flags.autoPrune, selfHeal: flags.selfHeal, allowEmpty: flags.allowEmpty })
  if (isAutomated) return { ...before, ...changes }
  if (Object.keys(changes).length > 0) {
    throw new CapstanError(
      'bad-input',
      'cannot set --auto-prune, --self-heal or --allow-empty: application not configured with automatic sync; add --sync-policy automated',
    )
  }
  return undefined
}

function wantsAutomation(policy: string | undefined, isAutomated: boolean): boolean {
  switch (policy) {
    case undefined:
      return isAutomated
    case 'automated':
    case 'automatic':
    case 'auto':
      return true
    case 'none':
    case 'manual':
      return false
    default:
      throw new CapstanError('bad-input', `Invalid sync-policy: ${policy}; one of manual|automated|none`)
  }
}

/** `Name=value` replaces an option of that name; `!Name=value` removes it. */
function mergeOptions(current: readonly string[], changes: readonly string[]): readonly string[] {
  const nameOf = (option: string): string => option.replace(/^!/, '').split('=', 1)[0] ?? ''
  const names = new Set(changes.map(nameOf))
  return [
    ...current.filter((option) => !names.has(nameOf(option))),
    ...changes.filter((option) => !option.startsWith('!')),
  ]
}
