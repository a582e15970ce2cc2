// Which requests admission looks at: rules, selectors and conditions (pkg/apis/admissionregistration/validation, validateMatchResources, 1.36.3).
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { expressionFaults, type Scope } from './expressions.ts'
import { duplicate, invalidValue, notSupported, requiredValue, tooMany } from './faults.ts'
import { requiredName } from './named-faults.ts'
import { pathSegment } from './names.ts'
import { choiceIfSet } from './numbers.ts'
import { selectorFaults } from './selectors.ts'

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']
const MAX_CONDITIONS = 64
export const FAILURE_POLICIES: readonly string[] = ['Fail', 'Ignore']
export const MATCH_POLICIES: readonly string[] = ['Equivalent', 'Exact']

/** Faults of a rule with its operations. */
export function operationRuleFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const operations = listOf(rule['operations'])
  const faults = operations.length === 0 ? [requiredValue(`${path}.operations`)] : []
  faults.push(...aloneFaults(rule, 'operations', 'operations', path))
  for (const [index, operation] of operations.entries())
    if (!OPERATIONS.includes(textOf(operation))) faults.push(notSupported(`${path}.operations[${index}]`, operation, OPERATIONS)) // prettier-ignore
  if (listOf(rule['apiGroups']).length === 0) faults.push(requiredValue(`${path}.apiGroups`))
  faults.push(...aloneFaults(rule, 'apiGroups', 'API groups', path))
  const versions = listOf(rule['apiVersions'])
  if (versions.length === 0) faults.push(requiredValue(`${path}.apiVersions`))
  faults.push(...aloneFaults(rule, 'apiVersions', 'API versions', path))
  for (const [index, version] of versions.entries())
    if (version === '') faults.push(requiredValue(`${path}.apiVersions[${index}]`))
  return [
    ...faults,
    ...resourceFaults(listOf(rule['resources']).map(textOf), `${path}.resources`),
    ...choiceIfSet(rule['scope'], `${path}.scope`, SCOPES),
  ]
}

/** `*` says all, so nothing may stand beside it. */
function aloneFaults(rule: JsonObject, key: string, what: string, path: string): readonly FieldFault[] {
  const values = listOf(rule[key])
  if (values.length <= 1 || !values.includes('*')) return []
  return [invalidValue(`${path}.${key}`, values, `if '*' is present, must not specify other ${what}`)]
}

/** Resources with their subresources: `pods`, `pods/log`, `pods/*`, `*` and `/` between two of them. */
function resourceFaults(resources: readonly string[], field: string): readonly FieldFault[] {
  if (resources.length === 0) return [requiredValue(field)]
  return [...eachResource(resources, field), ...allResources(resources, field)]
}

function eachResource(resources: readonly string[], field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const [whole, everywhere] = [new Set<string>(), new Set<string>()]
  for (const [index, resource] of resources.entries()) {
    const [name = '', sub] = resource.split(/\/(?<rest>.*)/s, 2)
    const at = `${field}[${index}]`
    if (resource === '') faults.push(requiredValue(at))
    if (resource === '' || sub === undefined) continue
    const says = (text: string): FieldFault => invalidValue(at, resource, `if '${text}' is present, must not specify ${resource}`) // prettier-ignore
    if (whole.has(name)) faults.push(says(`${name}/*`))
    if (everywhere.has(sub)) faults.push(says(`*/${sub}`))
    if (sub === '*') whole.add(name)
    if (name === '*') everywhere.add(sub)
  }
  return faults
}

/** What says all resources stands beside no other. */
function allResources(resources: readonly string[], field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  if (resources.length > 1 && resources.includes('*/*'))
    faults.push(invalidValue(field, resources, "if '*/*' is present, must not specify other resources"))
  const last = resources.findLast((resource) => resource !== '' && !resource.includes('/'))
  const isMixed = resources.includes('*') && last !== undefined && last !== '*'
  const text = "if '*' is present, must not specify other resources without subresources"
  return isMixed ? [...faults, invalidValue(field, resources, text)] : faults
}

/** Faults of `matchConstraints` and `matchResources`. */
export function matchFaults(match: JsonObject, field: string): readonly FieldFault[] {
  const faults = isAbsent(match['matchPolicy']) ? [requiredValue(`${field}.matchPolicy`)] : []
  faults.push(...choiceIfSet(match['matchPolicy'], `${field}.matchPolicy`, MATCH_POLICIES))
  for (const key of ['namespaceSelector', 'objectSelector'])
    if (isAbsent(match[key])) faults.push(requiredValue(`${field}.${key}`))
    else faults.push(...selectorFaults(objectOf(match[key]), `${field}.${key}`))
  for (const key of ['resourceRules', 'excludeResourceRules'])
    for (const [index, rule] of objectsOf(match[key]).entries())
      faults.push(...namedRuleFaults(rule, `${field}.${key}[${index}]`))
  return faults
}

function namedRuleFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const names = listOf(rule['resourceNames']).map(textOf)
  const ofNames = names.flatMap((name, index) => {
    const at = `${path}.resourceNames[${index}]`
    const faults = pathSegment(name).map((text) => invalidValue(at, name, text))
    return names.indexOf(name) < index ? [...faults, duplicate(at, name)] : faults
  })
  return [...ofNames, ...operationRuleFaults(rule, path)]
}

/** Faults of `matchConditions`. */
export function conditionFaults(
  conditions: readonly JsonObject[],
  field: string,
  hasParams: boolean,
): readonly FieldFault[] {
  const faults = conditions.length > MAX_CONDITIONS ? [tooMany(field, conditions.length, MAX_CONDITIONS)] : []
  const scope: Scope = { hasParams, hasAuthorizer: true, variables: undefined }
  const names = conditions.map((condition) => textOf(condition['name']))
  return [
    ...faults,
    ...conditions.flatMap((condition, index) => {
      const at = `${field}[${index}]`
      const [name, expression] = [names[index] ?? '', textOf(condition['expression']).trim()]
      const isRepeated = name !== '' && names.indexOf(name) < index
      return [
        ...(expression === ''
          ? [requiredValue(`${at}.expression`)]
          : expressionFaults(expression, `${at}.expression`, scope, ['bool'])),
        ...requiredName(name, `${at}.name`, labelKeyFaults),
        ...(isRepeated ? [duplicate(`${at}.name`, name)] : []),
      ]
    }),
  ]
}
