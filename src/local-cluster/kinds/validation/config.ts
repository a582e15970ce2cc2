// ConfigMaps and Secrets (pkg/apis/core/validation, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { objectOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, requiredValue, tooLong } from './faults.ts'
import { immutable } from './metadata.ts'
import { configMapKey } from './names.ts'

/** All values together, as the store has to hold them. */
const MAX_SIZE = 1024 * 1024
const SEALED = 'field is immutable when `immutable` is set'
const REDACTED = '<secret contents redacted>'

export function validateConfigMap(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const [data, binary] = [objectOf(object['data']), objectOf(object['binaryData'])]
  const faults = [...sealedFaults(object, old, ['data', 'binaryData']), ...keyFaults(data, 'data')]
  for (const key of Object.keys(data))
    if (Object.hasOwn(binary, key))
      faults.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'))
  faults.push(...keyFaults(binary, 'binaryData'))
  // Upstream names no field here, and an empty path prints as this.
  return textSize(data) + byteSize(binary) > MAX_SIZE ? [...faults, tooLong('', MAX_SIZE)] : faults
}

export function validateSecret(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const data = objectOf(object['data'])
  const faults = old === undefined ? [] : [...immutable('type', object['type'], old['type'])]
  faults.push(...sealedFaults(object, old, ['data']), ...keyFaults(data, 'data'))
  if (byteSize(data) > MAX_SIZE) faults.push(tooLong('data', MAX_SIZE))
  return [...faults, ...contentFaults(object, data)]
}

function sealedFaults(object: JsonObject, old: JsonObject | undefined, keys: readonly string[]): readonly FieldFault[] {
  if (old?.['immutable'] !== true) return []
  const faults = object['immutable'] === true ? [] : [forbiddenValue('immutable', SEALED)]
  for (const key of keys) if (!deepEqual(object[key], old[key])) faults.push(forbiddenValue(key, SEALED))
  return faults
}

function keyFaults(data: JsonObject, field: string): readonly FieldFault[] {
  return Object.keys(data).flatMap((key) =>
    configMapKey(key).map((text) => invalidValue(`${field}[${key}]`, key, text)),
  )
}

function textSize(data: JsonObject): number {
  let size = 0
  for (const value of Object.values(data)) size += Buffer.byteLength(textOf(value))
  return size
}

/** Values are base64 here, and counted as bytes. */
function byteSize(data: JsonObject): number {
  let size = 0
  for (const value of Object.values(data)) size += Buffer.byteLength(textOf(value), 'base64')
  return size
}

function contentFaults(object: JsonObject, data: JsonObject): readonly FieldFault[] {
  switch (object['type']) {
    case 'kubernetes.io/service-account-token': {
      const key = 'kubernetes.io/service-account.name'
      const name = objectOf(objectOf(object['metadata'])['annotations'])[key]
      return textOf(name) === '' ? [requiredValue(`metadata.annotations[${key}]`)] : []
    }
    case 'kubernetes.io/dockercfg':
      return dockerFaults(data, '.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return dockerFaults(data, '.dockerconfigjson')
    case 'kubernetes.io/basic-auth':
      return Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password')
        ? []
        : missing(data, 'username', 'password')
    case 'kubernetes.io/ssh-auth':
      return textOf(data['ssh-privatekey']) === '' ? [requiredValue('data[ssh-privatekey]')] : []
    case 'kubernetes.io/tls':
      return missing(data, 'tls.crt', 'tls.key')
    default:
      return []
  }
}

function missing(data: JsonObject, ...keys: readonly string[]): readonly FieldFault[] {
  return keys.filter((key) => !Object.hasOwn(data, key)).map((key) => requiredValue(`data[${key}]`))
}

function dockerFaults(data: JsonObject, key: string): readonly FieldFault[] {
  if (!Object.hasOwn(data, key)) return [requiredValue(`data[${key}]`)]
  const text = jsonFault(Buffer.from(textOf(data[key]), 'base64').toString())
  return text === undefined ? [] : [invalidValue(`data[${key}]`, REDACTED, text)]
}

/** What Go's decoder says of text that is no JSON object; undefined where it is one. */
function jsonFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
    const type = Array.isArray(value) ? 'array' : goType(value)
    return `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
  } catch {
    // The parser's own words are not Go's, so the fault is found anew.
    return syntaxFault(text)
  }
}

function goType(value: unknown): string {
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** Go tells an early end from a wrong character, which it names. */
function syntaxFault(text: string): string {
  const trimmed = text.trim()
  const first = trimmed[0]
  if (first === undefined || /^[{["]/.test(first)) return 'unexpected end of JSON input'
  return `invalid character '${first}' looking for beginning of value`
}
