// Variables of containers (pkg/apis/core/validation, ValidateEnv, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, objectOf, objectsOf, textOf } from '../edit.ts'
import { invalidValue, requiredValue } from './faults.ts'
import { fieldReference, resourceReference, VARIABLE_FIELDS } from './field-references.ts'
import { requiredName } from './named-faults.ts'
import { configMapKey, dnsLabel, dnsSubdomain, variableName } from './names.ts'
import { steplessPath } from './paths.ts'

const ONE_REFERENCE = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`' // prettier-ignore

/** Faults of `env`. */
export function variables(container: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(container['env']).flatMap((variable, index) => {
    const path = `${field}[${index}]`
    const name = textOf(variable['name'])
    const faults = name === '' ? [requiredValue(`${path}.name`)] : variableName(name).map((text) => invalidValue(`${path}.name`, name, text)) // prettier-ignore
    return isAbsent(variable['valueFrom']) ? faults : [...faults, ...referenceFaults(variable, `${path}.valueFrom`)]
  })
}

/** What each reference must say, in the order upstream looks at them. */
const RULES: Readonly<Record<string, (reference: JsonObject, field: string) => readonly FieldFault[]>> = {
  fieldRef: (reference, field) => fieldReference(reference, field, VARIABLE_FIELDS),
  resourceFieldRef: (reference, field) => resourceReference(reference, field, false),
  configMapKeyRef: keyReference,
  secretKeyRef: keyReference,
  fileKeyRef: fileReference,
}
const REFERENCES = Object.keys(RULES)

function referenceFaults(variable: JsonObject, field: string): readonly FieldFault[] {
  const source = objectOf(variable['valueFrom'])
  const found = REFERENCES.filter((key) => !isAbsent(source[key]))
  const faults = found.flatMap((key) => RULES[key]?.(objectOf(source[key]), `${field}.${key}`) ?? [])
  const says = (text: string): readonly FieldFault[] => [...faults, invalidValue(field, '', text)]
  if (found.length === 0) return says(ONE_REFERENCE)
  if (textOf(variable['value']) !== '') return says('may not be specified when `value` is not empty')
  return found.length > 1 ? says('may not have more than one field specified at a time') : faults
}

function fileReference(reference: JsonObject, field: string): readonly FieldFault[] {
  const path = textOf(reference['path'])
  return [
    ...requiredName(reference['key'], `${field}.key`, variableName),
    ...requiredName(reference['volumeName'], `${field}.volumeName`, dnsLabel),
    ...(path === '' ? [requiredValue(`${field}.path`)] : steplessPath(path, `${field}.path`)),
  ]
}

function keyReference(reference: JsonObject, field: string): readonly FieldFault[] {
  const [name, key] = [textOf(reference['name']), textOf(reference['key'])]
  const faults = dnsSubdomainFaults(name, `${field}.name`)
  if (key === '') return [...faults, requiredValue(`${field}.key`)]
  return [...faults, ...configMapKey(key).map((text) => invalidValue(`${field}.key`, key, text))]
}

function dnsSubdomainFaults(name: string, field: string): readonly FieldFault[] {
  return dnsSubdomain(name).map((text) => invalidValue(field, name, text))
}

/** Faults of `envFrom`. */
export function variableSources(container: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(container['envFrom']).flatMap((source, index) => {
    const path = `${field}[${index}]`
    const prefix = textOf(source['prefix'])
    const faults = prefix === '' ? [] : variableName(prefix).map((text) => invalidValue(`${path}.prefix`, prefix, text))
    const found = ['configMapRef', 'secretRef'].filter((key) => !isAbsent(source[key]))
    for (const key of found) {
      const name = textOf(objectOf(source[key])['name'])
      if (name === '') faults.push(requiredValue(`${path}.${key}.name`))
      else faults.push(...dnsSubdomainFaults(name, `${path}.${key}.name`))
    }
    if (found.length === 0) faults.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (found.length > 1) faults.push(invalidValue(field, '', 'may not have more than one field specified at a time'))
    return faults
  })
}
