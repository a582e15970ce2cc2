// Compares a wanted object with the live one: what would an apply change?
import { LAST_APPLIED_ANNOTATION } from '../kube/apply/last-applied.ts'
import { CapstanError } from '../base/errors.ts'
import { deepEqual, isObject } from '../kube/json-value.ts'
import { kindOf, type GroupVersionKind, type JsonValue, type KubeObject } from '../kube/object.ts'
import { PatchError } from '../kube/patch/patch-error.ts'
import { builtinSchema, type TypeSchema } from '../kube/schema/schema.ts'
import { canonicalize, fitsType } from './canonical.ts'
import { DEFAULT_MANAGER, type Difference, type DiffOptions, type IgnoreRule } from './contract.ts'
import { asJson, asObject, dropNulls, removeAt } from './edit.ts'
import { differenceOf, withDefaults } from './difference.ts'
import { removeIgnored, rulesFor } from './ignore.ts'
import { currentKind } from './legacy.ts'
import { writeKnownTypes } from './known-types.ts'
import { removeTrusted } from './managed-fields.ts'
import { normalizeObject } from './normalize.ts'
import { predictFromDryRun } from './server-side.ts'
import { compareStructured } from './structured-merge.ts'
import { predictByThreeWay } from './three-way.ts'
import { parseJson } from '../kube/json-digits.ts'

const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options'

/** Groups whose kinds kubectl's and upstream's type registry lacks: they are compared as custom resources. */
const UNREGISTERED = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])

/** Both sides as they are compared. */
interface Pair {
  readonly wanted: KubeObject
  readonly live: KubeObject
}

interface Scope {
  readonly options: DiffOptions
  readonly rules: readonly IgnoreRule[]
}

/**
 * Compares one object (gitops-engine `pkg/diff/diff.go` `Diff`, argo-cd v3.5.1). Where only one side exists: something to
 * create is modified, something superfluous is not. Throws `bad-input` for a rule that does not fit, `precondition` for
 * server-side mode without a usable dry-run result; both sides absent is a mistake of the caller.
 */
export function compareObject(
  wanted: KubeObject | undefined,
  live: KubeObject | undefined,
  options: DiffOptions = {},
): Difference {
  const subject = wanted ?? live
  if (subject === undefined) throw new CapstanError('internal', 'nothing to compare: neither wanted nor live object')
  const scope = { options, rules: rulesFor(options.ignore ?? [], subject) }
  if (wanted === undefined) return { isModified: false, normalizedLive: even(subject, scope) }
  if (live === undefined) return { isModified: true, predictedLive: even(subject, scope) }
  const pair = evenPair({ wanted, live }, scope)
  switch (modeFor(wanted, options)) {
    case 'server-side':
      return compareServerSide(pair, scope)
    case 'structured-merge':
      return compareStructured(pair, schemaFor(kindOf(wanted), options), options)
    case 'three-way':
      return compareThreeWay(pair, scope)
  }
}

/** True where an apply would change the live object, or create it. */
export function isModified(
  wanted: KubeObject | undefined,
  live: KubeObject | undefined,
  options?: DiffOptions,
): boolean {
  return compareObject(wanted, live, options).isModified
}

function modeFor(wanted: KubeObject, options: DiffOptions): NonNullable<DiffOptions['mode']> {
  const mode = options.mode ?? 'three-way'
  if (mode !== 'three-way') return mode
  const own = wanted.metadata?.annotations?.[SYNC_OPTIONS]?.split(',').map((option) => option.trim())
  return own?.includes('ServerSideApply=true') === true ? 'structured-merge' : mode
}

/** Brings an object into the form in which objects are compared, without the fields that the rules hide. */
function even(object: KubeObject, { options, rules }: Scope): KubeObject {
  // A dry run is answered in the server's own form: nothing of it needs to be guessed.
  const isServerForm = options.mode === 'server-side'
  const canonical = isServerForm ? object : canonicalize(object, registeredSchema(object))
  return withoutHidden(canonical, { options, rules })
}

/** What every object is evened out by, the fields that rules hide taken out; types that fields are known to hold come last, as upstream has it. */
function withoutHidden(object: KubeObject, { options, rules }: Scope): KubeObject {
  const normal = normalizeObject(object, options.ignoreAggregatedRoles)
  return writeKnownTypes(removeIgnored(normal, rules, options.deleteByJq), options.knownTypes ?? [])
}

function evenPair(pair: Pair, scope: Scope): Pair {
  const wanted = even(pair.wanted, scope)
  const live = even(pair.live, scope)
  const trusted = new Set(scope.rules.flatMap((rule) => rule.managedFieldsManagers ?? []))
  if (trusted.size === 0) return { wanted, live }
  return removeTrusted({ wanted, live }, trusted, schemaFor(kindOf(wanted), scope.options))
}

function schemaFor(gvk: GroupVersionKind, options: DiffOptions): TypeSchema | undefined {
  return builtinSchema(currentKind(gvk)) ?? options.schemaOf?.(gvk)
}

function compareThreeWay({ wanted, live }: Pair, scope: Scope): Difference {
  const schema = registeredSchema(wanted)
  const original = lastApplied(live)
  // Only its field names count: it is compared as it was written, as upstream has it.
  const predicted = predict(original && withoutHidden(original, scope), { wanted, live }, schema)
  if (schema === undefined) return differenceOf(live, predicted)
  const [held, expected] = [live, predicted].map((side) => {
    return fitsType(side, schema) ? withDefaults(side, scope.options) : side
  })
  return differenceOf(held ?? live, expected ?? predicted)
}

/** Custom resources have no merge keys: a schema from a CRD does not take part in three-way patches. */
function registeredSchema(object: KubeObject): TypeSchema | undefined {
  const gvk = kindOf(object)
  return UNREGISTERED.has(gvk.group) ? undefined : builtinSchema(currentKind(gvk))
}

/** A last-applied text that is no object, or that gives no patch, counts as absent: the wanted object stands in for it. */
function predict(original: KubeObject | undefined, pair: Pair, schema: TypeSchema | undefined): KubeObject {
  if (original !== undefined) {
    try {
      return predictByThreeWay({ ...pair, original, schema })
    } catch (error) {
      if (!(error instanceof PatchError)) throw error
    }
  }
  try {
    return predictByThreeWay({ ...pair, original: pair.wanted, schema })
  } catch (error) {
    if (error instanceof PatchError && schema !== undefined) return predict(original, pair, undefined)
    throw error
  }
}

function lastApplied(live: KubeObject): KubeObject | undefined {
  const text = live.metadata?.annotations?.[LAST_APPLIED_ANNOTATION]
  if (typeof text !== 'string') return undefined
  try {
    const parsed = parseJson(text)
    return isObject(parsed) && typeof parsed['kind'] === 'string' ? asObject(parsed) : undefined
  } catch {
    return undefined // the annotation is the user's to spoil; two-way comparison needs none
  }
}

function compareServerSide({ live }: Pair, scope: Scope): Difference {
  const { dryRunResult, includeMutationWebhook, manager } = scope.options
  if (dryRunResult === undefined) {
    throw new CapstanError('precondition', 'server-side diff needs the result of a dry-run apply: the server gave none')
  }
  const schema = schemaFor(kindOf(dryRunResult), scope.options)
  const predicted = includeMutationWebhook
    ? dryRunResult
    : predictFromDryRun({ dryRunResult, live, schema, manager: manager ?? DEFAULT_MANAGER })
  const difference = differenceOf(withoutBookkeeping(live), withoutBookkeeping(withoutHidden(predicted, scope)))
  // Older servers answer with `creationTimestamp: null` inside templates; a merge leaves it out.
  const { normalizedLive, predictedLive, isModified: differs } = difference
  return { ...difference, isModified: differs && !deepEqual(withoutNulls(normalizedLive), withoutNulls(predictedLive)) }
}

function withoutNulls(object: KubeObject | undefined): JsonValue {
  return object === undefined ? null : dropNulls(asJson(object))
}

/** Fields that every write changes by itself. */
function withoutBookkeeping(object: KubeObject): KubeObject {
  let value: JsonValue = asJson(object)
  for (const path of [['managedFields'], ['resourceVersion'], ['annotations', LAST_APPLIED_ANNOTATION]]) {
    value = removeAt(value, ['metadata', ...path])
  }
  return asObject(value)
}
