// What a definition may be called: its group, its names, its way of conversion (apiextensions `validation.go`, v0.36.3).
import { isList, isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from '../../kinds/validation/faults.ts'
import { nameIfSet, requiredTexts } from '../../kinds/validation/named-faults.ts'
import { dnsSubdomain, letterLabel, type TextRule } from '../../kinds/validation/names.ts'
import { clientFaults, reviewFaults } from '../../kinds/validation/webhooks.ts'
import { textOf } from '../json-text.ts'

/** Faults of a group: a domain with a dot. */
export function groupFaults(group: string): readonly FieldFault[] {
  const field = 'spec.group'
  if (group === '') return [requiredValue(field)]
  const faults = dnsSubdomain(group).map((text) => invalidValue(field, group, text))
  if (faults.length > 0 || group.includes('.')) return faults
  return [invalidValue(field, group, 'should be a domain with at least one dot')]
}

/** Kinds may have upper case, and are a name of DNS else. */
const kindName: TextRule = (text) =>
  letterLabel(text.toLowerCase()).map((said) => `may have mixed case, but should otherwise match: ${said}`)

/** Faults of the names a definition asks for. */
export function namesFaults(names: JsonObject): readonly FieldFault[] {
  const field = 'spec.names'
  const { kind, listKind } = names
  return [
    ...requiredTexts(names, field, 'plural', 'singular', 'kind', 'listKind'),
    ...nameIfSet(names['plural'], `${field}.plural`, joined(letterLabel)),
    ...nameIfSet(names['singular'], `${field}.singular`, joined(letterLabel)),
    ...nameIfSet(kind, `${field}.kind`, joined(kindName)),
    ...nameIfSet(listKind, `${field}.listKind`, joined(kindName)),
    ...eachName(names['shortNames'], `${field}.shortNames`),
    ...(textOf(kind) !== '' && kind === listKind
      ? [invalidValue(`${field}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...eachName(names['categories'], `${field}.categories`),
  ]
}

function eachName(values: JsonValue | undefined, field: string): readonly FieldFault[] {
  if (!isList(values)) return []
  return values.flatMap((value, index) => {
    const texts = letterLabel(textOf(value))
    return texts.length === 0 ? [] : [invalidValue(`${field}[${index}]`, value, texts.join(','))]
  })
}

/** Several faults of one name are told in one. */
function joined(rule: TextRule): TextRule {
  return (text) => {
    const texts = rule(text)
    return texts.length === 0 ? texts : [texts.join(',')]
  }
}

const STRATEGIES = ['None', 'Webhook']

/** Faults of the way versions become each other. */
export function conversionFaults(conversion: JsonObject): readonly FieldFault[] {
  const field = 'spec.conversion'
  const strategy = textOf(conversion['strategy'])
  const isKnown = strategy === '' || STRATEGIES.includes(strategy)
  return [
    ...requiredTexts(conversion, field, 'strategy'),
    ...(isKnown ? [] : [notSupported(`${field}.strategy`, strategy, STRATEGIES)]),
    ...(strategy === 'Webhook' ? hookFaults(conversion['webhook'], field) : unusedFaults(conversion['webhook'], field)),
  ]
}

/** To Go, what a webhook says stands beside the strategy. */
function hookFaults(webhook: JsonValue | undefined, field: string): readonly FieldFault[] {
  const { clientConfig: client = null, conversionReviewVersions: reviews = null } = isObject(webhook) ? webhook : {}
  const at = `${field}.webhookClientConfig`
  return [
    ...(isObject(client) ? clientFaults(client, at) : [requiredValue(at, 'required when strategy is set to Webhook')]),
    ...(isList(reviews) && reviews.length > 0
      ? reviewFaults(reviews, `${field}.conversionReviewVersions`)
      : [requiredValue(`${field}.conversionReviewVersions`)]),
  ]
}

function unusedFaults(webhook: JsonValue | undefined, field: string): readonly FieldFault[] {
  const { clientConfig = null, conversionReviewVersions: reviews = null } = isObject(webhook) ? webhook : {}
  const text = 'should not be set when strategy is not set to Webhook'
  return [
    ...(clientConfig === null ? [] : [forbiddenValue(`${field}.webhookClientConfig`, text)]),
    ...(isList(reviews) && reviews.length > 0 ? [forbiddenValue(`${field}.conversionReviewVersions`, text)] : []),
  ]
}
