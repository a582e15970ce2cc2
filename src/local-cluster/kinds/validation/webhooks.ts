// Webhook configurations (pkg/apis/admissionregistration/validation, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, invalidValue, notSupported, requiredValue } from './faults.ts'
import { dnsSubdomain } from './names.ts'
import { oneOfIfSet } from './numbers.ts'
import { selectorFaults } from './selectors.ts'

const SIDE_EFFECTS = ['None', 'NoneOnDryRun']
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const REVIEW_VERSIONS = ['v1', 'v1beta1']

export function validateWebhooks(object: JsonObject): readonly FieldFault[] {
  const names = new Set<string>()
  return objectsOf(object['webhooks']).flatMap((webhook, index) => {
    const path = `webhooks[${index}]`
    const name = textOf(webhook['name'])
    const faults = [...webhookFaults(webhook, path), ...reviewFaults(webhook, path)]
    if (name !== '' && names.has(name)) faults.push(duplicate(`${path}.name`, name))
    names.add(name)
    return faults
  })
}

function webhookFaults(webhook: JsonObject, path: string): readonly FieldFault[] {
  const seconds = webhook['timeoutSeconds']
  const isPatient = !isAbsent(seconds) && (numberOf(seconds) > 30 || numberOf(seconds) < 1)
  const text = 'the timeout value must be between 1 and 30 seconds'
  return [
    ...nameFaults(textOf(webhook['name']), `${path}.name`),
    ...objectsOf(webhook['rules']).flatMap((rule, index) => ruleFaults(rule, `${path}.rules[${index}]`)),
    ...oneOfIfSet(webhook['failurePolicy'], `${path}.failurePolicy`, ['Fail', 'Ignore']),
    ...oneOfIfSet(webhook['matchPolicy'], `${path}.matchPolicy`, ['Equivalent', 'Exact']),
    ...sideEffectFaults(webhook['sideEffects'], `${path}.sideEffects`),
    ...(isPatient ? [invalidValue(`${path}.timeoutSeconds`, seconds, text)] : []),
    ...selectorFaults(objectOf(webhook['namespaceSelector']), `${path}.namespaceSelector`),
    ...selectorFaults(objectOf(webhook['objectSelector']), `${path}.objectSelector`),
    ...clientFaults(objectOf(webhook['clientConfig']), `${path}.clientConfig`),
  ]
}

function nameFaults(name: string, field: string): readonly FieldFault[] {
  if (name === '') return [requiredValue(field)]
  const faults = dnsSubdomain(name).map((text) => invalidValue(field, name, text))
  if (faults.length > 0 || name.split('.').length >= 3) return faults
  return [invalidValue(field, name, 'should be a domain with at least three segments separated by dots')]
}

function sideEffectFaults(value: JsonObject[string] | undefined, field: string): readonly FieldFault[] {
  if (isAbsent(value)) return [requiredValue(field, `must specify one of ${SIDE_EFFECTS.join(', ')}`)]
  return SIDE_EFFECTS.includes(textOf(value)) ? [] : [notSupported(field, value, SIDE_EFFECTS)]
}

function ruleFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const faults = ['apiGroups', 'apiVersions', 'resources']
    .filter((key) => listOf(rule[key]).length === 0)
    .map((key) => requiredValue(`${path}.${key}`))
  const operations = listOf(rule['operations'])
  if (operations.length === 0) faults.push(requiredValue(`${path}.operations`))
  for (const [index, operation] of operations.entries())
    if (!OPERATIONS.includes(textOf(operation))) faults.push(notSupported(`${path}.operations[${index}]`, operation, OPERATIONS)) // prettier-ignore
  return faults
}

function clientFaults(config: JsonObject, field: string): readonly FieldFault[] {
  const { url, service } = config
  if (isAbsent(url) === isAbsent(service)) return [requiredValue(field, 'exactly one of url or service is required')]
  if (isAbsent(url)) {
    const target = objectOf(service)
    return ['name', 'namespace'].filter((key) => textOf(target[key]) === '').map((key) => requiredValue(`${field}.service.${key}`, `service ${key} is required`)) // prettier-ignore
  }
  return urlFaults(textOf(url), `${field}.url`)
}

function urlFaults(url: string, field: string): readonly FieldFault[] {
  const form = 'url must be a valid URL; desired format: https://host[/path]'
  if (!URL.canParse(url)) return [invalidValue(field, url, form)]
  const { protocol } = new URL(url)
  const scheme = protocol.slice(0, -1)
  return scheme === 'https' ? [] : [invalidValue(field, scheme, `'https' is the only allowed URL scheme; desired format: https://host[/path]`)] // prettier-ignore
}

function reviewFaults(webhook: JsonObject, path: string): readonly FieldFault[] {
  const versions = listOf(webhook['admissionReviewVersions'])
  const field = `${path}.admissionReviewVersions`
  if (versions.length === 0) return [requiredValue(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)]
  if (versions.some((version) => REVIEW_VERSIONS.includes(textOf(version)))) return []
  return [invalidValue(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)]
}
