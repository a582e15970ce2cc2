// The live object as a server-side apply of the wanted one would leave it, computed here.
import { LAST_APPLIED_ANNOTATION } from '../kube/apply/last-applied.ts'
import { deepEqual, isList } from '../kube/json-value.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import type { TypeSchema } from '../kube/schema/schema.ts'
import { DEFAULT_MANAGER, type Difference, type DiffOptions } from './contract.ts'
import { differenceOf, withDefaults } from './difference.ts'
import { asJson, asObject, removeAt } from './edit.ts'
import { follow, isLeaf, ownedFields, type OwnedFields, ownedUnder } from './managed-fields.ts'
import { mergeTyped } from './typed-merge.ts'

/**
 * Compares two objects that were evened out already. No change is told as such; else both sides get their defaults and lose the
 * last-applied annotation, which no server-side apply writes.
 */
export function compareStructured(
  { wanted, live }: { readonly wanted: KubeObject; readonly live: KubeObject },
  schema: TypeSchema | undefined,
  options: DiffOptions,
): Difference {
  const merged = predictByStructuredMerge({ wanted, live, schema, manager: options.manager ?? DEFAULT_MANAGER })
  if (deepEqual(asJson(merged), asJson(live))) return { isModified: false, normalizedLive: live, predictedLive: live }
  return differenceOf(finish(live, options), finish(merged, options))
}

function finish(object: KubeObject, options: DiffOptions): KubeObject {
  return withDefaults(asObject(removeAt(asJson(object), ['metadata', 'annotations', LAST_APPLIED_ANNOTATION])), options)
}

export interface StructuredMergeInput {
  readonly wanted: KubeObject
  readonly live: KubeObject
  readonly schema: TypeSchema | undefined
  readonly manager: string
}

/**
 * Merges the wanted object into the live one, and removes what the manager applied before, wants no more and nobody else owns
 * (gitops-engine `pkg/diff/diff.go` `structuredMergeDiff` with force, argo-cd v3.5.1).
 */
export function predictByStructuredMerge({ wanted, live, schema, manager }: StructuredMergeInput): KubeObject {
  const merged = mergeTyped(asJson(live), asJson(wanted), schema)
  const isOwn = (entry: Readonly<Record<string, JsonValue>>): boolean =>
    entry['manager'] === manager && entry['operation'] === 'Apply'
  const owned = ownedFields(live, isOwn)
  const others = ownedFields(live, (entry) => !isOwn(entry))
  return asObject(prune(merged, owned, { wanted: asJson(wanted), others, schema }))
}

interface PruneScope {
  readonly wanted: JsonValue | undefined
  readonly others: OwnedFields
  readonly schema: TypeSchema | undefined
}

function prune(value: JsonValue, owned: OwnedFields, scope: PruneScope): JsonValue {
  let result = value
  for (const element of Object.keys(owned).filter((name) => name !== '.')) {
    const held = follow(result, element, scope.schema)
    if (held?.value === undefined) continue
    const wanted = follow(scope.wanted, element, scope.schema)?.value
    const inner = ownedUnder(owned, element)
    const isShared = Object.hasOwn(scope.others, element)
    if (wanted === undefined && !isShared) {
      result = removeAt(result, [held.key])
    } else if (!isLeaf(inner)) {
      const others = ownedUnder(scope.others, element)
      const left = prune(held.value, inner, { wanted, others, schema: held.schema })
      result = replaceAt(result, held.key, left)
    }
  }
  return result
}

function replaceAt(value: JsonValue, key: string, field: JsonValue): JsonValue {
  if (isList(value)) return value.with(Number(key), field)
  return { ...(value as Readonly<Record<string, JsonValue>>), [key]: field } // follow found the key in an object
}
