// The live object as a server-side apply of the wanted one would leave it, computed here.
import { LAST_APPLIED_ANNOTATION } from '../kube/apply/last-applied.ts'
import { objectTypeOf } from '../kube/apply/apply-type.ts'
import { decodeManaged, identifierOf } from '../kube/apply/managed-fields.ts'
import { applyConfig, type Typed } from '../kube/apply/managers.ts'
import { deepEqual, isObject } from '../kube/json-value.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import { builtinSchema, type TypeSchema } from '../kube/schema/schema.ts'
import { DEFAULT_MANAGER, type Difference, type DiffOptions } from './contract.ts'
import { differenceOf, withDefaults } from './difference.ts'
import { asJson, asObject, removeAt } from './edit.ts'

/**
 * Compares two objects that were evened out already. No change is told as such; else both sides get their defaults and lose the
 * last-applied annotation, which no server-side apply writes.
 */
export function compareStructured(
  { wanted, live }: { readonly wanted: KubeObject; readonly live: KubeObject },
  schema: TypeSchema | undefined,
  options: DiffOptions,
): Difference {
  const { manager = DEFAULT_MANAGER, convert } = options
  const merged = predictByStructuredMerge({
    wanted,
    live,
    schema,
    manager,
    ...(convert === undefined ? {} : { convert }),
  })
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
  readonly convert?: DiffOptions['convert']
}

/**
 * The live object after a forced server-side apply of the wanted one: merged, without what the manager applied before, wants no more
 * and nobody else owns (gitops-engine `pkg/diff/diff.go` `structuredMergeDiff`, argo-cd v3.5.1). What was applied in another version of
 * the kind counts for what it is in this one.
 */
export function predictByStructuredMerge(input: StructuredMergeInput): KubeObject {
  const { wanted, live, schema, manager } = input
  const type = objectTypeOf(schema)
  const { managers } = decodeManaged(live.metadata.managedFields)
  const outcome = applyConfig(
    {
      live: { value: asJson(live), type, apiVersion: live.apiVersion },
      config: { value: asJson(wanted), type, apiVersion: wanted.apiVersion },
      managers,
      manager: identifierOf({ manager, operation: 'Apply', apiVersion: '', subresource: '' }),
      force: true,
    },
    { convert: (typed, apiVersion) => converted(typed, apiVersion, input.convert) },
  )
  // A forced apply has no conflicts.
  const value = outcome.conflicts === undefined ? outcome.value.value : undefined
  return isObject(value) ? asObject(value) : live
}

/** Versions that differ in nothing but their name need no conversion; neither does a value that is no whole object. */
function converted(typed: Typed, apiVersion: string, convert: DiffOptions['convert']): Typed {
  if (typed.apiVersion === apiVersion) return typed
  if (convert === undefined || !isObject(typed.value)) return { ...typed, apiVersion }
  const object = convert(asObject(typed.value), apiVersion)
  return { value: asJson(object), type: objectTypeOf(builtinSchema(kindOf(object))), apiVersion }
}
