// Compares an application's manifests with what is live: objects, conditions, status and health.
import type { Application, SyncStatusCode } from '../../crds/application.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { DesiredSource } from '../../desired/contract.ts'
import { assessHealth } from '../../health/assess.ts'
import { keyOf, keyText, kindOf, type KubeObject, type ObjectKey } from '../../kube/object.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import { applicationOf, isSelfReferenced, type TrackingMark } from '../../live/tracking.ts'
import { hasSyncOption } from '../../sync/annotations.ts'
import { definedKind, kindText } from '../../sync/custom-kinds.ts'
import { type ObjectPair, pairObjects } from '../../sync/pair-objects.ts'
import { unknownKindText } from '../../sync/result-texts.ts'
import type { AppMemory } from './app-memory.ts'
import { applicationHealth } from './application-health.ts'
import type { ClusterRecord } from './cluster-client.ts'
import type { Comparison } from './comparison-result.ts'
import { type Condition, isErrorCondition } from './conditions.ts'
import { findDifferences, isModified, labelOf } from './differences.ts'
import type { EngineSettings } from './engine-settings.ts'
import { orphanSearch } from './summary.ts'
import { gatherLive } from './live-objects.ts'
import { hasNewNamespaceMetadata } from './namespace-metadata.ts'
import { isKeyPermitted, isKindPermitted, type ObjectPlace, refusalOf } from './project-refusal.ts'
import { isHookPair, type JudgedObject, overallStatus, resourceStatuses } from './resource-statuses.ts'
import type { PreparedTargets } from './targets.ts'

export interface ComparisonInput {
  readonly application: Application
  readonly project: AppProject
  readonly settings: EngineSettings
  readonly cluster: ClusterRecord
  readonly cache: ClusterCache
  readonly mark: TrackingMark
  readonly sources: readonly DesiredSource[]
  readonly targets: PreparedTargets
  readonly memory: AppMemory
  /** True for marks of applications that exist. Default: all do. */
  readonly isApplication?: (mark: string) => boolean
  readonly signal: AbortSignal
}

/** Throws what the cluster or a comparison throws; the caller makes it a ComparisonError. */
export async function compareApplication(input: ComparisonInput): Promise<Comparison> {
  const { application, cache, cluster, mark, project, settings, targets } = input
  const isPermitted = permission(input)
  const live = await gatherLive({
    cache,
    mark: mark.app,
    namespace: mark.namespace,
    targets: targets.objects,
    isPermitted,
    remembered: (id) => input.memory.differences.get(id)?.live,
    signal: input.signal,
  })
  const scopeOf = (kind: { group: string; kind: string }): boolean | undefined => cache.scopeOf(kind)
  const paired = pairObjects(targets.objects, live, mark.namespace, scopeOf)
  const { pairs } = paired
  const differences = await findDifferences({ ...input, pairs })
  const self = keyOf(application)
  const objects = pairs.map((pair): JudgedObject => {
    const { target } = pair
    const object = target ?? pair.live
    return {
      ...pair,
      isHook: isHookPair(pair),
      isSelfReferenced:
        pair.live === undefined ||
        (!isItself(pair, self) && isSelfReferenced(pair.live, target, mark, settings.tracking)),
      isUnknown: object !== undefined && !isKindPermitted(project, placeOf(input, object)),
      isModified: isModified(pair, differences),
      health: pair.live === undefined ? { status: 'Missing' } : assessHealth(pair.live, settings.healthOverride),
    }
  })
  return {
    cluster,
    sources: input.sources,
    paired,
    objects,
    differences,
    conditions: [...targets.conditions, ...sharedResources(input, objects), ...(await unknownKinds(input, objects))],
    status: syncStatus(input, objects),
    health: applicationHealth(objects, self),
    resources: resourceStatuses(objects, settings.persistResourceHealth),
    isShown: (key) => isKeyPermitted(project, key, cluster),
    orphans: orphanSearch(project, mark.namespace, input.isApplication),
    secrets: targets.secrets,
  }
}

/** An application that Git no longer brings does not prune itself, and what it delivers with it. */
function isItself({ key, target }: ObjectPair, self: ObjectKey): boolean {
  return target === undefined && keyText(key) === keyText(self)
}

/** Asks the project once for all objects of a kind in a namespace; those of cluster scope by name. */
function permission(input: ComparisonInput): (object: KubeObject) => boolean {
  const answers = new Map<string, boolean>()
  return (object) => {
    const place = placeOf(input, object)
    const { namespace = '', name = '' } = object.metadata
    const key = `${object.apiVersion} ${object.kind} ${namespace} ${place.isNamespaced === true ? '' : name}`
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = refusalOf(input.project, place) === undefined
    answers.set(key, answer)
    return answer
  }
}

function placeOf({ cache, cluster, mark }: ComparisonInput, object: KubeObject): ObjectPlace {
  return { object, isNamespaced: cache.scopeOf(kindOf(object)), cluster, namespace: mark.namespace }
}

function sharedResources(
  { application, mark, settings }: ComparisonInput,
  objects: readonly JudgedObject[],
): readonly Condition[] {
  const conditions: Condition[] = []
  for (const { target, live } of objects) {
    const other = target === undefined || live === undefined ? undefined : applicationOf(live, settings.tracking)
    if (live === undefined || other === undefined || other === mark.app) continue
    const own = `${application.metadata.namespace}/${application.metadata.name}`
    const message = `${labelOf(live)} is part of applications ${own} and ${other}`
    conditions.push({ type: 'SharedResourceWarning', message })
  }
  return conditions
}

/** Kinds that neither the cluster serves nor a CRD among the manifests brings. The sync itself says so again where it meets them. */
async function unknownKinds(
  { application, cache, targets, signal }: ComparisonInput,
  objects: readonly JudgedObject[],
): Promise<readonly Condition[]> {
  const defined = new Set(
    targets.objects
      .map((object) => definedKind(object))
      .filter((kind) => kind !== undefined)
      .map(kindText),
  )
  const conditions = new Map<string, Condition>()
  const served = new Set<string>()
  for (const { target } of objects) {
    if (target === undefined || hasNoPlace(target, application)) continue
    const kind = kindOf(target)
    const text = kindText(kind)
    if (served.has(target.apiVersion + text)) continue
    if (defined.has(text) || hasSyncOption('SkipDryRunOnMissingResource=true', target)) continue
    if (conditions.has(text)) continue
    if (await cache.serves(kind, signal)) {
      served.add(target.apiVersion + text)
      continue
    }
    const subject = `${target.metadata.namespace ?? ''}/${target.metadata.name ?? ''}`
    conditions.set(text, {
      type: 'ComparisonError',
      message: unknownKindText(kind, subject, await cache.client.resources(signal)),
      isHarmless: true,
    })
  }
  return [...conditions.values()]
}

/** Without its kind nobody knows whether it should have a namespace: like upstream, nothing is said of it before a sync. */
function hasNoPlace({ metadata }: KubeObject, { spec }: Application): boolean {
  return (metadata.namespace ?? '') === '' && (spec.destination.namespace ?? '') === ''
}

/** Unknown where manifests have no place to go; OutOfSync also where the namespace is to get other metadata. */
function syncStatus({ application, targets }: ComparisonInput, objects: readonly JudgedObject[]): SyncStatusCode {
  if (targets.conditions.some(isErrorCondition)) return 'Unknown'
  return hasNewNamespaceMetadata(application) ? 'OutOfSync' : overallStatus(objects)
}
