// Pairs what is wanted with what is live, and sets the hooks aside.
import { type GroupKind, keyOf, keyText, kindOf, type KubeObject, type ObjectKey } from '../kube/object.ts'
import { hookTypesOf, isHook } from './hooks.ts'

export interface ObjectPair {
  /** Of the live object where there is one, else of the target; the namespace is empty for cluster scope. */
  readonly key: ObjectKey
  readonly target: KubeObject | undefined
  readonly live: KubeObject | undefined
}

export interface PairedObjects {
  /** Targets in their order, then live objects that nothing wants. */
  readonly pairs: readonly ObjectPair[]
  readonly hooks: readonly KubeObject[]
}

/** True: namespaced; false: cluster scope; undefined: the cluster does not serve the kind. */
export type ScopeOf = (kind: GroupKind) => boolean | undefined

/**
 * Pairs targets with live objects by group, kind, namespace (else `namespace`) and name. Hooks are set aside, hooks without
 * a valid type dropped. An unknown scope looks under both keys, so that nothing is taken for superfluous by mistake.
 */
export function pairObjects(
  targets: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
  namespace: string,
  scopeOf: ScopeOf,
): PairedObjects {
  const hooks: KubeObject[] = []
  const pairs: ObjectPair[] = []
  const left = withoutCopies(targets, live, namespace, scopeOf)
  for (const target of targets) {
    if (isHook(target)) {
      if (hookTypesOf(target).length > 0) hooks.push(target)
      continue
    }
    const keys = candidateKeys(target, namespace, scopeOf)
    const key = keys.find((candidate) => left.has(keyText(candidate))) ?? keys[0] ?? keyOf(target)
    const text = keyText(key)
    pairs.push({ key, target, live: left.get(text) })
    left.delete(text)
  }
  for (const object of left.values()) pairs.push({ key: keyOf(object), target: undefined, live: object })
  return { pairs, hooks }
}

/** The keys a target may have in the cluster. */
export function candidateKeys(target: KubeObject, namespace: string, scopeOf: ScopeOf): readonly ObjectKey[] {
  const { group, kind } = kindOf(target)
  const name = target.metadata.name ?? ''
  const own = { group, kind, namespace: target.metadata.namespace || namespace, name }
  const global = { group, kind, namespace: '', name }
  switch (scopeOf({ group, kind })) {
    case true:
      return [own]
    case false:
      return [global]
    default:
      return [own, global]
  }
}

/** The live objects without those that are another group's view of one that Git wants (one UID, several groups). */
function withoutCopies(
  targets: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
  namespace: string,
  scopeOf: ScopeOf,
): Map<string, KubeObject> {
  const left = new Map(live)
  const byUid = Map.groupBy(live.entries(), ([, object]) => object.metadata.uid ?? '')
  const copied = [...byUid].filter(([uid, entries]) => uid !== '' && entries.length > 1)
  if (copied.length === 0) return left
  const wanted = new Set(targets.flatMap((target) => candidateKeys(target, namespace, scopeOf).map(keyText)))
  for (const [, entries] of copied) {
    const inGit = entries.filter(([key]) => wanted.has(key))
    const keep = inGit.length > 0 ? inGit : entries.slice(0, 1)
    for (const [key] of entries) if (!keep.some(([kept]) => kept === key)) left.delete(key)
  }
  return left
}
