// Claims to storage (pkg/apis/core/validation, ValidatePersistentVolumeClaim, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, put, textOf, without } from '../edit.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { valueDiff } from './line-diff.ts'
import { immutable } from './metadata.ts'
import { nameIfSet, requiredTexts } from './named-faults.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import { choiceIfSet, positiveQuantity } from './numbers.ts'
import { selectorFaults } from './selectors.ts'

const CLAIM = 'PersistentVolumeClaimSpec'
const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

export function validateClaim(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const before = objectOf(old?.['spec'])
  const isLenient = [before['dataSource'], before['dataSourceRef']].some((one) => !isAbsent(objectOf(one)['apiGroup']))
  const faults = claimSpecFaults(spec, 'spec', isLenient)
  return old === undefined ? faults : [...faults, ...claimChanges(object, spec, old)]
}

/** Faults of a claim's spec; `isLenient` where the old claim named a group, whose form was not looked at once. */
export function claimSpecFaults(spec: JsonObject, field: string, isLenient = false): readonly FieldFault[] {
  const modes = listOf(spec['accessModes'])
  const faults = modes.length === 0 ? [requiredValue(`${field}.accessModes`, 'at least 1 access mode is required')] : []
  faults.push(...selectorFaults(objectOf(spec['selector']), `${field}.selector`), ...accessModeFaults(modes, field))
  const storage = objectOf(objectOf(spec['resources'])['requests'])['storage']
  const size = `${field}.resources[storage]`
  if (isAbsent(storage)) faults.push(requiredValue(size))
  else faults.push(...positiveQuantity(storage, size))
  faults.push(...nameIfSet(spec['storageClassName'], `${field}.storageClassName`, dnsSubdomain))
  faults.push(...choiceIfSet(spec['volumeMode'], `${field}.volumeMode`, ['Block', 'Filesystem']))
  faults.push(...dataSourceFaults(spec, field, isLenient))
  return [
    ...faults,
    ...nameIfSet(spec['volumeAttributesClassName'], `${field}.volumeAttributesClassName`, dnsSubdomain),
  ]
}

/** Faults of `accessModes` of claims and volumes. */
export function accessModeFaults(modes: readonly JsonValue[], field: string): readonly FieldFault[] {
  const at = `${field}.accessModes`
  const faults = modes.filter((mode) => !MODES.includes(textOf(mode))).map((mode) => notSupported(at, mode, MODES))
  const isMixed = modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && MODES.includes(textOf(mode))) // prettier-ignore
  return isMixed ? [...faults, forbiddenValue(at, 'may not use ReadWriteOncePod with other access modes')] : faults
}

function dataSourceFaults(spec: JsonObject, field: string, isLenient: boolean): readonly FieldFault[] {
  const { dataSource, dataSourceRef } = spec
  const faults = ['dataSource', 'dataSourceRef'].flatMap((key) =>
    isAbsent(spec[key]) ? [] : sourceFaults(objectOf(spec[key]), `${field}.${key}`, isLenient),
  )
  if (isAbsent(dataSource) || isAbsent(dataSourceRef)) return faults
  const [one, other] = [objectOf(dataSource), objectOf(dataSourceRef)]
  // Upstream shows the path in place of the value.
  if (textOf(other['namespace']) !== '')
    return [...faults, invalidValue(field, {}, 'may not be specified when dataSourceRef.namespace is specified')]
  const isSame = ['apiGroup', 'kind', 'name'].every((key) => (one[key] ?? null) === (other[key] ?? null))
  return isSame ? faults : [...faults, invalidValue(field, {}, 'must match dataSourceRef')]
}

function sourceFaults(source: JsonObject, field: string, isLenient: boolean): readonly FieldFault[] {
  const faults = requiredTexts(source, field, 'name', 'kind')
  const [group, kind] = [textOf(source['apiGroup']), textOf(source['kind'])]
  if (group === '' && kind !== 'PersistentVolumeClaim')
    faults.push(invalidValue(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  if (!isLenient) faults.push(...nameIfSet(group, `${field}.apiGroup`, dnsSubdomain))
  return [...faults, ...nameIfSet(source['namespace'], `${field}.namespace`, dnsLabel)]
}

function claimChanges(object: JsonObject, spec: JsonObject, old: JsonObject): readonly FieldFault[] {
  const before = objectOf(old['spec'])
  const isBound = objectOf(object['status'])['phase'] === 'Bound'
  const faults: FieldFault[] = []
  const [annotation, annotated] = [annotationOf(object), annotationOf(old)]
  const isUpgraded = takesOverAnnotation(spec, before, { annotation, annotated })
  if (!isUpgraded)
    faults.push(...immutable(`metadata.annotations.${CLASS_ANNOTATION}`, annotation ?? '', annotated ?? ''))
  const text =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n'
  const takesClass = isUpgraded || takesFirstClass(spec, before, annotated)
  const now = comparable(spec, before, { isBound, takesClass })
  const then = textOf(before['volumeName']) === '' ? withVolume(before, spec) : before
  if (!deepEqual(now, then)) {
    const difference = valueDiff(internalValue(CLAIM, then), internalValue(CLAIM, now))
    faults.push(forbiddenValue('spec', text + difference))
  }
  const [size, was, has] = [sizeOf(spec, 'resources', 'requests'), sizeOf(before, 'resources', 'requests'), sizeOf(objectOf(old['status']), 'capacity')] // prettier-ignore
  if (size < was && size <= has)
    faults.push(forbiddenValue('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  faults.push(...immutable('volumeMode', spec['volumeMode'], before['volumeMode']))
  return [...faults, ...attributesChange(spec, objectOf(old['status']))]
}

function annotationOf(object: JsonObject): JsonValue | undefined {
  return objectOf(objectOf(object['metadata'])['annotations'])[CLASS_ANNOTATION]
}

interface Annotations {
  readonly annotation: JsonValue | undefined
  readonly annotated: JsonValue | undefined
}

/** The class may move from the old annotation into the spec. */
function takesOverAnnotation(spec: JsonObject, before: JsonObject, { annotation, annotated }: Annotations): boolean {
  const isMoved = annotated !== undefined && isAbsent(before['storageClassName']) && spec['storageClassName'] === annotated // prettier-ignore
  return isMoved && (annotation === undefined || annotation === annotated)
}

/** A claim without a class may get one. */
function takesFirstClass(spec: JsonObject, before: JsonObject, annotated: JsonValue | undefined): boolean {
  if (isAbsent(spec['storageClassName']) || !isAbsent(before['storageClassName'])) return false
  return annotated === undefined || spec['storageClassName'] === annotated
}

function withVolume(before: JsonObject, spec: JsonObject): JsonObject {
  const name = spec['volumeName']
  return isAbsent(name) ? without(before, 'volumeName') : put(before, 'volumeName', name)
}

/** The spec with what may change set back to what it was. */
function comparable(
  spec: JsonObject,
  before: JsonObject,
  { isBound, takesClass }: { readonly isBound: boolean; readonly takesClass: boolean },
): JsonObject {
  let edited = takesClass ? without(spec, 'storageClassName') : spec
  if (!isBound) return edited
  const resources = objectOf(edited['resources'])
  const storage = objectOf(objectOf(before['resources'])['requests'])['storage'] ?? null
  const attributes = before['volumeAttributesClassName']
  edited = isAbsent(attributes) ? without(edited, 'volumeAttributesClassName') : put(edited, 'volumeAttributesClassName', attributes) // prettier-ignore
  if (isAbsent(resources['requests'])) return edited
  return put(edited, 'resources', { ...resources, requests: { ...objectOf(resources['requests']), storage } })
}

function sizeOf(object: JsonObject, ...path: readonly string[]): bigint {
  let current = object
  for (const key of path) current = objectOf(current[key])
  return quantityOf(textOf(current['storage']))?.nano ?? 0n
}

/** Attributes that a volume has got are not taken away. */
function attributesChange(spec: JsonObject, status: JsonObject): readonly FieldFault[] {
  const name = spec['volumeAttributesClassName']
  if (isAbsent(status['currentVolumeAttributesClassName']) || textOf(name) !== '') return []
  const to = isAbsent(name) ? 'nil' : 'empty string'
  const text = `update to ${to} is forbidden when status.currentVolumeAttributesClassName is not nil`
  return [forbiddenValue('spec.volumeAttributesClassName', text)]
}
