// Policies of admission and what binds them (pkg/apis/admissionregistration/validation, ValidateValidatingAdmissionPolicy, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { conditionFaults, FAILURE_POLICIES, matchFaults } from './admission-rules.ts'
import { compiled, expressionFaults, type Scope } from './expressions.ts'
import { duplicate, forbiddenValue, invalidValue, notSupported, requiredValue, tooMany } from './faults.ts'
import { nameIfSet, requiredName, ruleFaults } from './named-faults.ts'
import { dnsSubdomain, letterLabel, pathSegment } from './names.ts'
import { choiceIfSet, oneOf } from './numbers.ts'
import { selectorFaults } from './selectors.ts'

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const MAX_ANNOTATIONS = 20
/** Longest expression for an audit annotation. */
const MAX_VALUE_EXPRESSION = 5 * 1024
const IDENTIFIER = /^[_a-zA-Z]\w*$/
/** Words of the language. */
const RESERVED: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while']) // prettier-ignore
const ONE_ITEM = 'validations or auditAnnotations must contain at least one item'

export function validateAdmissionPolicy(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const hasParams = !isAbsent(spec['paramKind'])
  const failure = spec['failurePolicy']
  const faults = isAbsent(failure) ? [requiredValue('spec.failurePolicy')] : [...choiceIfSet(failure, 'spec.failurePolicy', FAILURE_POLICIES)] // prettier-ignore
  if (hasParams) faults.push(...paramKindFaults(objectOf(spec['paramKind']), 'spec.paramKind'))
  faults.push(...constraintFaults(spec, 'spec.matchConstraints'))
  // Conditions that were there are not looked at again.
  const isKnown = old !== undefined && deepEqual(spec['matchConditions'], objectOf(old['spec'])['matchConditions'])
  if (!isKnown) faults.push(...conditionFaults(objectsOf(spec['matchConditions']), 'spec.matchConditions', hasParams))
  const { variables, faults: ofVariables } = variableFaults(objectsOf(spec['variables']), hasParams)
  const scope = { hasParams, hasAuthorizer: true, variables }
  const name = textOf(objectOf(object['metadata'])['name'])
  return [...faults, ...ofVariables, ...ruleListFaults(spec, scope, name)]
}

function constraintFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (isAbsent(spec['matchConstraints'])) return [requiredValue(field)]
  const match = objectOf(spec['matchConstraints'])
  const faults = matchFaults(match, field)
  return listOf(match['resourceRules']).length > 0 ? faults : [...faults, requiredValue(`${field}.resourceRules`)]
}

function paramKindFaults(kind: JsonObject, field: string): readonly FieldFault[] {
  const name = textOf(kind['kind'])
  const texts = letterLabel(name.toLowerCase())
  const ofVersion = versionFaults(textOf(kind['apiVersion']), `${field}.apiVersion`)
  if (name === '') return [...ofVersion, requiredValue(`${field}.kind`)]
  if (texts.length === 0) return ofVersion
  const said = `may have mixed case, but should otherwise match: ${texts.join(',')}`
  return [...ofVersion, invalidValue(`${field}.kind`, name, said)]
}

function versionFaults(text: string, field: string): readonly FieldFault[] {
  if (text === '') return [requiredValue(field)]
  const parts = text === '/' ? ['', ''] : text.split('/')
  if (parts.length > 2) return [invalidValue(field, text, `unexpected GroupVersion string: ${text}`)]
  const version = parts.at(-1) ?? ''
  const group = parts.length === 2 ? (parts[0] ?? '') : ''
  const ofGroup = group === '' ? [] : dnsSubdomain(group)
  const faults = ofGroup.length === 0 ? [] : [invalidValue(field, group, ofGroup.join(','))]
  if (version === '') return [...faults, invalidValue(field, text, 'version must be specified')]
  const ofVersion = letterLabel(version)
  return ofVersion.length === 0 ? faults : [...faults, invalidValue(field, version, ofVersion.join(','))]
}

/** Each variable may use those before it. */
function variableFaults(
  list: readonly JsonObject[],
  hasParams: boolean,
): { readonly variables: ReadonlyMap<string, string> | undefined; readonly faults: readonly FieldFault[] } {
  const variables = new Map<string, string>()
  const faults: FieldFault[] = []
  for (const [index, variable] of list.entries()) {
    const at = `spec.variables[${index}]`
    const [name, expression] = [textOf(variable['name']), textOf(variable['expression'])]
    if (name.trim() === '') faults.push(requiredValue(`${at}.name`, 'name is not specified'))
    else if (!IDENTIFIER.test(name) || RESERVED.has(name))
      faults.push(invalidValue(`${at}.name`, name, 'must be a valid CEL identifier'))
    if (expression.trim() === '') {
      faults.push(requiredValue(`${at}.expression`, 'expression is not specified'))
      continue
    }
    const result = compiled(expression, `${at}.expression`, { hasParams, hasAuthorizer: true, variables })
    faults.push(...result.faults)
    if (IDENTIFIER.test(name)) variables.set(name, result.type ?? 'dyn')
  }
  return { variables: list.length === 0 ? undefined : variables, faults }
}

function ruleListFaults(spec: JsonObject, scope: Scope, name: string): readonly FieldFault[] {
  const [validations, annotations] = [objectsOf(spec['validations']), objectsOf(spec['auditAnnotations'])]
  if (validations.length === 0 && annotations.length === 0)
    return [requiredValue('spec.validations', ONE_ITEM), requiredValue('spec.auditAnnotations', ONE_ITEM)]
  const faults = validations.flatMap((one, index) => validationFaults(one, scope, `spec.validations[${index}]`))
  const field = 'spec.auditAnnotations'
  if (annotations.length > MAX_ANNOTATIONS) faults.push(tooMany(field, annotations.length, MAX_ANNOTATIONS))
  const keys = annotations.map((one) => textOf(one['key']))
  for (const [index, annotation] of annotations.entries()) {
    const [key = '', at] = [keys[index], `${field}[${index}]`]
    faults.push(...annotationFaults(annotation, scope, name, at))
    if (keys.indexOf(key) < index) faults.push(duplicate(`${at}.key`, key))
  }
  return faults
}

function validationFaults(validation: JsonObject, scope: Scope, at: string): readonly FieldFault[] {
  const expression = textOf(validation['expression'])
  const field = `${at}.expression`
  return [
    ...(expression.trim() === ''
      ? [requiredValue(field, 'expression is not specified')]
      : expressionFaults(expression, field, scope, ['bool'])),
    ...messageFaults(validation, scope, at),
    ...choiceIfSet(validation['reason'], `${at}.reason`, REASONS),
  ]
}

function messageFaults(validation: JsonObject, scope: Scope, at: string): readonly FieldFault[] {
  const [expression, message] = [textOf(validation['messageExpression']), textOf(validation['message'])]
  const faults: FieldFault[] = []
  const field = `${at}.messageExpression`
  if (expression.trim() !== '')
    faults.push(...expressionFaults(expression, field, { ...scope, hasAuthorizer: false }, ['string'])) // prettier-ignore
  else if (expression !== '') faults.push(invalidValue(field, expression, 'must be non-empty if specified'))
  if (message !== '' && message.trim() === '')
    faults.push(invalidValue(`${at}.message`, message, 'must be non-empty if specified'))
  else if (/[\n\r]/.test(message.trim()))
    faults.push(invalidValue(`${at}.message`, message, 'must not contain line breaks'))
  return faults
}

function annotationFaults(annotation: JsonObject, scope: Scope, name: string, at: string): readonly FieldFault[] {
  const [key, expression] = [textOf(annotation['key']), textOf(annotation['valueExpression']).trim()]
  const ofKey = name === '' ? [invalidValue(`${at}.key`, key, 'requires metadata.name be non-empty')] : ruleFaults(`${name}/${key}`, `${at}.key`, labelKeyFaults) // prettier-ignore
  const field = `${at}.valueExpression`
  if (expression === '') return [...ofKey, requiredValue(field, 'valueExpression is not specified')]
  if (expression.length > MAX_VALUE_EXPRESSION)
    return [...ofKey, requiredValue(field, `must not exceed ${MAX_VALUE_EXPRESSION} bytes in length`)]
  return [...ofKey, ...expressionFaults(expression, field, scope, ['string', 'null_type'])]
}

const ACTIONS = ['Audit', 'Deny', 'Warn']

export function validatePolicyBinding(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const { paramRef, matchResources } = spec
  return [
    ...requiredName(spec['policyName'], 'spec.policyName', dnsSubdomain),
    ...(isAbsent(paramRef) ? [] : paramFaults(objectOf(paramRef), 'spec.paramRef')),
    ...(isAbsent(matchResources) ? [] : matchFaults(objectOf(matchResources), 'spec.matchResources')),
    ...actionFaults(listOf(spec['validationActions']).map(textOf), 'spec.validationActions'),
  ]
}

const EXCLUSIVE = 'name and selector are mutually exclusive'

function paramFaults(reference: JsonObject, field: string): readonly FieldFault[] {
  const { name, selector } = reference
  const isBoth = textOf(name) !== '' && !isAbsent(selector)
  const faults = nameIfSet(name, `${field}.name`, pathSegment)
  if (isBoth) faults.push(forbiddenValue(`${field}.name`, EXCLUSIVE))
  if (!isAbsent(selector)) faults.push(...selectorFaults(objectOf(selector), `${field}.selector`))
  if (isBoth) faults.push(forbiddenValue(`${field}.selector`, EXCLUSIVE))
  if (textOf(name) === '' && isAbsent(selector))
    faults.push(requiredValue(field, 'one of name or selector must be specified'))
  return [...faults, ...oneOf(reference['parameterNotFoundAction'], `${field}.parameterNotFoundAction`, ['Deny', 'Allow'])] // prettier-ignore
}

function actionFaults(actions: readonly string[], field: string): readonly FieldFault[] {
  const faults = actions.flatMap((action, index) => {
    const wrong = ACTIONS.includes(action) ? [] : [notSupported(`${field}[${index}]`, action, ACTIONS)]
    return actions.indexOf(action) < index ? [...wrong, duplicate(`${field}[${index}]`, action)] : wrong
  })
  if (actions.includes('Deny') && actions.includes('Warn'))
    faults.push(invalidValue(field, actions, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)')) // prettier-ignore
  return actions.length === 0 ? [...faults, requiredValue(field, 'at least one validation action is required')] : faults
}
