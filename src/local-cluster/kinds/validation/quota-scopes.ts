// The scopes of ResourceQuotas (pkg/apis/core/validation, ValidateResourceQuotaSpec, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { sentValue } from '../emptied.ts'
import { invalidValue, requiredValue } from './faults.ts'

const OF_PODS = ['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
/** What each scope can be applied to. */
const APPLIES: Readonly<Record<string, readonly string[]>> = {
  BestEffort: ['pods'],
  NotBestEffort: OF_PODS,
  Terminating: OF_PODS,
  NotTerminating: OF_PODS,
  PriorityClass: OF_PODS,
  CrossNamespacePodAffinity: OF_PODS,
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
}
/** Resources that quotas know without a domain. */
const STANDARD: ReadonlySet<string> = new Set([
  ...OF_PODS,
  'configmaps',
  'ephemeral-storage',
  'limits.ephemeral-storage',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'requests.ephemeral-storage',
  'requests.storage',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
])
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['NotTerminating', 'Terminating'],
]
const EXISTS_ONLY: ReadonlySet<string> = new Set(['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']) // prettier-ignore
const EXISTS_TEXT =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

/** Faults of `scopes` and `scopeSelector`. */
export function quotaScopeFaults(spec: JsonObject): readonly FieldFault[] {
  const scopes = listOf(spec['scopes']).map(textOf)
  const field = 'spec.scopes'
  const faults = scopes.flatMap((scope) => [
    ...(Object.hasOwn(APPLIES, scope) ? [] : [invalidValue(field, scopes, 'unsupported scope')]),
    ...applicationFaults(spec, scope, field, scopes),
  ])
  const selector = isAbsent(spec['scopeSelector']) ? [] : selectorFaults(spec, 'spec.scopeSelector.matchExpressions')
  return [...faults, ...conflictFaults(scopes, field, scopes), ...selector]
}

function applicationFaults(spec: JsonObject, scope: string, field: string, shown: JsonValue): readonly FieldFault[] {
  const applies = APPLIES[scope]
  // What is no scope was told of already.
  if (applies === undefined) return []
  return Object.keys(objectOf(spec['hard']))
    .filter((name) => STANDARD.has(name) && !applies.includes(name))
    .map(() => invalidValue(field, shown, 'unsupported scope applied to resource'))
}

function conflictFaults(scopes: readonly string[], field: string, shown: JsonValue): readonly FieldFault[] {
  return CONFLICTS.filter((pair) => pair.every((scope) => scopes.includes(scope))).map(() =>
    invalidValue(field, shown, 'conflicting scopes'),
  )
}

function selectorFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const requirements = objectsOf(objectOf(spec['scopeSelector'])['matchExpressions'])
  // The internal type has no JSON names, so its Go names are told.
  const printed = {
    MatchExpressions: requirements.map((one) => ({
      ScopeName: one['scopeName'] ?? '',
      Operator: one['operator'] ?? '',
      Values: sentValue(one, 'values'),
    })),
  }
  const faults = requirements.flatMap((one) => {
    const scope = textOf(one['scopeName'])
    return [
      ...(Object.hasOwn(APPLIES, scope) ? [] : [invalidValue(`${field}.scopeName`, scope, 'unsupported scope')]),
      ...applicationFaults(spec, scope, field, printed),
      ...(EXISTS_ONLY.has(scope) && one['operator'] !== 'Exists'
        ? [invalidValue(`${field}.operator`, one['operator'] ?? '', EXISTS_TEXT)]
        : []),
      ...valueFaults(one, field),
    ]
  })
  const names = requirements.map((one) => textOf(one['scopeName']))
  return [...faults, ...conflictFaults(names, field, spec['scopes'] ?? null)]
}

function valueFaults(one: JsonObject, field: string): readonly FieldFault[] {
  const values = listOf(one['values'])
  switch (one['operator']) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return []
      return [requiredValue(`${field}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")] // prettier-ignore
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return []
      return [invalidValue(`${field}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")] // prettier-ignore
    default:
      return [invalidValue(`${field}.operator`, one['operator'] ?? '', 'not a valid selector operator')]
  }
}
