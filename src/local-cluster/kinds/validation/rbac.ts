// Roles and bindings (pkg/apis/rbac/validation, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { invalidValue, notSupported, requiredValue } from './faults.ts'
import { dnsSubdomain, pathSegment } from './names.ts'
import { selectorFaults } from './selectors.ts'

const GROUP = 'rbac.authorization.k8s.io'

export function validateRole(object: JsonObject): readonly FieldFault[] {
  return objectsOf(object['rules']).flatMap((rule, index) => ruleFaults(rule, true, `rules[${index}]`))
}

export function validateClusterRole(object: JsonObject): readonly FieldFault[] {
  const faults = objectsOf(object['rules']).flatMap((rule, index) => ruleFaults(rule, false, `rules[${index}]`))
  return isAbsent(object['aggregationRule']) ? faults : [...faults, ...aggregationFaults(objectOf(object['aggregationRule']))] // prettier-ignore
}

function aggregationFaults(rule: JsonObject): readonly FieldFault[] {
  const selectors = objectsOf(rule['clusterRoleSelectors'])
  const field = 'aggregationRule.clusterRoleSelectors'
  if (selectors.length === 0)
    return [requiredValue(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, index) => {
    const faults = selectorFaults(selector, `${field}[${index}]`)
    // What cannot be read is told as the nothing it was read into.
    return faults.length === 0 ? [] : [...faults, invalidValue(`${field}[${index}]`, null, 'invalid label selector.')]
  })
}

function ruleFaults(rule: JsonObject, isNamespaced: boolean, path: string): readonly FieldFault[] {
  const isEmpty = (key: string): boolean => listOf(rule[key]).length === 0
  const faults = isEmpty('verbs') ? [requiredValue(`${path}.verbs`, 'verbs must contain at least one value')] : []
  const urls = rule['nonResourceURLs']
  if (!isEmpty('nonResourceURLs')) {
    const field = `${path}.nonResourceURLs`
    if (isNamespaced) faults.push(invalidValue(field, urls, 'namespaced rules cannot apply to non-resource URLs'))
    const isMixed = ['apiGroups', 'resources', 'resourceNames'].some((key) => !isEmpty(key))
    const text = 'rules cannot apply to both regular resources and non-resource URLs'
    return isMixed ? [...faults, invalidValue(field, urls, text)] : faults
  }
  if (isEmpty('apiGroups'))
    faults.push(requiredValue(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
  if (isEmpty('resources'))
    faults.push(requiredValue(`${path}.resources`, 'resource rules must supply at least one resource'))
  return faults
}

/** RoleBindings may name both kinds of roles, ClusterRoleBindings one. */
export function validateBinding(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const isNamespaced = object['kind'] === 'RoleBinding'
  const role = objectOf(object['roleRef'])
  const faults = [...roleFaults(role, isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'])]
  for (const [index, subject] of objectsOf(object['subjects']).entries())
    faults.push(...subjectFaults(subject, isNamespaced, `subjects[${index}]`))
  if (old === undefined || deepEqual(role, old['roleRef'])) return faults
  return [...faults, invalidValue('roleRef', printedRole(role), 'cannot change roleRef')]
}

/** The internal type has no JSON names, so its Go names are told. */
function printedRole(role: JsonObject): JsonObject {
  return { APIGroup: role['apiGroup'] ?? '', Kind: role['kind'] ?? '', Name: role['name'] ?? '' }
}

function roleFaults(role: JsonObject, kinds: readonly string[]): readonly FieldFault[] {
  const faults = role['apiGroup'] === GROUP ? [] : [notSupported('roleRef.apiGroup', role['apiGroup'] ?? '', [GROUP])]
  if (!kinds.includes(textOf(role['kind']))) faults.push(notSupported('roleRef.kind', role['kind'] ?? '', kinds))
  const name = textOf(role['name'])
  if (name === '') return [...faults, requiredValue('roleRef.name')]
  return [...faults, ...pathSegment(name).map((text) => invalidValue('roleRef.name', name, text))]
}

function subjectFaults(subject: JsonObject, isNamespaced: boolean, path: string): readonly FieldFault[] {
  const [name, group] = [textOf(subject['name']), textOf(subject['apiGroup'])]
  const faults = name === '' ? [requiredValue(`${path}.name`)] : []
  switch (subject['kind']) {
    case 'ServiceAccount':
      if (name !== '') faults.push(...dnsSubdomain(name).map((text) => invalidValue(`${path}.name`, name, text)))
      if (group !== '') faults.push(notSupported(`${path}.apiGroup`, group, ['']))
      if (!isNamespaced && textOf(subject['namespace']) === '') faults.push(requiredValue(`${path}.namespace`))
      return faults
    case 'User':
    case 'Group':
      return group === GROUP ? faults : [...faults, notSupported(`${path}.apiGroup`, group, [GROUP])]
    default:
      return [...faults, notSupported(`${path}.kind`, subject['kind'] ?? '', ['ServiceAccount', 'User', 'Group'])]
  }
}
