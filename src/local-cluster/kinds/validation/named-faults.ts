// Texts that must be there or follow a rule: the steps most validators are made of.
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { listOf, textOf } from '../edit.ts'
import { invalidValue, requiredValue } from './faults.ts'
import { dnsSubdomain, type TextRule } from './names.ts'

/** Each named text that is empty is `Required value`. */
export function requiredTexts(object: JsonObject, field: string, ...keys: readonly string[]): FieldFault[] {
  return keys.filter((key) => textOf(object[key]) === '').map((key) => requiredValue(`${field}.${key}`))
}

/** Each named list that is empty is `Required value`. */
export function requiredLists(object: JsonObject, field: string, ...keys: readonly string[]): FieldFault[] {
  return keys.filter((key) => listOf(object[key]).length === 0).map((key) => requiredValue(`${field}.${key}`))
}

/** What a rule says of a text. */
export function ruleFaults(value: JsonValue | undefined, field: string, rule: TextRule): FieldFault[] {
  const text = textOf(value)
  return rule(text).map((said) => invalidValue(field, text, said))
}

/** What a rule says of a text that must be there. */
export function requiredName(value: JsonValue | undefined, field: string, rule: TextRule): FieldFault[] {
  return textOf(value) === '' ? [requiredValue(field)] : ruleFaults(value, field, rule)
}

/** What a rule says of a text that may be empty. */
export function nameIfSet(value: JsonValue | undefined, field: string, rule: TextRule): FieldFault[] {
  return textOf(value) === '' ? [] : ruleFaults(value, field, rule)
}

const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const IS_PATH = new RegExp(`^${PATH}$`)

/** A path below a domain: `acme.io/foo`, which must be there (apimachinery/pkg/util/validation, IsDomainPrefixedPath). */
export function prefixedPathFaults(text: string, field: string): readonly FieldFault[] {
  if (text === '') return [requiredValue(field)]
  const slash = text.indexOf('/')
  const [domain, path] = [text.slice(0, slash), text.slice(slash + 1)]
  if (slash <= 0 || path === '')
    return [invalidValue(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const faults = ruleFaults(domain, field, dnsSubdomain)
  return IS_PATH.test(path) ? faults : [...faults, invalidValue(field, path, `Invalid path (regex used for validation is '${PATH}')`)] // prettier-ignore
}
