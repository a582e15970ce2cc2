// Tells a person that self-heal and another controller keep undoing each other: over which fields, with whom, and what ends it.
import {
  differingFields,
  type FieldOwner,
  type FieldPath,
  jqOf,
  ownersOf,
  pointerOf,
} from '../../diff/differing-fields.ts'
import { keyText, type KubeObject } from '../../kube/object.ts'
import { FIELD_MANAGER } from '../../sync/annotations.ts'
import { autoscalersOf } from './autoscalers.ts'
import type { Comparison } from './comparison-result.ts'
import type { Condition } from './conditions.ts'
import type { Pass } from './pass.ts'
import { textLines, type IgnoreLines } from './ignore-lines.ts'
import type { JudgedObject } from './resource-statuses.ts'

/** So often an application has to be healed in a row before it counts as a fight. */
export const FIGHT_ATTEMPTS = 2
/** How many objects and how many fields of each are named: enough to recognise the opponent, and a status stays small. */
const MAX_OBJECTS = 5
const MAX_FIELDS = 8

/** Managers whose fields are those that a sync or the cluster itself wrote: a change among these is made on the way in. */
const OWN_MANAGERS: ReadonlySet<string> = new Set([FIELD_MANAGER, 'argocd-application-controller'])

/** A warning with the fields that differ again, who sets them, and the lines to add; none where nothing on both sides differs. */
export async function fightCondition(pass: Pass, comparison: Comparison): Promise<readonly Condition[]> {
  const { objects, differences } = comparison
  const named: string[] = []
  const rules: IgnoreLines[] = []
  for (const object of objects) {
    const { key, target, live, isModified } = object
    if (!isModified || target === undefined || live === undefined) continue
    const { normalizedLive, predictedLive } = differences.get(keyText(key)) ?? {}
    const { paths, added } = differingFields(normalizedLive, predictedLive)
    if (paths.length + added.length === 0) continue
    if (rules.length === MAX_OBJECTS) break
    const fields = [
      ...paths.map((path) => ({ text: pointerOf(path), path })),
      ...added.map((element) => ({ text: jqOf(element), path: element.list })),
    ].slice(0, MAX_FIELDS)
    const name = [key.group, key.kind, key.name].filter((part) => part !== '').join('/')
    const scaler = await scalerOf(pass, comparison, object, paths)
    named.push(...fields.map(({ text, path }) => `${name}: ${text} (${scaler ?? opponent(live, path)})`))
    rules.push({
      key,
      jsonPointers: paths.slice(0, MAX_FIELDS).map(pointerOf),
      jqPathExpressions: added.slice(0, MAX_FIELDS - paths.length).map(jqOf),
    })
  }
  if (rules.length === 0) return []
  const message =
    `Self-heal keeps undoing changes that come back: ${named.join(', ')}. ` +
    `Leave these fields to whoever sets them: take them out of Git, or add to this Application:\n` +
    textLines(rules, pass.application)
  return [{ type: 'SelfHealLoopWarning', message }]
}

const REPLICAS = '/spec/replicas'

/** The autoscaler that sizes the object, where its size is what differs. */
async function scalerOf(
  pass: Pass,
  { cluster }: Comparison,
  { live }: JudgedObject,
  paths: readonly FieldPath[],
): Promise<string | undefined> {
  if (live === undefined || !paths.some((path) => pointerOf(path) === REPLICAS)) return undefined
  const names = await autoscalersOf(pass.clusters.cacheOf(cluster).client, live, pass.signal)
  return names.length === 0 ? undefined : `set by HorizontalPodAutoscaler ${names.join(', ')}`
}

/** Who wrote the field last, as managedFields have it. */
function opponent(live: KubeObject, path: FieldPath): string {
  const owners = ownersOf(live, path)
  const other = owners.find(({ manager }) => !OWN_MANAGERS.has(manager))
  if (other !== undefined) return `last set by ${describe(other)}`
  return owners.length > 0
    ? 'changed as it is applied, by a mutating webhook or by the API server'
    : 'nobody owns it: the API server or a webhook sets it'
}

function describe({ manager, subresource }: FieldOwner): string {
  return subresource === '' ? manager : `${manager} through ${subresource}`
}
