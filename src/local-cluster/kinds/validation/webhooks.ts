// Webhook configurations (pkg/apis/admissionregistration/validation, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { conditionFaults, FAILURE_POLICIES, MATCH_POLICIES, operationRuleFaults } from './admission-rules.ts'
import { duplicate, invalidValue, notSupported, requiredValue } from './faults.ts'
import { dnsSubdomain, letterLabel, portNumber } from './names.ts'
import { choiceIfSet } from './numbers.ts'
import { selectorFaults } from './selectors.ts'

const SIDE_EFFECTS = ['None', 'NoneOnDryRun']
const REVIEW_VERSIONS = ['v1', 'v1beta1']

export function validateWebhooks(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const names = new Set<string>()
  const webhooks = objectsOf(object['webhooks'])
  const before = objectsOf(old?.['webhooks'])
  // Conditions that were there are not looked at again.
  const isKnown = old !== undefined && before.length === webhooks.length && webhooks.every((webhook, index) => deepEqual(webhook['matchConditions'], before[index]?.['matchConditions'])) // prettier-ignore
  return webhooks.flatMap((webhook, index) => {
    const path = `webhooks[${index}]`
    const name = textOf(webhook['name'])
    const faults = [...webhookFaults(webhook, path)]
    if (!isKnown) faults.push(...conditionFaults(objectsOf(webhook['matchConditions']), `${path}.matchConditions`, false)) // prettier-ignore
    faults.push(...reviewFaults(listOf(webhook['admissionReviewVersions']), `${path}.admissionReviewVersions`))
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
    ...objectsOf(webhook['rules']).flatMap((rule, index) => operationRuleFaults(rule, `${path}.rules[${index}]`)),
    ...choiceIfSet(webhook['failurePolicy'], `${path}.failurePolicy`, FAILURE_POLICIES),
    ...choiceIfSet(webhook['matchPolicy'], `${path}.matchPolicy`, MATCH_POLICIES),
    ...sideEffectFaults(webhook['sideEffects'], `${path}.sideEffects`),
    ...(isPatient ? [invalidValue(`${path}.timeoutSeconds`, seconds, text)] : []),
    ...selectorFaults(objectOf(webhook['namespaceSelector']), `${path}.namespaceSelector`),
    ...selectorFaults(objectOf(webhook['objectSelector']), `${path}.objectSelector`),
    ...choiceIfSet(webhook['reinvocationPolicy'], `${path}.reinvocationPolicy`, ['IfNeeded', 'Never']),
    ...clientFaults(objectOf(webhook['clientConfig']), `${path}.clientConfig`),
  ]
}

function nameFaults(name: string, field: string): readonly FieldFault[] {
  if (name === '') return [requiredValue(field)]
  const faults = dnsSubdomain(name).map((text) => invalidValue(field, name, text))
  if (faults.length > 0 || name.split('.').length >= 3) return faults
  return [invalidValue(field, name, 'should be a domain with at least three segments separated by dots')]
}

function sideEffectFaults(value: JsonValue | undefined, field: string): readonly FieldFault[] {
  if (isAbsent(value)) return [requiredValue(field, `must specify one of ${SIDE_EFFECTS.join(', ')}`)]
  return SIDE_EFFECTS.includes(textOf(value)) ? [] : [notSupported(field, value, SIDE_EFFECTS)]
}

/** Where a webhook is called: at one address, or at one service. */
export function clientFaults(config: JsonObject, field: string): readonly FieldFault[] {
  const { url, service } = config
  if (isAbsent(url) === isAbsent(service)) return [requiredValue(field, 'exactly one of url or service is required')]
  if (isAbsent(url)) return serviceFaults(objectOf(service), `${field}.service`)
  return webhookUrlFaults(textOf(url), `${field}.url`)
}

function serviceFaults(service: JsonObject, field: string): readonly FieldFault[] {
  const port = numberOf(service['port'])
  // Upstream hands over name and namespace in the wrong order, and so names one for the other.
  const missing = [
    ['namespace', 'name'],
    ['name', 'namespace'],
  ].filter(([key]) => textOf(service[key ?? '']) === '')
  const faults = missing.map(([, told]) => requiredValue(`${field}.${told ?? ''}`))
  const texts = portNumber(port)
  if (texts.length > 0) faults.push(invalidValue(`${field}.port`, port, `port is not valid: ${texts.join(', ')}`))
  return [...faults, ...servicePathFaults(textOf(service['path']), `${field}.path`)]
}

/** Each step of the path is a name of DNS (apiserver/pkg/util/webhook, ValidateWebhookService). */
function servicePathFaults(path: string, field: string): readonly FieldFault[] {
  if (path === '' || path === '/') return []
  if (path === '//') return [invalidValue(field, path, 'segment[0] may not be empty')]
  const faults = path.startsWith('/') ? [] : [invalidValue(field, path, "must start with a '/'")]
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  return [
    ...faults,
    ...steps.flatMap((step, index) => {
      const texts = step === '' ? [`segment[${index}] may not be empty`] : dnsSubdomain(step).map((text) => `segment[${index}]: ${text}`) // prettier-ignore
      return texts.map((text) => invalidValue(field, path, text))
    }),
  ]
}

const FORM = '; desired format: https://host[/path]'
const URL_PARTS =
  /^(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:(?<user>[^/?#@]*)@)?(?<host>[^/?#]*))?(?<path>[^?#]*)(?:\?(?<query>[^#]*))?(?:#(?<fragment>.*))?$/s

/** An address that a webhook may have: nothing but scheme, host and path (apiserver/pkg/util/webhook, ValidateWebhookURL). */
export function webhookUrlFaults(url: string, field: string): readonly FieldFault[] {
  const { scheme = '', user, host = '', query = '', fragment = '' } = URL_PARTS.exec(url)?.groups ?? {}
  const faults: FieldFault[] = []
  const lower = scheme.toLowerCase()
  if (lower !== 'https') faults.push(invalidValue(field, lower, `'https' is the only allowed URL scheme${FORM}`))
  if (host === '') faults.push(invalidValue(field, host, `host must be specified${FORM}`))
  if (user !== undefined) faults.push(invalidValue(field, user, 'user information is not permitted in the URL'))
  if (fragment !== '') faults.push(invalidValue(field, fragment, 'fragments are not permitted in the URL'))
  if (query !== '') faults.push(invalidValue(field, query, 'query parameters are not permitted in the URL'))
  return faults
}

/** The forms of reviews that a webhook understands, of which this server writes some. */
export function reviewFaults(given: readonly JsonValue[], field: string): readonly FieldFault[] {
  const versions = given.map(textOf)
  if (versions.length === 0) return [requiredValue(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)]
  const faults = versions.flatMap((version, index) => {
    const at = `${field}[${index}]`
    if (versions.indexOf(version) < index) return [invalidValue(at, version, 'duplicate version')]
    return letterLabel(version).map((text) => invalidValue(at, version, text))
  })
  if (versions.some((version) => REVIEW_VERSIONS.includes(version))) return faults
  return [...faults, invalidValue(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)]
}
