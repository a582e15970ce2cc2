// Where a pod may go: affinity, spreading, gates, hosts and name servers (pkg/apis/core/validation, ValidatePodSpec, 1.36.3).
import { labelKeyFaults, labelValueFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { fault, forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { ruleFaults } from './named-faults.ts'
import { dnsLabel, dnsSubdomain, underscoredSubdomain } from './names.ts'
import { ipFaults } from './numbers.ts'
import { operatorFaults, selectorFaults } from './selectors.ts'

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Faults of `affinity`. */
export function affinityFaults(affinity: JsonObject, field: string): readonly FieldFault[] {
  return [
    ...nodeAffinityFaults(objectOf(affinity['nodeAffinity']), `${field}.nodeAffinity`),
    ...['podAffinity', 'podAntiAffinity'].flatMap((key) => podTerms(objectOf(affinity[key]), `${field}.${key}`)),
  ]
}

function podTerms(part: JsonObject, path: string): readonly FieldFault[] {
  const preferred = objectsOf(part[PREFERRED])
  return [
    ...objectsOf(part[REQUIRED]).flatMap((term, index) => podTermFaults(term, `${path}.${REQUIRED}[${index}]`)),
    ...preferred.flatMap((item, index) => {
      const at = `${path}.${PREFERRED}[${index}]`
      return [...weightFaults(item, at), ...podTermFaults(objectOf(item['podAffinityTerm']), `${at}.podAffinityTerm`)]
    }),
  ]
}

function weightFaults(item: JsonObject, at: string): readonly FieldFault[] {
  const weight = numberOf(item['weight'])
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(`${at}.weight`, weight, 'must be in the range 1-100')]
}

function podTermFaults(term: JsonObject, field: string): readonly FieldFault[] {
  const key = textOf(term['topologyKey'])
  const faults = [
    ...selectorFaults(objectOf(term['labelSelector']), `${field}.labelSelector`),
    ...selectorFaults(objectOf(term['namespaceSelector']), `${field}.namespaceSelector`),
    ...listOf(term['namespaces']).flatMap((name) =>
      dnsLabel(textOf(name)).map((text) => invalidValue(`${field}.namespace`, name, text)),
    ),
  ]
  if (key === '') faults.push(requiredValue(`${field}.topologyKey`, 'can not be empty'))
  return [...faults, ...labelNameFaults(key, `${field}.topologyKey`)]
}

function nodeAffinityFaults(affinity: JsonObject, field: string): readonly FieldFault[] {
  const isRequired = !isAbsent(affinity[REQUIRED])
  return [
    ...(isRequired ? nodeSelectorFaults(objectOf(affinity[REQUIRED]), `${field}.${REQUIRED}`) : []),
    ...objectsOf(affinity[PREFERRED]).flatMap((item, index) => {
      const at = `${field}.${PREFERRED}[${index}]`
      const preference = nodeTermFaults(objectOf(item['preference']), `${at}.preference`, false)
      return [...weightFaults(item, at), ...preference]
    }),
  ]
}

/** Faults of `core.NodeSelector`. */
export function nodeSelectorFaults(selector: JsonObject, field: string): readonly FieldFault[] {
  const terms = objectsOf(selector['nodeSelectorTerms'])
  const path = `${field}.nodeSelectorTerms`
  if (terms.length === 0) return [requiredValue(path, 'must have at least one node selector term')]
  return terms.flatMap((term, index) => nodeTermFaults(term, `${path}[${index}]`, true))
}

function nodeTermFaults(term: JsonObject, field: string, isStrict: boolean): readonly FieldFault[] {
  return [
    ...objectsOf(term['matchExpressions']).flatMap((one, index) =>
      nodeRequirementFaults(one, `${field}.matchExpressions[${index}]`, isStrict),
    ),
    ...objectsOf(term['matchFields']).flatMap((one, index) => nodeFieldFaults(one, `${field}.matchFields[${index}]`)),
  ]
}

function nodeRequirementFaults(one: JsonObject, field: string, isStrict: boolean): readonly FieldFault[] {
  const values = listOf(one['values'])
  const faults = [...nodeOperatorFaults(textOf(one['operator']), values.length, field)]
  faults.push(...labelNameFaults(textOf(one['key']), `${field}.key`))
  // What is only preferred may name a value that no node can have.
  if (!isStrict) return faults
  return [
    ...faults,
    ...values.flatMap((value, index) =>
      labelValueFaults(textOf(value)).map((text) => invalidValue(`${field}.values[${index}]`, value, text)),
    ),
  ]
}

function nodeOperatorFaults(operator: string, count: number, field: string): readonly FieldFault[] {
  if (operator !== 'Gt' && operator !== 'Lt') return operatorFaults(operator, count, field)
  if (count === 1) return []
  return [requiredValue(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
}

function nodeFieldFaults(one: JsonObject, field: string): readonly FieldFault[] {
  const operator = textOf(one['operator'])
  const values = listOf(one['values'])
  const faults: FieldFault[] = []
  if (operator !== 'In' && operator !== 'NotIn')
    faults.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'))
  else if (values.length !== 1)
    faults.push(requiredValue(`${field}.values`, 'must be only one value when `operator` is \'In\' or \'NotIn\' for node field selector')) // prettier-ignore
  if (one['key'] !== 'metadata.name')
    return [...faults, invalidValue(`${field}.key`, textOf(one['key']), 'not a valid field selector key')]
  return [
    ...faults,
    ...values.flatMap((value, index) =>
      dnsSubdomain(textOf(value)).map((text) => invalidValue(`${field}.values[${index}]`, value, text)),
    ),
  ]
}

function labelNameFaults(key: string, field: string): readonly FieldFault[] {
  return labelKeyFaults(key).map((text) => invalidValue(field, key, text))
}

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']

/** Faults of `topologySpreadConstraints`. */
export function spreadFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const constraints = objectsOf(spec['topologySpreadConstraints'])
  return constraints.flatMap((constraint, index) => {
    const path = `${field}[${index}]`
    const later = constraints.slice(index + 1)
    const [key, action] = [textOf(constraint['topologyKey']), textOf(constraint['whenUnsatisfiable'])]
    const faults = [...positiveFaults(constraint, 'maxSkew', path)]
    if (key === '') faults.push(requiredValue(`${path}.topologyKey`, 'can not be empty'))
    if (!ACTIONS.includes(action)) faults.push(notSupported(`${path}.whenUnsatisfiable`, action, ACTIONS))
    if (later.some((one) => one['topologyKey'] === key && one['whenUnsatisfiable'] === action))
      faults.push(fault('FieldValueDuplicate', `${path}.{topologyKey, whenUnsatisfiable}`, `Duplicate value: "{${key}, ${action}}"`)) // prettier-ignore
    return [
      ...faults,
      ...domainFaults(constraint, path),
      ...inclusionFaults(constraint, path),
      ...matchKeyFaults(constraint, path),
      ...selectorFaults(objectOf(constraint['labelSelector']), `${path}.labelSelector`),
    ]
  })
}

function positiveFaults(constraint: JsonObject, key: string, path: string): readonly FieldFault[] {
  const value = numberOf(constraint[key])
  return value > 0 ? [] : [invalidValue(`${path}.${key}`, value, 'must be greater than zero')]
}

function domainFaults(constraint: JsonObject, path: string): readonly FieldFault[] {
  if (isAbsent(constraint['minDomains'])) return []
  const action = textOf(constraint['whenUnsatisfiable'])
  const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
  return [
    ...positiveFaults(constraint, 'minDomains', path),
    ...(action === 'DoNotSchedule' ? [] : [invalidValue(`${path}.minDomains`, constraint['minDomains'], text)]),
  ]
}

function inclusionFaults(constraint: JsonObject, path: string): readonly FieldFault[] {
  const choices = ['Honor', 'Ignore']
  return ['nodeAffinityPolicy', 'nodeTaintsPolicy']
    .filter((key) => !isAbsent(constraint[key]) && !choices.includes(textOf(constraint[key])))
    .map((key) => notSupported(`${path}.${key}`, constraint[key], choices))
}

function matchKeyFaults(constraint: JsonObject, path: string): readonly FieldFault[] {
  const keys = listOf(constraint['matchLabelKeys'])
  const field = `${path}.matchLabelKeys`
  if (keys.length === 0) return []
  if (isAbsent(constraint['labelSelector']))
    return [forbiddenValue(field, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, index) => labelNameFaults(textOf(key), `${field}[${index}]`))
}

/** Faults of `readinessGates`. */
export function gateFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(spec['readinessGates']).flatMap((gate, index) =>
    labelNameFaults(textOf(gate['conditionType']), `${field}[${index}].conditionType`),
  )
}

/** Limits of a resolver's configuration. */
const MAX_SERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_CHARACTERS = 2048

/** Faults of `dnsConfig`. */
export function dnsFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const config = objectOf(spec['dnsConfig'])
  const [servers, searches] = [listOf(config['nameservers']), listOf(config['searches']).map(textOf)]
  if (spec['dnsPolicy'] === 'None') {
    if (isAbsent(spec['dnsConfig'])) return [requiredValue(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    const text = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    if (servers.length === 0) return [requiredValue(`${field}.nameservers`, text)]
  }
  const faults: FieldFault[] = []
  if (servers.length > MAX_SERVERS)
    faults.push(invalidValue(`${field}.nameservers`, servers, `must not have more than ${MAX_SERVERS} nameservers`))
  faults.push(...servers.flatMap((server, index) => ipFaults(textOf(server), `${field}.nameservers[${index}]`)))
  if (searches.length > MAX_SEARCHES)
    faults.push(invalidValue(`${field}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`))
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS)
    faults.push(invalidValue(`${field}.searches`, searches, `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`)) // prettier-ignore
  faults.push(...searches.flatMap((search, index) => searchFaults(search, `${field}.searches[${index}]`)))
  const unnamed = [...objectsOf(config['options']).entries()].filter(([, option]) => textOf(option['name']) === '')
  return [...faults, ...unnamed.map(([index]) => requiredValue(`${field}.options[${index}]`, 'must not be empty'))]
}

/** A search path may end with a dot and have underscores. */
function searchFaults(search: string, field: string): readonly FieldFault[] {
  return search === '.' ? [] : ruleFaults(search.replace(/\.$/, ''), field, underscoredSubdomain)
}

/** Faults of `hostAliases`. */
export function hostAliasFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(spec['hostAliases']).flatMap((alias, index) => [
    ...ipFaults(textOf(alias['ip']), `${field}[${index}].ip`),
    ...listOf(alias['hostnames']).flatMap((name, position) =>
      dnsSubdomain(textOf(name)).map((text) => invalidValue(`${field}[${index}].hostnames[${position}]`, name, text)),
    ),
  ])
}
