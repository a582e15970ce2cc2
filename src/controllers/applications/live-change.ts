// How much an application has to be looked at again after a change of a live object.
import { isDeepStrictEqual } from 'node:util'
import type { IgnoreRule } from '../../diff/contract.ts'
import { removeIgnored, rulesFor } from '../../diff/ignore.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { LiveChange } from '../../live/cluster-cache.ts'
import type { LiveResource } from '../../live/live-resource.ts'
import type { EngineSettings } from './engine-settings.ts'
import type { CompareLevel } from './refresh-decision.ts'

export interface ChangeLevels {
  /** For the application that manages the object itself; undefined for none at all. */
  readonly root: CompareLevel | undefined
  /** For one that manages an owner of it. */
  readonly owned: CompareLevel | undefined
}

/** What of the settings decides what can be seen of a change. */
export type Sight = Pick<EngineSettings, 'ignoreStatus' | 'persistResourceHealth'> &
  Partial<Pick<EngineSettings, 'ignoreUpdates' | 'diff'>>

/** A change of the status alone that leaves the health as it is asks for nothing (`resource.customizations.ignoreResourceUpdates.all`). */
export function levelOfChange({ old, next }: LiveChange, settings: Sight): ChangeLevels {
  if (old === undefined || next === undefined) return { root: 'recent', owned: 'tree' }
  const owned = hasSameSummary(old, next) ? undefined : 'tree'
  const isNothing =
    (settings.ignoreStatus === 'all' && isQuiet(old, next, settings)) || isIgnoredUpdate(old, next, settings)
  return { root: isNothing ? owned : 'recent', owned }
}

/** What every write changes (argo-cd v3.5.1 `GetIgnoreResourceUpdatesOverrides`). */
const WRITTEN: IgnoreRule = {
  group: '*',
  kind: '*',
  jsonPointers: ['/metadata/resourceVersion', '/metadata/generation', '/metadata/managedFields'],
}

/** True where nothing has changed but what the rules of the kind name, and the health is as it was. */
function isIgnoredUpdate(old: LiveResource, next: LiveResource, settings: Sight): boolean {
  const { ignoreUpdates = [], diff } = settings
  if (ignoreUpdates.length === 0 || old.object === undefined || next.object === undefined) return false
  const rules = rulesFor(ignoreUpdates, next.object)
  if (rules.length === 0 || old.app !== next.app || !looksAsHealthy(old, next, settings)) return false
  const [before, after] = [old.object, next.object].map((object) =>
    removeIgnored(object, [WRITTEN, ...rules], diff?.deleteByJq),
  )
  return isDeepStrictEqual(before, after)
}

function hasSameSummary(old: LiveResource, next: LiveResource): boolean {
  return (
    isDeepStrictEqual(old.images, next.images) &&
    isDeepStrictEqual(old.networking?.externalURLs, next.networking?.externalURLs)
  )
}

/** True where the generation says that nothing but the status has changed, and the metadata people write is the same. */
function isQuiet(old: LiveResource, next: LiveResource, settings: Sight): boolean {
  const before = old.object?.metadata
  const after = next.object?.metadata
  if (before === undefined || after === undefined || old.app !== next.app) return false
  if (after.generation === undefined || before.generation !== after.generation) return false
  return hasSameMetadata(before, after) && looksAsHealthy(old, next, settings)
}

function hasSameMetadata(before: KubeObject['metadata'], after: KubeObject['metadata']): boolean {
  return (
    before.deletionTimestamp === after.deletionTimestamp &&
    isDeepStrictEqual(before.annotations, after.annotations) &&
    isDeepStrictEqual(before.labels, after.labels) &&
    isDeepStrictEqual(before.finalizers, after.finalizers)
  )
}

/** Messages are read from the objects themselves unless the status repeats them. */
function looksAsHealthy(old: LiveResource, next: LiveResource, { persistResourceHealth }: Sight): boolean {
  if (old.health?.status !== next.health?.status) return false
  return !persistResourceHealth || old.health?.message === next.health?.message
}
