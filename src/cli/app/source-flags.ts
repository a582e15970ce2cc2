// Flags of sources that are fields as they are, in one table (cmd/util/app.go ConstructSource, v3.5.1).
import { Option, type Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { ApplicationSource, SyncPolicy } from '../../crds/application.ts'
import { collect, wholeNumber } from '../flags.ts'

type Block = 'helm' | 'kustomize' | 'source'

/** Flag, what stands for its value (none: a truth), block and field it sets, and what it is. */
const FIELDS: readonly (readonly [
  flag: string,
  value: 'text' | 'list' | 'pairs' | '',
  block: Block,
  field: string,
  about: string,
])[] = [
  ['ref', 'text', 'source', 'ref', 'name by which other sources refer to this one'],
  ['tag-prefix', 'text', 'source', 'tagPrefix', 'only tags that begin so'],
  ['helm-version', 'text', 'helm', 'version', 'Helm version'],
  ['helm-namespace', 'text', 'helm', 'namespace', 'namespace that charts see'],
  ['helm-kube-version', 'text', 'helm', 'kubeVersion', 'Kubernetes version that charts see'],
  ['helm-api-versions', 'list', 'helm', 'apiVersions', 'API version that charts see (repeatable)'],
  ['helm-pass-credentials', '', 'helm', 'passCredentials', 'send credentials to all hosts'],
  ['helm-skip-tests', '', 'helm', 'skipTests', 'leave out the tests of a chart'],
  [
    'helm-skip-schema-validation',
    '',
    'helm',
    'skipSchemaValidation',
    'do not hold values against the schema of a chart',
  ],
  ['ignore-missing-value-files', '', 'helm', 'ignoreMissingValueFiles', 'values files may be missing'],
  ['kustomize-version', 'text', 'kustomize', 'version', 'Kustomize version'],
  [
    'kustomize-kube-version',
    'text',
    'kustomize',
    'kubeVersion',
    'Kubernetes version that charts of a kustomization see',
  ],
  ['kustomize-api-versions', 'list', 'kustomize', 'apiVersions', 'API version that such charts see (repeatable)'],
  [
    'kustomize-common-annotation',
    'pairs',
    'kustomize',
    'commonAnnotations',
    'Kustomize common annotation: key=value (repeatable)',
  ],
  [
    'kustomize-label-without-selector',
    '',
    'kustomize',
    'labelWithoutSelector',
    'leave selectors without the common labels',
  ],
  [
    'kustomize-label-include-templates',
    '',
    'kustomize',
    'labelIncludeTemplates',
    'put the common labels into templates too',
  ],
  ['kustomize-force-common-label', '', 'kustomize', 'forceCommonLabels', 'replace labels there are'],
  ['kustomize-force-common-annotation', '', 'kustomize', 'forceCommonAnnotations', 'replace annotations there are'],
  ['ignore-missing-components', '', 'kustomize', 'ignoreMissingComponents', 'components may be missing'],
]

/** Values by the names of flags as commander gives them; those of other commands stand among them. */
type Given = object

export function addSourceFlags(command: Command): Command {
  for (const [flag, value, , , about] of FIELDS) {
    const option = new Option(`--${flag}${value === '' ? '' : ` <${value === 'pairs' ? 'key=value' : value}>`}`, about)
    command.addOption(value === 'list' || value === 'pairs' ? option.argParser(collect) : option)
  }
  return command
    .option('--source-name <name>', 'name of the source among several')
    .option('--helm-set-file <key=path>', 'Helm parameter from a file of the repository (repeatable)', collect)
    .option('--kustomize-replica <name=count>', 'Kustomize replicas override (repeatable)', collect)
    .option('--jsonnet-tla-str <key=value>', 'Jsonnet top-level text (repeatable)', collect)
    .option('--jsonnet-tla-code <key=code>', 'Jsonnet top-level code (repeatable)', collect)
    .option('--jsonnet-ext-var-str <key=value>', 'Jsonnet external text (repeatable)', collect)
    .option('--jsonnet-ext-var-code <key=code>', 'Jsonnet external code (repeatable)', collect)
    .option('--jsonnet-libs <path>', 'Jsonnet library in the repository (repeatable)', collect)
    .option('--sync-retry-limit <n>', 'how often a failed sync is tried again; 0 for never', wholeNumber)
    .option('--sync-retry-backoff-duration <duration>', 'how long the first try is waited for', '5s')
    .option('--sync-retry-backoff-factor <n>', 'how many times as long each further one', wholeNumber, 2)
    .option('--sync-retry-backoff-max-duration <duration>', 'the longest wait', '3m0s')
    .option('--sync-retry-refresh', 'try again with the latest revision')
}

/** The source with these flags' fields set. */
export function withSourceFlags(source: ApplicationSource, flags: Given): ApplicationSource {
  let changed: object = source
  for (const [flag, kind, block, field] of FIELDS) {
    const value: unknown = Reflect.get(flags, camelCase(flag))
    if (value === undefined) continue
    const set = { [field]: kind === 'pairs' ? Object.fromEntries(pairs(value)) : value }
    changed = block === 'source' ? { ...changed, ...set } : inBlock(changed, block, set)
  }
  const files = pairs(Reflect.get(flags, 'helmSetFile')).map(([name, path]) => ({ name, path }))
  if (files.length > 0)
    changed = inBlock(changed, 'helm', { fileParameters: merged(source.helm?.fileParameters, files) })
  const replicas = pairs(Reflect.get(flags, 'kustomizeReplica')).map(([name, count]) => ({
    name,
    count: wholeNumber(count),
  }))
  if (replicas.length > 0)
    changed = inBlock(changed, 'kustomize', { replicas: merged(source.kustomize?.replicas, replicas) })
  const jsonnet = jsonnetFields(source, flags)
  if (jsonnet !== undefined) changed = inBlock(changed, 'directory', { jsonnet })
  // Fields of the table are the source's own.
  return changed as ApplicationSource
}

function inBlock(source: object, block: string, fields: object): object {
  return { ...source, [block]: { ...Reflect.get(source, block), ...fields } }
}

/** Those of the same name are replaced. */
function merged<T extends { readonly name?: string }>(before: readonly T[] = [], added: readonly T[]): readonly T[] {
  return [...before.filter(({ name }) => !added.some((other) => other.name === name)), ...added]
}

function jsonnetFields({ directory }: ApplicationSource, flags: Given): object | undefined {
  const vars = (name: string): readonly object[] => [
    ...pairs(Reflect.get(flags, `${name}Str`)).map(([key, value]) => ({ name: key, value })),
    ...pairs(Reflect.get(flags, `${name}Code`)).map(([key, value]) => ({ name: key, value, code: true })),
  ]
  const [tlas, extVars] = [vars('jsonnetTla'), vars('jsonnetExtVar')]
  const libs = textsOf(Reflect.get(flags, 'jsonnetLibs'))
  if (tlas.length + extVars.length + libs.length === 0) return undefined
  const { jsonnet = {} } = directory ?? {}
  return {
    ...jsonnet,
    ...(tlas.length > 0 ? { tlas: [...(jsonnet.tlas ?? []), ...tlas] } : {}),
    ...(extVars.length > 0 ? { extVars: [...(jsonnet.extVars ?? []), ...extVars] } : {}),
    ...(libs.length > 0 ? { libs: [...(jsonnet.libs ?? []), ...libs] } : {}),
  }
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function pairs(values: unknown): readonly (readonly [name: string, value: string])[] {
  return textsOf(values).map((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new CapstanError('bad-input', `${pair}: write key=value`)
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  })
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-[a-z]/g, (part) => part.slice(1).toUpperCase())
}

/** How failed syncs are tried again; undefined where no flag says anything. */
export function retryOf(
  before: SyncPolicy['retry'],
  flags: Given,
): { readonly retry: SyncPolicy['retry'] } | undefined {
  const limit: unknown = Reflect.get(flags, 'syncRetryLimit')
  const refresh: unknown = Reflect.get(flags, 'syncRetryRefresh')
  const refreshed = typeof refresh === 'boolean' ? { refresh } : {}
  if (typeof limit !== 'number')
    return typeof refresh === 'boolean' ? { retry: { ...before, ...refreshed } } : undefined
  if (limit < 0) throw new CapstanError('bad-input', `Invalid sync-retry-limit [${limit}]`)
  if (limit === 0) return { retry: undefined }
  const backoff = {
    duration: String(Reflect.get(flags, 'syncRetryBackoffDuration')),
    maxDuration: String(Reflect.get(flags, 'syncRetryBackoffMaxDuration')),
    factor: Number(Reflect.get(flags, 'syncRetryBackoffFactor')),
  }
  return { retry: { limit, backoff, ...refreshed } }
}
