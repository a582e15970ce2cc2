// Validation of metadata, the same for every kind but for names and finalizers (apimachinery pkg/api/validation/objectmeta.go, 1.36.3).
import { Buffer } from 'node:buffer'
import { deepEqual, isList, isObject } from '../../../kube/json-value.ts'
import { labelKeyFaults, labelValueFaults } from '../../../kube/label-names.ts'
import type { GroupKind, JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import { splitApiVersion } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, requiredValue, tooLong } from './faults.ts'
import { addressName, dnsLabel, dnsSubdomain, pathSegment, type TextRule } from './names.ts'

/** All keys and values of annotations together. */
const MAX_ANNOTATIONS = 256 * 1024
const RBAC = 'rbac.authorization.k8s.io'
/** Finalizers that need no domain. */
export const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** Kinds whose own rules do not look at names: any segment of a path will do. */
const NAME_RULES: Readonly<Record<string, TextRule>> = {
  'policy/PodDisruptionBudget': pathSegment,
  '/Event': pathSegment,
  'events.k8s.io/Event': pathSegment,
  '/Namespace': dnsLabel,
  '/Service': dnsLabel,
  'apps/StatefulSet': dnsLabel,
  'apiregistration.k8s.io/APIService': pathSegment,
  'networking.k8s.io/IPAddress': addressName,
  // Judged by a newer rule, which counts bytes.
  'resource.k8s.io/DeviceClass': (name) => dnsSubdomain(name).map((text) => text.replace(/characters$/, 'bytes')),
  [`${RBAC}/Role`]: pathSegment,
  [`${RBAC}/ClusterRole`]: pathSegment,
  [`${RBAC}/RoleBinding`]: pathSegment,
  [`${RBAC}/ClusterRoleBinding`]: pathSegment,
}

/** How objects of a kind may be called; a DNS name for all but a few, custom resources among them. */
export function nameRuleOf(kind: GroupKind): TextRule {
  return NAME_RULES[`${kind.group}/${kind.kind}`] ?? dnsSubdomain
}

/** Kinds whose updates are checked like new objects too, so that faults of their metadata are told once more. */
const CHECKED_WHOLE: ReadonlySet<string> = new Set([
  '/ConfigMap',
  '/Endpoints',
  '/Namespace',
  '/Node',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
  '/Pod',
  '/Secret',
  '/ServiceAccount',
  'apiregistration.k8s.io/APIService',
  'apps/ControllerRevision',
  'batch/Job',
  'networking.k8s.io/IPAddress',
  'networking.k8s.io/Ingress',
  'networking.k8s.io/IngressClass',
  'node.k8s.io/RuntimeClass',
  `${RBAC}/ClusterRole`,
  `${RBAC}/ClusterRoleBinding`,
  `${RBAC}/Role`,
  `${RBAC}/RoleBinding`,
  'resource.k8s.io/DeviceClass',
  'resource.k8s.io/ResourceClaim',
  'resource.k8s.io/ResourceClaimTemplate',
  'storage.k8s.io/CSIStorageCapacity',
  'storage.k8s.io/StorageClass',
  'storage.k8s.io/VolumeAttributesClass',
])
/** Kinds that leave the metadata of updates to the registry. */
const UNCHECKED: ReadonlySet<string> = new Set(['policy/PodDisruptionBudget'])

/** Faults of a new object's metadata; its namespace is that of the request, which the request's handling checks. */
export function metadataFaults(object: KubeObject, isCustom: boolean): readonly FieldFault[] {
  const metadata = metadataOf(object)
  const rule = nameRuleOf({ ...splitApiVersion(object.apiVersion), kind: object.kind })
  return [...nameFaults(metadata, rule), ...commonFaults(metadata), ...(isCustom ? [] : ownFinalizers(metadata))]
}

/**
 * Faults of a changed object's metadata against what is stored. The registry looks at all of it, and most kinds look again: what is wrong
 * is told as often as upstream does (apiserver pkg/registry/rest/update.go `validateCommonFields`, then the kind's own update rules).
 */
export function metadataUpdateFaults(object: KubeObject, old: KubeObject, isCustom: boolean): readonly FieldFault[] {
  const [metadata, before] = [metadataOf(object), metadataOf(old)]
  const { group } = splitApiVersion(object.apiVersion)
  const kind = `${group}/${object.kind}`
  const first = [...nameFaults(metadata, pathSegment), ...commonFaults(metadata), ...changeFaults(metadata, before)]
  if (!isCustom && UNCHECKED.has(kind)) return first
  const again = [...changeFaults(metadata, before), ...(isCustom ? [] : ownFinalizers(metadata))]
  const whole = !isCustom && CHECKED_WHOLE.has(kind) ? metadataFaults(object, isCustom) : []
  return [...first, ...again, ...whole]
}

const STAYING = ['name', 'namespace', 'uid', 'creationTimestamp']

function changeFaults(metadata: JsonObject, before: JsonObject): readonly FieldFault[] {
  return [
    ...newFinalizers(metadata, before),
    ...STAYING.flatMap((key) => immutable(`metadata.${key}`, metadata[key], before[key])),
    ...labelFaults(metadata['labels'], 'metadata.labels'),
    ...annotationFaults(metadata),
    ...ownerFaults(metadata),
  ]
}

/** Metadata is JSON like the rest of the object; its interface only lacks the index signature. */
function metadataOf(object: KubeObject): JsonObject {
  return object.metadata as unknown as JsonObject
}

function nameFaults(metadata: JsonObject, rule: TextRule): readonly FieldFault[] {
  const [prefix, name] = [textOf(metadata['generateName']), textOf(metadata['name'])]
  // A prefix may end where a name may not: the random suffix follows.
  const ofPrefix = prefix === '' ? [] : rule(prefix.replace(/-$/, 'a'))
  const faults = ofPrefix.map((text) => invalidValue('metadata.generateName', prefix, text))
  if (name === '') return [...faults, requiredValue('metadata.name', 'name or generateName is required')]
  return [...faults, ...rule(name).map((text) => invalidValue('metadata.name', name, text))]
}

function newFinalizers(metadata: JsonObject, before: JsonObject): readonly FieldFault[] {
  if (before['deletionTimestamp'] === undefined) return []
  const known = new Set(listOf(before['finalizers']))
  const added = listOf(metadata['finalizers']).filter((finalizer) => !known.has(finalizer))
  if (added.length === 0) return []
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ')
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`
  return [forbiddenValue('metadata.finalizers', text)]
}

/** A field that stays as it was made. */
export function immutable(
  field: string,
  value: JsonValue | undefined,
  before: JsonValue | undefined,
): readonly FieldFault[] {
  const isSame = deepEqual(value, before) || (isAbsent(value) && isAbsent(before))
  return isSame ? [] : [invalidValue(field, value ?? null, 'field is immutable')]
}

function commonFaults(metadata: JsonObject): readonly FieldFault[] {
  const faults: FieldFault[] = []
  if (numberOf(metadata['generation']) < 0)
    faults.push(invalidValue('metadata.generation', metadata['generation'], 'must be greater than or equal to 0'))
  return [
    ...faults,
    ...labelFaults(metadata['labels'], 'metadata.labels'),
    ...annotationFaults(metadata),
    ...ownerFaults(metadata),
    ...finalizerFaults(listOf(metadata['finalizers'])),
  ]
}

function finalizerFaults(finalizers: readonly JsonValue[]): readonly FieldFault[] {
  const names = finalizers.map(textOf)
  const faults = names.flatMap((name) =>
    labelKeyFaults(name).map((text) => invalidValue('metadata.finalizers', name, text)),
  )
  if (names.includes('orphan') && names.includes('foregroundDeletion')) {
    const text = 'finalizer orphan and foregroundDeletion cannot be both set'
    faults.push(invalidValue('metadata.finalizers', names, text))
  }
  return faults
}

/** Built-in kinds have finalizers without a slash only of the standard ones (pkg/apis/core/validation `ValidateObjectMeta`). */
function ownFinalizers(metadata: JsonObject): readonly FieldFault[] {
  return listOf(metadata['finalizers']).flatMap((value, index) => {
    const name = textOf(value)
    if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return []
    const text = 'name is neither a standard finalizer name nor is it fully qualified'
    return [invalidValue(`metadata.finalizers[${index}]`, name, text)]
  })
}

/** Keys and values of labels; both are told under the map's own path. */
export function labelFaults(labels: JsonValue | undefined, field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  for (const [key, value] of Object.entries(objectOf(labels))) {
    faults.push(...labelKeyFaults(key).map((text) => invalidValue(field, key, text)))
    faults.push(...labelValueFaults(textOf(value)).map((text) => invalidValue(field, value, text)))
  }
  return faults
}

/** Keys and size of the annotations of `metadata`, which stands at `path`. */
export function annotationFaults(metadata: JsonObject, path = 'metadata'): readonly FieldFault[] {
  const faults: FieldFault[] = []
  let size = 0
  for (const [key, value] of Object.entries(objectOf(metadata['annotations']))) {
    // The name is checked as Go does, in lower case: annotations may be written in capitals.
    faults.push(...labelKeyFaults(key.toLowerCase()).map((text) => invalidValue(`${path}.annotations`, key, text)))
    size += Buffer.byteLength(key) + Buffer.byteLength(textOf(value))
  }
  return size > MAX_ANNOTATIONS ? [...faults, tooLong(`${path}.annotations`, MAX_ANNOTATIONS)] : faults
}

function ownerFaults(metadata: JsonObject): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const field = 'metadata.ownerReferences'
  let controller: string | undefined
  for (const owner of objectsOf(metadata['ownerReferences'])) {
    if (textOf(owner['apiVersion']) === '')
      faults.push(invalidValue(`${field}.apiVersion`, '', 'version must not be empty'))
    for (const key of ['kind', 'name', 'uid'])
      if (textOf(owner[key]) === '') faults.push(invalidValue(`${field}.${key}`, '', 'must not be empty'))
    const name = `${textOf(owner['kind'])}/${textOf(owner['name'])}`
    if (owner['controller'] !== true) continue
    if (controller === undefined) controller = name
    else faults.push(invalidValue(field, metadata['ownerReferences'], twoControllers(controller, name)))
  }
  return faults
}

function twoControllers(first: string, second: string): string {
  return `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`
}

type TypeCheck = (value: JsonValue) => boolean

const isText: TypeCheck = (value) => typeof value === 'string'
const isTextMap: TypeCheck = (value) => isObject(value) && Object.values(value).every(isText)

const METADATA_TYPES: Readonly<Record<string, TypeCheck>> = {
  labels: isTextMap,
  annotations: isTextMap,
  finalizers: (value) => isList(value) && value.every(isText),
  ownerReferences: (value) => isList(value) && value.every(isObject),
  managedFields: isList,
  name: isText,
  generateName: isText,
  namespace: isText,
  uid: isText,
  resourceVersion: isText,
}

/** The first field of metadata that is not of its type; typed kinds were checked by their schema. */
export function metadataTypeFault(metadata: JsonValue | undefined): string | undefined {
  if (metadata === undefined) return undefined
  if (!isObject(metadata)) return 'metadata'
  for (const [field, isFine] of Object.entries(METADATA_TYPES)) {
    const value = metadata[field] ?? null
    if (value !== null && !isFine(value)) return `metadata.${field}`
  }
  return undefined
}
