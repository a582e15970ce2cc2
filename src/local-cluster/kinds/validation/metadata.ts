// Validation of metadata, the same for every kind (apimachinery pkg/api/validation/objectmeta.go, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import { Buffer } from 'node:buffer'
import type { GroupKind, JsonObject, KubeObject } from '../../../kube/object.ts'
import { splitApiVersion } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbidden, invalid, required, tooLong } from './faults.ts'
import { dnsLabel, dnsSubdomain, labelValue, pathSegment, qualifiedName, type TextRule } from './names.ts'

/** All keys and values of annotations together. */
const MAX_ANNOTATIONS = 256 * 1024
const RBAC = 'rbac.authorization.k8s.io'
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

const NAME_RULES: Readonly<Record<string, TextRule>> = {
  '/Namespace': dnsLabel,
  '/Service': dnsLabel,
  'apps/StatefulSet': dnsLabel,
  [`${RBAC}/Role`]: pathSegment,
  [`${RBAC}/ClusterRole`]: pathSegment,
  [`${RBAC}/RoleBinding`]: pathSegment,
  [`${RBAC}/ClusterRoleBinding`]: pathSegment,
}

/** How objects of a kind may be called; a DNS name for all but a few, custom resources among them. */
export function nameRuleOf(kind: GroupKind): TextRule {
  return NAME_RULES[`${kind.group}/${kind.kind}`] ?? dnsSubdomain
}

/** Faults of a new object's metadata. `namespaced` says which scope its resource has. */
export function validateMetadata(object: KubeObject, namespaced: boolean): readonly FieldFault[] {
  // Metadata is JSON like the rest of the object; the interface only lacks the index signature.
  const metadata = object.metadata as unknown as JsonObject
  const rule = nameRuleOf({ ...splitApiVersion(object.apiVersion), kind: object.kind })
  return [...nameFaults(metadata, rule), ...scopeFaults(metadata, namespaced), ...commonFaults(metadata)]
}

function nameFaults(metadata: JsonObject, rule: TextRule): readonly FieldFault[] {
  const [prefix, name] = [textOf(metadata['generateName']), textOf(metadata['name'])]
  // A prefix may end where a name may not: the random suffix follows.
  const ofPrefix = prefix === '' ? [] : rule(prefix.replace(/-$/, 'a'))
  const faults = ofPrefix.map((text) => invalid('metadata.generateName', prefix, text))
  if (name === '') return [...faults, required('metadata.name', 'name or generateName is required')]
  return [...faults, ...rule(name).map((text) => invalid('metadata.name', name, text))]
}

function scopeFaults(metadata: JsonObject, namespaced: boolean): readonly FieldFault[] {
  const namespace = textOf(metadata['namespace'])
  if (!namespaced) return namespace === '' ? [] : [forbidden('metadata.namespace', 'not allowed on this type')]
  if (namespace === '') return [required('metadata.namespace')]
  return dnsLabel(namespace).map((text) => invalid('metadata.namespace', namespace, text))
}

/** Faults of an update's metadata against what is stored. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): readonly FieldFault[] {
  const metadata = object.metadata as unknown as JsonObject
  const before = old.metadata as unknown as JsonObject
  const faults: FieldFault[] = []
  if (before['deletionTimestamp'] !== undefined) faults.push(...newFinalizers(metadata, before))
  if (textOf(metadata['resourceVersion']) === '')
    faults.push(
      invalid('metadata.resourceVersion', metadata['resourceVersion'] ?? '', 'must be specified for an update'),
    )
  if (numberOf(metadata['generation']) < numberOf(before['generation']))
    faults.push(invalid('metadata.generation', metadata['generation'], 'must not be decremented'))
  for (const key of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ])
    faults.push(...immutable(`metadata.${key}`, metadata[key], before[key]))
  return [...faults, ...labelFaults(metadata['labels'], 'metadata.labels'), ...annotationFaults(metadata), ...ownerFaults(metadata)] // prettier-ignore
}

function newFinalizers(metadata: JsonObject, before: JsonObject): readonly FieldFault[] {
  const known = new Set(listOf(before['finalizers']))
  const added = listOf(metadata['finalizers']).filter((finalizer) => !known.has(finalizer))
  if (added.length === 0) return []
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ')
  return [
    forbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
    ),
  ]
}

/** A field that stays as it was made. */
export function immutable(
  field: string,
  value: JsonObject[string] | undefined,
  before: JsonObject[string] | undefined,
): readonly FieldFault[] {
  const isSame = deepEqual(value, before) || (isAbsent(value) && isAbsent(before))
  return isSame ? [] : [invalid(field, value ?? null, 'field is immutable')]
}

function commonFaults(metadata: JsonObject): readonly FieldFault[] {
  const faults: FieldFault[] = []
  if (numberOf(metadata['generation']) < 0)
    faults.push(invalid('metadata.generation', metadata['generation'], 'must be greater than or equal to 0'))
  faults.push(...labelFaults(metadata['labels'], 'metadata.labels'), ...annotationFaults(metadata), ...ownerFaults(metadata)) // prettier-ignore
  for (const [index, value] of listOf(metadata['finalizers']).entries()) {
    const finalizer = textOf(value)
    faults.push(...qualifiedName(finalizer).map((text) => invalid('metadata.finalizers', finalizer, text)))
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer)) {
      const text = 'name is neither a standard finalizer name nor is it fully qualified'
      faults.push(invalid(`metadata.finalizers[${index}]`, finalizer, text))
    }
  }
  return faults
}

/** Keys and values of labels; both are told under the map's own path. */
export function labelFaults(labels: JsonObject[string] | undefined, field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  for (const [key, value] of Object.entries(objectOf(labels))) {
    faults.push(...qualifiedName(key).map((text) => invalid(field, key, text)))
    faults.push(...labelValue(textOf(value)).map((text) => invalid(field, value, text)))
  }
  return faults
}

/** Keys and size of the annotations of `metadata`, which stands at `path`. */
export function annotationFaults(metadata: JsonObject, path = 'metadata'): readonly FieldFault[] {
  const faults: FieldFault[] = []
  let size = 0
  for (const [key, value] of Object.entries(objectOf(metadata['annotations']))) {
    faults.push(...qualifiedName(key.toLowerCase()).map((text) => invalid(`${path}.annotations`, key, text)))
    size += Buffer.byteLength(key) + Buffer.byteLength(textOf(value))
  }
  return size > MAX_ANNOTATIONS ? [...faults, tooLong(`${path}.annotations`, MAX_ANNOTATIONS)] : faults
}

function ownerFaults(metadata: JsonObject): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const field = 'metadata.ownerReferences'
  let controller: string | undefined
  for (const owner of objectsOf(metadata['ownerReferences'])) {
    if (textOf(owner['apiVersion']) === '') faults.push(invalid(`${field}.apiVersion`, '', 'version must not be empty'))
    for (const key of ['kind', 'name', 'uid'])
      if (textOf(owner[key]) === '') faults.push(invalid(`${field}.${key}`, '', 'must not be empty'))
    const name = `${textOf(owner['kind'])}/${textOf(owner['name'])}`
    if (owner['controller'] !== true) continue
    if (controller === undefined) controller = name
    else faults.push(invalid(field, metadata['ownerReferences'], twoControllers(controller, name)))
  }
  return faults
}

function twoControllers(first: string, second: string): string {
  return `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`
}
