// How a rule of a schema has to be written, apart from its expression (apiextensions `validation.go`, v0.36.3).
import { fieldOf, isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { invalidValue, notSupported, requiredValue } from '../../kinds/validation/faults.ts'
import { textOf } from '../json-text.ts'
import type { Schema } from './structural.ts'

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

/** Faults of the rules of one schema, not of those below. */
export function ruleFormFaults(schema: Schema, path: string): readonly FieldFault[] {
  const rules = schema['x-kubernetes-validations']
  if (!Array.isArray(rules)) return []
  return rules.flatMap((rule, index) =>
    isObject(rule) ? [...formFaults(rule, schema, `${path}.x-kubernetes-validations[${index}]`)] : [],
  )
}

function formFaults(rule: JsonObject, schema: Schema, path: string): readonly FieldFault[] {
  const faults = [...textFaults(rule, path)]
  const { reason, fieldPath } = rule
  if (reason !== undefined && !REASONS.includes(textOf(reason))) {
    faults.push(notSupported(`${path}.reason`, reason, REASONS))
  }
  if (typeof fieldPath === 'string' && fieldPath !== '' && !isFieldPath(fieldPath, schema)) {
    faults.push(invalidValue(`${path}.fieldPath`, fieldPath, 'must be a valid path'))
  }
  return faults
}

const LINE_BREAK = /[\n\r]/

function textFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const text = textOf(rule['rule'])
  const message = textOf(rule['message'])
  const faults = text.trim() === '' ? [requiredValue(`${path}.rule`, 'rule is not specified')] : []
  if (message !== '' && message.trim() === '') {
    faults.push(invalidValue(`${path}.message`, message, 'must be non-empty if specified'))
  } else if (LINE_BREAK.test(message)) {
    faults.push(invalidValue(`${path}.message`, message, 'must not contain line breaks'))
  }
  if (LINE_BREAK.test(text) && message === '' && rule['messageExpression'] === undefined) {
    faults.push(requiredValue(`${path}.message`, 'message must be specified if rule contains line breaks'))
  }
  return faults
}

const STEP = /^(?:\.(?<name>[A-Za-z_][\w-]*)|\[(?:'(?<quoted>[^']*)'|"(?<double>[^"]*)")\])/

/** Whether a path (`.a.b`, `['a-b']`) names a field the schema has; lists have no fields. */
function isFieldPath(path: string, schema: Schema): boolean {
  let rest = path
  let current: Schema | undefined = schema
  while (rest !== '') {
    const found = STEP.exec(rest)
    if (found === null || current === undefined) return false
    const { name, quoted, double } = found.groups ?? {}
    current = fieldSchema(current, name ?? quoted ?? double ?? '')
    rest = rest.slice(found[0].length)
  }
  return current !== undefined
}

function fieldSchema(schema: Schema, name: string): Schema | undefined {
  const { properties, additionalProperties } = schema
  const found = (isObject(properties) ? fieldOf(properties, name) : undefined) ?? additionalProperties
  return isObject(found) ? found : undefined
}
