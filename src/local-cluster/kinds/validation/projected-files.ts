// Files that volumes take from secrets, config maps and the pod itself (pkg/apis/core/validation, validateProjectionSources, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, requiredValue } from './faults.ts'
import { FILE_FIELDS, fieldReference, resourceReference } from './field-references.ts'
import { requiredTexts } from './named-faults.ts'
import { unreservedPath } from './paths.ts'
import { printableSelector, selectorFaults } from './selectors.ts'
import { signerNameFaults } from './signer-names.ts'

const MAX_MODE = 0o777
const MODE_TEXT = 'must be a number between 0 and 0777 (octal), both inclusive'

/** The rights of files. */
export function modeFaults(source: JsonObject, field: string, key = 'defaultMode'): readonly FieldFault[] {
  const mode = source[key]
  if (isAbsent(mode) || (numberOf(mode) >= 0 && numberOf(mode) <= MAX_MODE)) return []
  return [invalidValue(`${field}.${key}`, mode, MODE_TEXT)]
}

/** Keys of a secret or config map as files. */
export function itemFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(source['items']).flatMap((item, index) => {
    const at = `${field}[${index}]`
    return [
      ...requiredTexts(item, at, 'key', 'path'),
      ...unreservedPath(textOf(item['path']), `${at}.path`),
      ...modeFaults(item, at, 'mode'),
    ]
  })
}

/** Fields of the pod as files; upstream names the list where an item is wrong. */
export function downwardFaults(source: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(source['items']).flatMap((file) => [
    ...requiredTexts(file, field, 'path'),
    ...unreservedPath(textOf(file['path']), `${field}.path`),
    ...downwardSource(file, field),
    ...modeFaults(file, field, 'mode'),
  ])
}

function downwardSource(file: JsonObject, field: string): readonly FieldFault[] {
  const { fieldRef, resourceFieldRef } = file
  if (isAbsent(fieldRef)) {
    if (isAbsent(resourceFieldRef)) return [requiredValue(field, 'one of fieldRef and resourceFieldRef is required')]
    return resourceReference(objectOf(resourceFieldRef), `${field}.resourceFieldRef`, true)
  }
  const faults = fieldReference(objectOf(fieldRef), `${field}.fieldRef`, FILE_FIELDS)
  if (isAbsent(resourceFieldRef)) return faults
  const text = 'fieldRef and resourceFieldRef can not be specified simultaneously'
  return [...faults, invalidValue(field, 'resource', text)]
}

/** A projection's faults; `taken` are the paths of all of the volume's files so far. */
interface Projecting {
  /** Where the volume's `projected` stands. */
  readonly field: string
  readonly taken: Set<string>
}

type Projection = (inner: JsonObject, at: string, projecting: Projecting) => readonly FieldFault[]

const PROJECTIONS: Readonly<Record<string, Projection>> = {
  secret: namedFiles,
  configMap: namedFiles,
  downwardAPI: (inner, at, projecting) => [
    ...downwardFaults(inner, at),
    ...objectsOf(inner['items']).flatMap((file) => conflict(textOf(file['path']), textOf(file['path']), projecting)),
  ],
  serviceAccountToken: tokenFaults,
  clusterTrustBundle: bundleFaults,
}

/** Faults of a `projected` volume. */
export function projectionFaults(source: JsonObject, field: string): readonly FieldFault[] {
  const projecting = { field, taken: new Set<string>() }
  return objectsOf(source['sources']).flatMap((projection, index) => {
    const at = `${field}.sources[${index}]`
    const keys = Object.keys(projection).filter((key) => !isAbsent(projection[key]))
    const faults = keys.flatMap((key) => PROJECTIONS[key]?.(objectOf(projection[key]), `${at}.${key}`, projecting) ?? []) // prettier-ignore
    if (keys.length <= 1) return faults
    return [...faults, forbiddenValue(at, 'may not specify more than 1 volume type per source')]
  })
}

function conflict(path: string, shown: string, { field, taken }: Projecting): readonly FieldFault[] {
  if (path === '') return []
  const isTaken = taken.has(path)
  taken.add(path)
  return isTaken ? [invalidValue(field, shown, 'conflicting duplicate paths')] : []
}

function namedFiles(inner: JsonObject, at: string, projecting: Projecting): readonly FieldFault[] {
  const name = textOf(inner['name'])
  return [
    ...requiredTexts(inner, at, 'name'),
    ...itemFaults(inner, `${at}.items`),
    ...objectsOf(inner['items']).flatMap((item) => conflict(textOf(item['path']), name, projecting)),
  ]
}

const TEN_MINUTES = 600
const MAX_SECONDS = 2 ** 32

function tokenFaults(inner: JsonObject, at: string, { field }: Projecting): readonly FieldFault[] {
  const seconds = numberOf(inner['expirationSeconds'])
  const path = textOf(inner['path'])
  const said = `${at}.expirationSeconds`
  const faults = seconds < TEN_MINUTES ? [invalidValue(said, seconds, 'may not specify a duration less than 10 minutes')] : [] // prettier-ignore
  if (seconds > MAX_SECONDS) faults.push(invalidValue(said, seconds, 'may not specify a duration larger than 2^32 seconds')) // prettier-ignore
  // Upstream names the volume and not the token here.
  return [...faults, ...(path === '' ? [requiredValue(`${field}.path`)] : unreservedPath(path, `${field}.path`))]
}

function bundleFaults(inner: JsonObject, at: string, projecting: Projecting): readonly FieldFault[] {
  const path = textOf(inner['path'])
  return [
    ...bundleChoice(inner, at),
    ...requiredTexts(inner, at, 'path'),
    ...unreservedPath(path, `${at}.path`),
    ...conflict(path, path, projecting),
  ]
}

function bundleChoice(inner: JsonObject, at: string): readonly FieldFault[] {
  const { name, signerName, labelSelector } = inner
  if (!isAbsent(name) && !isAbsent(signerName))
    return [invalidValue(at, printedBundle(inner), 'only one of name and signerName may be used')]
  if (!isAbsent(name)) {
    const faults = textOf(name) === '' ? [requiredValue(`${at}.name`, 'must be a valid object name')] : []
    if (isAbsent(labelSelector)) return faults
    const text = 'labelSelector must be unset if name is specified'
    return [...faults, invalidValue(`${at}.labelSelector`, printableSelector(objectOf(labelSelector)), text)]
  }
  if (isAbsent(signerName)) return [requiredValue(at, 'either name or signerName must be specified')]
  const missing = textOf(signerName) === '' ? [requiredValue(`${at}.signerName`, 'must be a valid signer name')] : []
  return [
    ...missing,
    ...signerNameFaults(textOf(signerName), `${at}.signerName`),
    ...selectorFaults(objectOf(labelSelector), `${at}.labelSelector`),
  ]
}

/** The internal type has no JSON names, so its Go names are told. */
function printedBundle(inner: JsonObject): JsonObject {
  const { name = null, signerName = null, labelSelector = null, optional = null } = inner
  const selector = labelSelector === null ? null : printableSelector(objectOf(labelSelector))
  return {
    Name: name,
    SignerName: signerName,
    LabelSelector: selector,
    Optional: optional,
    Path: textOf(inner['path']),
  }
}

/** Whether a volume shows a token of the pod's account, by the index of its projection. */
export function tokenIndexes(volume: JsonObject): readonly number[] {
  return listOf(objectOf(volume['projected'])['sources']).flatMap((projection, index) =>
    isAbsent(objectOf(projection)['serviceAccountToken']) ? [] : [index],
  )
}
