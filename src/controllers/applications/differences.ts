// Compares pairs of wanted and live objects, each only when one of the two has changed since it was last compared.
import type { Application } from '../../crds/application.ts'
import { compareObject } from '../../diff/compare.ts'
import type { Difference, DiffOptions, IgnoreRule } from '../../diff/contract.ts'
import { withPropagatedEntries } from '../../diff/pull-secret-entries.ts'
import { type JsonObject, keyText, kindOf, type KubeObject } from '../../kube/object.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import { annotationList, ANNOTATION, FIELD_MANAGER } from '../../sync/annotations.ts'
import type { ObjectPair } from '../../sync/pair-objects.ts'
import { resourceRefOf } from '../../sync/resource-ref.ts'
import type { AppMemory, RememberedDifference } from './app-memory.ts'
import { customSchema } from './custom-schemas.ts'
import type { EngineSettings } from './engine-settings.ts'

export interface DifferenceInput {
  readonly application: Application
  readonly settings: EngineSettings
  readonly memory: AppMemory
  readonly cache: ClusterCache
  readonly pairs: readonly ObjectPair[]
  readonly signal: AbortSignal
}

/** The difference of each pair, by object id. Work is done only for pairs that are not as they were. */
export async function findDifferences(input: DifferenceInput): Promise<ReadonlyMap<string, Difference>> {
  const { application, settings, memory } = input
  const compareOptions = annotationList(application, ANNOTATION.compareOptions)
  const options = diffOptions(application, settings, compareOptions)
  const { ignore, mode, includeMutationWebhook, ignoreAggregatedRoles, knownTypes } = options
  const rulesKey = JSON.stringify([ignore, mode, includeMutationWebhook, ignoreAggregatedRoles, knownTypes])
  const before = memory.rulesKey === rulesKey ? memory.differences : NOTHING
  const next = new Map<string, RememberedDifference>()
  const changed: ObjectPair[] = []
  for (const pair of input.pairs) {
    const id = keyText(pair.key)
    const known = before.get(id)
    if (known !== undefined && known.target === pair.target && known.live === pair.live) next.set(id, known)
    else changed.push(pair)
  }
  for (let start = 0; start < changed.length; start += MAX_PARALLEL) {
    const some = changed.slice(start, start + MAX_PARALLEL)
    const found = await Promise.all(some.map((pair) => compare(input, pair, options)))
    for (const [index, { key, target, live }] of some.entries()) {
      const difference = found[index]
      if (difference !== undefined) next.set(keyText(key), { target, live, difference })
    }
  }
  memory.differences = next
  memory.rulesKey = rulesKey
  return new Map([...next].map(([id, { difference }]) => [id, difference]))
}

/** How many dry runs of a server-side comparison are under way at a time. */
const MAX_PARALLEL = 20

const NOTHING: ReadonlyMap<string, RememberedDifference> = new Map()

type Pair = Pick<ObjectPair, 'target' | 'live'>

async function compare(
  input: DifferenceInput,
  { target: wanted, live }: Pair,
  options: DiffOptions,
): Promise<Difference> {
  if (wanted === undefined || live === undefined) return compareObject(wanted, live, options)
  const target = withPropagatedEntries(wanted, live)
  const schema = await customSchema(input.cache, kindOf(target), input.signal)
  const complete = schema === undefined ? options : { ...options, schemaOf: () => schema }
  if (options.mode !== 'server-side') return compareObject(target, live, complete)
  return compareObject(target, live, { ...complete, dryRunResult: await dryRunApply(input, target) })
}

async function dryRunApply({ cache, signal }: DifferenceInput, target: KubeObject): Promise<KubeObject> {
  const { client } = cache
  const ref = await resourceRefOf(client, target, signal)
  // A KubeObject is a JSON object; the interface only names what each has.
  const body = target as unknown as JsonObject
  return client.patch(ref, 'apply', body, { fieldManager: FIELD_MANAGER, force: true, dryRun: true, signal })
}

function diffOptions(
  application: Application,
  settings: EngineSettings,
  compareOptions: readonly string[],
): DiffOptions {
  const syncOptions = application.spec.syncPolicy?.syncOptions ?? []
  const base = { ...settings.diff, ignore: rulesOf(application, settings) }
  // An application may leave the way of the controller; saying both is saying no (argo-cd v3.5.1 `controller/state.go`).
  const isServerSide = settings.serverSideDiff || compareOptions.includes('ServerSideDiff=true')
  if (isServerSide && !compareOptions.includes('ServerSideDiff=false')) {
    const includeMutationWebhook = compareOptions.includes('IncludeMutationWebhook=true')
    return { ...base, mode: 'server-side', includeMutationWebhook }
  }
  return syncOptions.includes('ServerSideApply=true') ? { ...base, mode: 'structured-merge' } : base
}

/** The rules of the application and of the settings, and the status where it is nobody's wish. */
export function rulesOf(application: Application, settings: EngineSettings): readonly IgnoreRule[] {
  const own = (application.spec.ignoreDifferences ?? []).map((rule): IgnoreRule => ({
    ...rule,
    group: rule.group ?? '',
    kind: rule.kind ?? '',
  }))
  return [...own, ...settings.ignore, ...STATUS_RULES[settings.ignoreStatus]]
}

const STATUS_RULES: Readonly<Record<EngineSettings['ignoreStatus'], readonly IgnoreRule[]>> = {
  all: [{ group: '*', kind: '*', jsonPointers: ['/status'] }],
  crd: [{ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', jsonPointers: ['/status'] }],
  none: [],
}

/** True where the pair differs, or one side is absent. */
export function isModified(pair: ObjectPair, differences: ReadonlyMap<string, Difference>): boolean {
  const { target, live } = pair
  return target === undefined || live === undefined || differences.get(keyText(pair.key))?.isModified === true
}

/** Kind and name, as conditions name an object. */
export function labelOf(object: KubeObject): string {
  return `${kindOf(object).kind}/${object.metadata.name ?? ''}`
}
