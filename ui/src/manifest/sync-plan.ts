// What a sync would change, before it is started: each resource with its difference, and how many of each sort.
import type { ResourceDiff } from '../../../src/crds/tree.ts'
import { resourceKey } from '../tree/nodes.ts'
import { differenceOf } from './difference.ts'
import { compareTexts, type TextDiff } from './hunks.ts'
import { isObject } from './json.ts'
import { yamlOfJson } from './yaml.ts'

/** `kept`: Git has no manifest for it any more, but nothing is pruned. */
export type PlannedChange = 'created' | 'changed' | 'pruned' | 'kept'

export interface PlannedItem {
  readonly key: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly change: PlannedChange
  readonly diff: TextDiff
}

export const CHANGES: readonly PlannedChange[] = ['created', 'changed', 'pruned', 'kept']

interface PlanOptions {
  readonly selected: ReadonlySet<string>
  readonly prune: boolean
}

/** The plan for the revision the application was compared with. Hooks are no resources that differ. */
export function planSync(items: readonly ResourceDiff[], { selected, prune }: PlanOptions): readonly PlannedItem[] {
  return items
    .filter((item) => item.hook !== true && selected.has(resourceKey(item)))
    .flatMap((item) => {
      const diff = differenceOf(item)
      const change = changeOf(item, prune)
      return diff.hunks.length === 0 ? [] : [planned(item, change, diff)]
    })
}

function changeOf({ targetState, liveState }: ResourceDiff, prune: boolean): PlannedChange {
  if (isAbsent(targetState)) return prune ? 'pruned' : 'kept'
  return isAbsent(liveState) ? 'created' : 'changed'
}

function isAbsent(json: string | undefined): boolean {
  return json === undefined || json === '' || json === 'null'
}

interface Named {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
}

function planned(item: Named, change: PlannedChange, diff: TextDiff): PlannedItem {
  const { kind = '', name = '', namespace = '' } = item
  return { key: resourceKey(item), kind, name, namespace, change, diff }
}

/** The manifests of two revisions against each other: what one says that the other does not. */
export function planManifests(
  before: readonly string[],
  after: readonly string[],
  prune = true,
): readonly PlannedItem[] {
  const [old, now] = [byKey(before), byKey(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [left, right] = [old.get(key), now.get(key)]
    const diff = compareTexts(yamlOfJson(left?.json), yamlOfJson(right?.json))
    const named = right?.named ?? left?.named
    if (diff.hunks.length === 0 || named === undefined) return []
    if (left === undefined) return [planned(named, 'created', diff)]
    if (right === undefined) return [planned(named, prune ? 'pruned' : 'kept', diff)]
    return [planned(named, 'changed', diff)]
  })
}

function byKey(manifests: readonly string[]): ReadonlyMap<string, { readonly named: Named; readonly json: string }> {
  return new Map(
    manifests.map((json) => {
      const named = namedIn(JSON.parse(json))
      return [resourceKey(named), { named, json }]
    }),
  )
}

function namedIn(manifest: unknown): Named {
  if (!isObject(manifest)) return {}
  const { apiVersion, kind, metadata } = manifest
  const { name, namespace } = isObject(metadata) ? metadata : {}
  const version = typeof apiVersion === 'string' ? apiVersion : ''
  return {
    group: version.includes('/') ? (version.split('/')[0] ?? '') : '',
    kind: typeof kind === 'string' ? kind : '',
    name: typeof name === 'string' ? name : '',
    namespace: typeof namespace === 'string' ? namespace : '',
  }
}

export function countChanges(plan: readonly PlannedItem[]): ReadonlyMap<PlannedChange, number> {
  return new Map(
    CHANGES.map((change) => [change, plan.filter((item) => item.change === change).length] as const).filter(
      ([, count]) => count > 0,
    ),
  )
}
