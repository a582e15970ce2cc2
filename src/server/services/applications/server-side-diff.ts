// What an apply would make of manifests, as the cluster itself says in a dry run (server/application/application.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import type { Application } from '../../../crds/application.ts'
import type { ResourceDiff } from '../../../crds/tree.ts'
import { compareObject } from '../../../diff/compare.ts'
import { withPropagatedEntries } from '../../../diff/pull-secret-entries.ts'
import { DEFAULT_MANAGER, type Difference, type IgnoreRule } from '../../../diff/contract.ts'
import { hideSecretData } from '../../../diff/mask.ts'
import type { ResourceRef } from '../../../kube/client/client.ts'
import { jsonText, parseJson } from '../../../kube/json-digits.ts'
import { isObject } from '../../../kube/json-value.ts'
import { kindOf, type JsonObject, type JsonValue, type KubeObject } from '../../../kube/object.ts'
import type { Call, ClusterAccess } from '../../context.ts'
import { listField, textField, textListField, type RequestFields } from '../fields.ts'
import { actingCluster } from './acting-cluster.ts'
import { findApplication } from './find.ts'

/** Nobody wishes for a status. */
const STATUS_RULE: IgnoreRule = { group: '*', kind: '*', jsonPointers: ['/status'] }

interface Side {
  readonly live: KubeObject | undefined
  readonly target: KubeObject | undefined
  /** What the request says of the live object. */
  readonly told: RequestFields
}

interface DryRun {
  readonly call: Call
  readonly cluster: ClusterAccess
  readonly application: Application
  readonly managed: readonly ResourceDiff[]
}

/** GET ~/applications/{appName}/server-side-diff: live objects and manifests in the same order; one of two may be missing. */
export async function serverSideDiff(request: RequestFields, call: Call): Promise<unknown> {
  const application = findApplication(call, request, 'get', 'appName')
  const { name = '', namespace = '' } = application.metadata
  const managed = await call.context.views.managedResources({ name, namespace })
  const cluster = await actingCluster(application, call)
  const run: DryRun = { call, cluster, application, managed }
  const items: object[] = []
  let modified = false
  for (const side of sidesOf(request, run)) {
    const difference = await compare(side, run)
    modified ||= difference.isModified
    items.push(answerOf(side, difference, new Set(call.context.settings().resources.maskedAnnotations)))
  }
  return { items, modified }
}

function sidesOf(request: RequestFields, run: DryRun): readonly Side[] {
  const lives = listField(request, 'liveResources').map((told) => ({ told: told as RequestFields })) // a list of messages
  const targets = textListField(request, 'targetManifests').map(parseManifest)
  return Array.from({ length: Math.max(lives.length, targets.length) }, (_, index) => {
    const { told = {} } = lives[index] ?? {}
    return { told, live: liveOf(told, run), target: targets[index] }
  })
}

/** The live object as the request tells it, which must be the one it is named as, and one of the application's. */
function liveOf(told: RequestFields, { managed, application }: DryRun): KubeObject | undefined {
  const live = parseManifest(textField(told, 'liveState'))
  if (live === undefined) return undefined
  const [group, kind] = [textField(told, 'group'), textField(told, 'kind')]
  const [namespace, name] = [textField(told, 'namespace'), textField(told, 'name')]
  const held = kindOf(live)
  const checks = [
    ['name', name, live.metadata.name ?? ''],
    ['namespace', namespace, live.metadata.namespace ?? ''],
    ['group', group, held.group],
    ['kind', kind, held.kind],
  ] as const
  for (const [what, expected, got] of checks) {
    if (expected === got) continue
    const text = `${what} mismatch: expected ${expected}, got ${got} for live resource ${group}/${kind}/${name}`
    throw new CapstanError('bad-input', text)
  }
  if (!isManaged(managed, live)) {
    const where = application.metadata.name ?? ''
    throw new CapstanError('forbidden', `${group}/${kind} ${name} not found as part of application ${where}`)
  }
  return live
}

function isManaged(managed: readonly ResourceDiff[], object: KubeObject): boolean {
  const { group, kind } = kindOf(object)
  const { name = '', namespace = '' } = object.metadata
  return managed.some(
    (item) =>
      (item.group ?? '') === group && item.kind === kind && (item.namespace ?? '') === namespace && item.name === name,
  )
}

function parseManifest(text: string): KubeObject | undefined {
  if (text === '' || text === 'null') return undefined
  let value: JsonValue
  try {
    value = parseJson(text)
  } catch (error) {
    throw new CapstanError('bad-input', 'a manifest is not JSON', { cause: error })
  }
  const isWhole =
    isObject(value) &&
    typeof value['kind'] === 'string' &&
    typeof value['apiVersion'] === 'string' &&
    isObject(value['metadata'])
  if (!isWhole) throw new CapstanError('bad-input', 'a manifest has no kind, apiVersion or metadata')
  return value as unknown as KubeObject // checked above
}

async function compare({ live, target: wanted }: Side, run: DryRun): Promise<Difference> {
  const target = wanted && withPropagatedEntries(wanted, live)
  if (target === undefined && live === undefined) return { isModified: false }
  const dryRunResult = target === undefined ? undefined : await dryRun(target, run)
  if (target === undefined || dryRunResult === undefined) return { ...compareObject(target, live), isModified: true }
  if (live === undefined) return { isModified: true, predictedLive: withoutManagers(dryRunResult) }
  const own = (run.application.spec.ignoreDifferences ?? []).map((rule): IgnoreRule => ({
    ...rule,
    group: rule.group ?? '',
    kind: rule.kind ?? '',
  }))
  return compareObject(target, live, { mode: 'server-side', ignore: [...own, STATUS_RULE], dryRunResult })
}

/** Refuses what stands in the cluster and is not the application's: a dry run would tell what it holds. */
async function dryRun(target: KubeObject, run: DryRun): Promise<KubeObject> {
  const { call, cluster, managed } = run
  const ref = await refOf(target, run)
  // Which live object a client sends along says nothing about whose the wanted one is.
  const placed = { ...target, metadata: { ...target.metadata, namespace: ref.namespace ?? '' } }
  if (!isManaged(managed, target) && !isManaged(managed, placed)) {
    const standing = await cluster.client.get(ref, call.signal)
    if (standing !== undefined) {
      throw new CapstanError('forbidden', `${target.kind} ${ref.name} exists and is not part of the application`)
    }
  }
  // An object is plain JSON; its type only names what each has.
  const body = target as unknown as JsonObject
  return cluster.client.patch(ref, 'apply', body, {
    fieldManager: DEFAULT_MANAGER,
    force: true,
    dryRun: true,
    signal: call.signal,
  })
}

async function refOf(target: KubeObject, { cluster, application, call }: DryRun): Promise<ResourceRef> {
  const kind = kindOf(target)
  const type = await cluster.client.resourceOf(kind, call.signal)
  if (type === undefined) throw new CapstanError('not-found', `the cluster serves no ${kind.kind} of "${kind.group}"`)
  const namespace = target.metadata.namespace ?? application.spec.destination.namespace ?? ''
  return { type, namespace, name: target.metadata.name ?? '' }
}

function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _managers, ...metadata } = object.metadata
  return { ...object, metadata }
}

function answerOf({ told, live, target }: Side, difference: Difference, annotations: ReadonlySet<string>): object {
  const shown = masked({ live, target }, difference, annotations)
  return {
    ...nameOf(told, target ?? live),
    targetState: stateText(shown.predictedLive),
    liveState: stateText(shown.normalizedLive),
    hook: told['hook'] === true,
    modified: difference.isModified,
    resourceVersion: textField(told, 'resourceVersion'),
  }
}

function nameOf(told: RequestFields, subject: KubeObject | undefined): object {
  const { group, kind } = subject === undefined ? { group: '', kind: '' } : kindOf(subject)
  const { namespace = '', name = '' } = subject?.metadata ?? {}
  return {
    group: textField(told, 'group') || group,
    kind: textField(told, 'kind') || kind,
    namespace: textField(told, 'namespace') || namespace,
    name: textField(told, 'name') || name,
  }
}

function stateText(object: KubeObject | undefined): string {
  return object === undefined ? 'null' : jsonText(object)
}

/** Whether values must be hidden is read from the objects themselves, never from what the request says of them. */
function masked(
  { live, target }: Pick<Side, 'live' | 'target'>,
  difference: Difference,
  annotations: ReadonlySet<string>,
): Difference {
  const isSecret = [live, target].some((object) => object?.kind === 'Secret' && kindOf(object).group === '')
  if (!isSecret) return difference
  const hidden = hideSecretData(difference.predictedLive, difference.normalizedLive, annotations)
  return {
    isModified: difference.isModified,
    ...(hidden.wanted === undefined ? {} : { predictedLive: hidden.wanted }),
    ...(hidden.live === undefined ? {} : { normalizedLive: hidden.live }),
  }
}
