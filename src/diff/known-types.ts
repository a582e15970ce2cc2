// Fields of custom resources that hold one of Kubernetes' own types: compared in the form in which Go writes that type.
import { isList, isObject } from '../kube/json-value.ts'
import { type GroupKind, type JsonObject, type JsonValue, kindOf, type KubeObject } from '../kube/object.ts'
import { asJson, asObject, withKey } from './edit.ts'
import { goFields, SPECIAL } from './go-fields.ts'
import { asGoValue } from './go-value.ts'

/** `resource.customizations.knownTypeFields.<group_kind>`: the kind is exact, the field a path of names, through lists as well. */
export interface KnownTypeRule extends GroupKind {
  readonly field: string
  /** `core/v1/PodSpec`, `core/Quantity`, `meta/v1/Duration`. */
  readonly type: string
}

const CORE = 'core/v1/'

/** The definition a type's name stands for; undefined for a name nobody knows (argo-cd v3.5.1 knows 243: all of core/v1 and two more). */
export function knownDefinition(type: string): string | undefined {
  if (type === 'core/Quantity') return SPECIAL.quantity
  if (type === 'meta/v1/Duration') return SPECIAL.duration
  if (!type.startsWith(CORE)) return undefined
  const definition = `io.k8s.api.core.v1.${type.slice(CORE.length)}`
  return type === RESOURCE_LIST || goFields(definition) !== undefined ? definition : undefined
}

/** A map of quantities, the one known type that is no struct. */
const RESOURCE_LIST = `${CORE}ResourceList`

/** What upstream knows without being told, unless the settings name fields of that kind. */
const ROLLOUT: KnownTypeRule = {
  group: 'argoproj.io',
  kind: 'Rollout',
  field: 'spec.template.spec',
  type: 'core/v1/PodSpec',
}

/**
 * The object with its known fields as Go writes them (argo-cd v3.5.1 `util/argo/normalizers/knowntypes_normalizer.go`).
 * A field that does not fit its type is left as it is, so that people see it as they wrote it.
 */
export function writeKnownTypes(object: KubeObject, rules: readonly KnownTypeRule[]): KubeObject {
  let result = asJson(object)
  for (const rule of rulesOf(object, rules)) {
    if (knownDefinition(rule.type) === undefined) continue
    try {
      result = write(result, rule.field.split('.'), rule.type)
    } catch {
      break // as upstream: what is no value of the type stays, and is seen as the difference it is
    }
  }
  return asObject(result)
}

function rulesOf(object: KubeObject, rules: readonly KnownTypeRule[]): readonly KnownTypeRule[] {
  const { group, kind } = kindOf(object)
  const own = rules.filter((rule) => rule.group === group && rule.kind === kind)
  return own.length === 0 && group === ROLLOUT.group && kind === ROLLOUT.kind ? [ROLLOUT] : own
}

function write(object: JsonObject, [step = '', ...rest]: readonly string[], type: string): JsonObject {
  const held = object[step]
  if (held === undefined || !Object.hasOwn(object, step)) return object
  if (isList(held)) {
    return withKey(
      object,
      step,
      held.map((item) => (isObject(item) ? at(item, rest, type) : item)),
    )
  }
  if (rest.length === 0) return withKey(object, step, typed(held, type))
  return isObject(held) ? withKey(object, step, write(held, rest, type)) : object
}

function at(item: JsonObject, rest: readonly string[], type: string): JsonValue {
  return rest.length === 0 ? typed(item, type) : write(item, rest, type)
}

function typed(value: JsonValue, type: string): JsonValue {
  if (value === null) return value
  if (type !== RESOURCE_LIST) return asGoValue(value, knownDefinition(type) ?? '')
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, amount]) => [name, asGoValue(amount, SPECIAL.quantity)]))
}
