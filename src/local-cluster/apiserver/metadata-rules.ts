// What metadata must look like: names, labels, annotations, finalizers, owners (apimachinery `ValidateObjectMeta`, v0.36.3).
import { isList, isObject } from '../../kube/json-value.ts'
import type { JsonValue, KubeObject, OwnerReference } from '../../kube/object.ts'
import type { FieldFault } from '../kinds/contract.ts'
import { labelFaultText, nameFaults, qualifiedNameFaults, type NameRule } from './names.ts'
import { fault, forbiddenValue, invalidValue, requiredValue } from './status.ts'

/** Annotations may take this much together: `TotalAnnotationSizeLimitB`. */
const MAX_ANNOTATION_BYTES = 256 * 1024

/** Finalizers that need no domain. */
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

/** Rules that differ by resource. */
export interface MetadataRules {
  readonly name: NameRule
  /** Custom resources may have finalizers without a slash; built-in kinds only the standard ones (pkg/apis/core/validation `ValidateObjectMeta`). */
  readonly isCustom: boolean
}

/** Faults of the metadata of a new object. */
export function metadataFaults(object: KubeObject, { name: rule, isCustom }: MetadataRules): readonly FieldFault[] {
  const { metadata } = object
  const name = metadata.name ?? ''
  return [
    ...generateNameFaults(metadata.generateName ?? '', rule),
    ...(name === ''
      ? [requiredValue('metadata.name', 'name or generateName is required')]
      : nameFaults(name, rule).map((text) => invalidValue('metadata.name', name, text))),
    ...generationFaults(metadata.generation),
    ...labelFaults(metadata.labels, 'metadata.labels'),
    ...annotationFaults(metadata.annotations),
    ...ownerFaults(metadata.ownerReferences ?? []),
    ...finalizerFaults(metadata.finalizers ?? [], isCustom),
  ]
}

/** Faults of a change of metadata beyond those of a new object. */
export function metadataUpdateFaults(object: KubeObject, old: KubeObject, rules: MetadataRules): readonly FieldFault[] {
  return [...immutableFaults(object, old), ...newFinalizerFaults(object, old), ...metadataFaults(object, rules)]
}

function generateNameFaults(prefix: string, rule: NameRule): readonly FieldFault[] {
  if (prefix === '') return []
  return nameFaults(`${prefix.replace(/-$/, 'a')}`, rule).map((text) =>
    invalidValue('metadata.generateName', prefix, text),
  )
}

function generationFaults(generation: number | undefined): readonly FieldFault[] {
  if (generation === undefined || generation >= 0) return []
  return [invalidValue('metadata.generation', generation, 'must be greater than or equal to 0')]
}

/** Faults of a map of labels standing at `field`. */
export function labelFaults(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): readonly FieldFault[] {
  const found: FieldFault[] = []
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const text of qualifiedNameFaults(key)) found.push(invalidValue(field, key, text))
    for (const text of labelFaultText(value)) found.push(invalidValue(field, value, text))
  }
  return found
}

function annotationFaults(annotations: Readonly<Record<string, string>> | undefined): readonly FieldFault[] {
  const found: FieldFault[] = []
  let size = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    // The name is checked as Go does, in lower case: annotations may be written in capitals.
    for (const text of qualifiedNameFaults(key.toLowerCase()))
      found.push(invalidValue('metadata.annotations', key, text))
    size += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (size > MAX_ANNOTATION_BYTES) {
    found.push(
      fault(
        'FieldValueTooLong',
        'metadata.annotations',
        `Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes`,
      ),
    )
  }
  return found
}

function ownerFaults(owners: readonly OwnerReference[]): readonly FieldFault[] {
  const found: FieldFault[] = []
  const controllers = owners.filter((owner) => owner.controller === true)
  for (const owner of owners) {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if ((owner[field] ?? '') === '')
        found.push(
          invalidValue(
            `metadata.ownerReferences.${field}`,
            '',
            field === 'apiVersion' ? 'version must not be empty' : 'must not be empty',
          ),
        )
    }
  }
  const [first, second] = controllers
  if (first !== undefined && second !== undefined) {
    const text = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`
    found.push(invalidValue('metadata.ownerReferences', owners.map(ownerValue), text))
  }
  return found
}

/** An owner reference as Go prints it: fields in their order, absent ones left out. */
function ownerValue(owner: OwnerReference): JsonValue {
  const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = owner
  return {
    apiVersion,
    kind,
    name,
    uid,
    ...(controller === undefined ? {} : { controller }),
    ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }),
  }
}

function finalizerFaults(finalizers: readonly string[], isCustom: boolean): readonly FieldFault[] {
  const found: FieldFault[] = []
  for (const [index, finalizer] of finalizers.entries()) {
    const field = `metadata.finalizers[${index}]`
    for (const text of qualifiedNameFaults(finalizer)) found.push(invalidValue(field, finalizer, text))
    if (!isCustom && !finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer)) {
      found.push(invalidValue(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'))
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const text = 'finalizer orphan and foregroundDeletion cannot be both set'
    found.push(invalidValue('metadata.finalizers', [...finalizers], text))
  }
  return found
}

function newFinalizerFaults(object: KubeObject, old: KubeObject): readonly FieldFault[] {
  if (old.metadata.deletionTimestamp === undefined) return []
  const known = new Set(old.metadata.finalizers)
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer))
  if (added.length === 0) return []
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ')
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`
  // The real server checks metadata in two places and reports both.
  return [forbiddenValue('metadata.finalizers', text), forbiddenValue('metadata.finalizers', text)]
}

function immutableFaults(object: KubeObject, old: KubeObject): readonly FieldFault[] {
  const found: FieldFault[] = []
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp'] as const) {
    const [now, before] = [object.metadata[field] ?? '', old.metadata[field] ?? '']
    if (now !== before) found.push(invalidValue(`metadata.${field}`, now, 'field is immutable'))
  }
  return found
}

type TypeCheck = (value: JsonValue) => boolean

const isTextMap: TypeCheck = (value) =>
  isObject(value) && Object.values(value).every((text) => typeof text === 'string')
const isText: TypeCheck = (value) => typeof value === 'string'

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
