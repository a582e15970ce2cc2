// Which requests belong to which flow (pkg/apis/flowcontrol/validation, ValidateFlowSchema, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { requiredName, requiredTexts } from './named-faults.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'

const MAX_PRECEDENCE = 10_000
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

export function validateFlowSchema(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const name = textOf(objectOf(object['metadata'])['name'])
  const level = objectOf(spec['priorityLevelConfiguration'])['name']
  const at = 'spec.priorityLevelConfiguration.name'
  return [
    ...precedenceFaults(numberOf(spec['matchingPrecedence']), name),
    ...distinguisherFaults(spec),
    ...(textOf(level) === '' ? [requiredValue(at, 'must reference a priority level')] : requiredName(level, at, dnsSubdomain)), // prettier-ignore
    ...objectsOf(spec['rules']).flatMap((rule, index) => ruleFaults(rule, `spec.rules[${index}]`)),
  ]
}

function precedenceFaults(precedence: number, name: string): readonly FieldFault[] {
  const says = (text: string): FieldFault[] => [invalidValue('spec.matchingPrecedence', precedence, text)]
  if (precedence <= 0) return says('must be a positive value')
  if (precedence > MAX_PRECEDENCE) return says(`must not be greater than ${MAX_PRECEDENCE}`)
  if (precedence !== 1 || name === 'exempt') return []
  return says("only the schema named 'exempt' may have matchingPrecedence 1")
}

function distinguisherFaults(spec: JsonObject): readonly FieldFault[] {
  const method = spec['distinguisherMethod']
  const choices = ['ByNamespace', 'ByUser']
  if (isAbsent(method) || choices.includes(textOf(objectOf(method)['type']))) return []
  const printed = internalValue('flowcontrol.FlowDistinguisherMethod', objectOf(method))
  return [notSupported('spec.distinguisherMethod.type', printed, choices)]
}

function ruleFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const [subjects, resources, others] = [rule['subjects'], rule['resourceRules'], rule['nonResourceRules']].map(objectsOf) // prettier-ignore
  const faults: FieldFault[] = []
  if (subjects?.length === 0) faults.push(requiredValue(`${path}.subjects`, 'subjects must contain at least one value'))
  faults.push(...(subjects ?? []).flatMap((subject, index) => subjectFaults(subject, `${path}.subjects[${index}]`)))
  if (resources?.length === 0 && others?.length === 0)
    faults.push(requiredValue(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  return [
    ...faults,
    ...(resources ?? []).flatMap((one, index) => resourceFaults(one, `${path}.resourceRules[${index}]`)),
    ...(others ?? []).flatMap((one, index) => urlRuleFaults(one, `${path}.nonResourceRules[${index}]`)),
  ]
}

const SUBJECTS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const
const SUBJECT_KINDS = Object.keys(SUBJECTS)
/** The order in which what does not belong is told. */
const FOREIGN = ['ServiceAccount', 'User', 'Group'] as const

function subjectFaults(subject: JsonObject, path: string): readonly FieldFault[] {
  const kind = textOf(subject['kind'])
  if (kind !== 'Group' && kind !== 'ServiceAccount' && kind !== 'User')
    return [notSupported(`${path}.kind`, kind, SUBJECT_KINDS)]
  const key = SUBJECTS[kind]
  const at = `${path}.${key}`
  const others = FOREIGN.filter((other) => other !== kind && !isAbsent(subject[SUBJECTS[other]]))
  return [
    ...(isAbsent(subject[key])
      ? [requiredValue(at, `${key} is required when subject kind is '${kind}'`)]
      : namedFaults(kind, objectOf(subject[key]), at)),
    ...others.map((other) =>
      forbiddenValue(
        `${path}.${SUBJECTS[other]}`,
        `${SUBJECTS[other]} is forbidden when subject kind is not '${other}'`,
      ),
    ),
  ]
}

function namedFaults(kind: string, subject: JsonObject, at: string): readonly FieldFault[] {
  if (kind !== 'ServiceAccount') return requiredTexts(subject, at, 'name')
  const { name, namespace } = subject
  const ofName = name === '*' ? [] : requiredName(name, `${at}.name`, dnsSubdomain)
  if (textOf(namespace) !== '') return [...ofName, ...requiredName(namespace, `${at}.namespace`, dnsLabel)]
  return [...ofName, requiredValue(`${at}.namespace`, 'must specify namespace for service account')]
}

function verbFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const verbs = listOf(rule['verbs'])
  const at = `${path}.verbs`
  if (verbs.length === 0) return [requiredValue(at, 'verbs must contain at least one value')]
  if (verbs.includes('*')) return aloneFaults(verbs, at, 'verbs')
  return verbs.every((verb) => VERBS.includes(textOf(verb))) ? [] : [notSupported(at, verbs, VERBS)]
}

/** `*` says all, so nothing may stand beside it. */
function aloneFaults(values: readonly JsonValue[], at: string, what: string): readonly FieldFault[] {
  if (values.length <= 1 || !values.includes('*')) return []
  return [invalidValue(at, values, `if '*' is present, must not specify other ${what}`)]
}

function resourceFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const [groups, resources] = [listOf(rule['apiGroups']), listOf(rule['resources'])]
  return [
    ...verbFaults(rule, path),
    ...(groups.length === 0
      ? [requiredValue(`${path}.apiGroups`, 'resource rules must supply at least one api group')]
      : aloneFaults(groups, `${path}.apiGroups`, 'api groups')),
    ...(resources.length === 0
      ? [requiredValue(`${path}.resources`, 'resource rules must supply at least one resource')]
      : aloneFaults(resources, `${path}.resources`, 'resources')),
    ...namespaceFaults(rule, `${path}.namespaces`),
  ]
}

function namespaceFaults(rule: JsonObject, at: string): readonly FieldFault[] {
  const namespaces = listOf(rule['namespaces'])
  if (namespaces.length === 0 && rule['clusterScope'] !== true)
    return [requiredValue(at, 'resource rules that are not cluster scoped must supply at least one namespace')]
  if (namespaces.includes('*')) return aloneFaults(namespaces, at, 'namespaces')
  return namespaces.flatMap((namespace, index) =>
    dnsLabel(textOf(namespace)).map((text) =>
      invalidValue(`${at}[${index}]`, namespace, `each member of this list must be '*' or a DNS-1123 label; ${text}`),
    ),
  )
}

function urlRuleFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const urls = listOf(rule['nonResourceURLs'])
  const at = `${path}.nonResourceURLs`
  const faults = verbFaults(rule, path)
  if (urls.length === 0) return [...faults, requiredValue(at, 'nonResourceURLs must contain at least one value')]
  if (urls.includes('*')) return [...faults, ...aloneFaults(urls, at, 'non-resource URLs')]
  return [
    ...faults,
    ...urls.flatMap((url, index) => {
      const text = urlFault(textOf(url))
      return text === undefined ? [] : [invalidValue(`${at}[${index}]`, url, text)]
    }),
  ]
}

function urlFault(path: string): string | undefined {
  if (path === '') return 'must not be empty'
  if (path === '/') return undefined
  if (!path.startsWith('/')) return 'must start with slash'
  if (path.includes(' ')) return 'must not contain white-space'
  if (path.includes('//')) return 'must not contain double slash'
  const isSuffix = path.indexOf('*') === path.lastIndexOf('*') && (!path.includes('*') || path.endsWith('/*'))
  return isSuffix ? undefined : 'wildcard can only do suffix matching'
}
