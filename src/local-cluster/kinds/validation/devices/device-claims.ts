// Claims of devices, and templates and classes of them (pkg/apis/resource/validation, 1.36.3).
import { deepEqual } from '../../../../kube/json-value.ts'
import { labelKeyFaults } from '../../../../kube/label-names.ts'
import type { JsonObject } from '../../../../kube/object.ts'
import type { FieldFault } from '../../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf } from '../../edit.ts'
import { invalidValue, notSupported, requiredValue } from '../faults.ts'
import { internalValue } from '../internal-values.ts'
import { annotationFaults, labelFaults } from '../metadata.ts'
import { requiredName, ruleFaults } from '../named-faults.ts'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import {
  configurationFaults,
  deviceTolerationFaults,
  fullNameFaults,
  itemFaults,
  repeatedFaults,
  textsOf,
} from './device-names.ts'
import { deviceSelectorFaults } from './device-selectors.ts'

/** Requests, constraints and configurations of one claim. */
const MAX_PARTS = 32
const MAX_ALTERNATIVES = 8
const MODES = ['All', 'ExactCount']
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

/** A ResourceClaim, whose spec never changes. */
export function validateDeviceClaim(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  if (old === undefined) return claimFaults(objectOf(spec['devices']), 'spec.devices')
  return sameSpec('resource.ResourceClaimSpec', spec, objectOf(old['spec']))
}

/** A ResourceClaimTemplate, whose spec never changes. */
export function validateDeviceClaimTemplate(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const metadata = objectOf(spec['metadata'])
  return [
    ...annotationFaults(metadata, 'spec.metadata'),
    ...labelFaults(metadata['labels'], 'spec.metadata.labels'),
    ...claimFaults(objectOf(objectOf(spec['spec'])['devices']), 'spec.spec.devices'),
    ...(old === undefined ? [] : sameSpec('resource.ResourceClaimTemplateSpec', spec, objectOf(old['spec']))),
  ]
}

function sameSpec(type: string, spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  return deepEqual(spec, before) ? [] : [invalidValue('spec', internalValue(type, spec), 'field is immutable')]
}

/** A DeviceClass. */
export function validateDeviceClass(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const name = spec['extendedResourceName']
  const isWrong = !isAbsent(name) && !isExtendedResource(textOf(name))
  return [
    ...deviceSelectorFaults(spec, 'spec'),
    ...itemFaults(objectsOf(spec['config']), 'spec.config', MAX_PARTS, configurationFaults),
    ...(isWrong ? [invalidValue('spec.extendedResourceName', name, 'must be a valid extended resource name')] : []),
  ]
}

/** A resource that is not Kubernetes' own: `example.com/gpu`. */
function isExtendedResource(name: string): boolean {
  if (!name.includes('/') || name.includes('kubernetes.io/') || name.startsWith('requests.')) return false
  return labelKeyFaults(`requests.${name}`).length === 0
}

function claimFaults(devices: JsonObject, field: string): readonly FieldFault[] {
  const requests = objectsOf(devices['requests'])
  const names = requestNames(requests)
  const refer = (name: string, path: string): readonly FieldFault[] => referenceFaults(name, path, names)
  return [
    ...namedItems(requests, `${field}.requests`, MAX_PARTS, requestFaults),
    ...itemFaults(objectsOf(devices['constraints']), `${field}.constraints`, MAX_PARTS, (constraint, path) => [
      ...referencesFaults(constraint, path, refer),
      ...attributeFaults(constraint, path),
    ]),
    ...itemFaults(objectsOf(devices['config']), `${field}.config`, MAX_PARTS, (config, path) => [
      ...referencesFaults(config, path, refer),
      ...configurationFaults(config, path),
    ]),
  ]
}

/** Items that no two may be called the same. */
function namedItems(
  items: readonly JsonObject[],
  field: string,
  maximum: number,
  rule: (item: JsonObject, field: string) => readonly FieldFault[],
): readonly FieldFault[] {
  const faults = itemFaults(items, field, maximum, rule)
  if (items.length > maximum) return faults
  const names = items.map(({ name }) => textOf(name))
  return [...faults, ...repeatedFaults(names, field)]
}

/** Names of requests, each with those of its alternatives. */
type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

function requestNames(requests: readonly JsonObject[]): RequestNames {
  return new Map(
    requests.map((request) => {
      const inner = objectsOf(request['firstAvailable']).map(({ name }) => textOf(name))
      return [textOf(request['name']), new Set(inner)]
    }),
  )
}

type Refer = (name: string, field: string) => readonly FieldFault[]

function referencesFaults(owner: JsonObject, field: string, refer: Refer): readonly FieldFault[] {
  const names = textsOf(owner['requests'])
  const faults = itemFaults(names, `${field}.requests`, MAX_PARTS, refer)
  return names.length > MAX_PARTS ? faults : [...faults, ...repeatedFaults(names, `${field}.requests`)]
}

function referenceFaults(name: string, field: string, names: RequestNames): readonly FieldFault[] {
  const segments = name.split('/')
  const [request = '', alternative] = segments
  if (segments.length > 2) return [invalidValue(field, name, NO_REQUEST)]
  const faults = segments.flatMap((segment) => ruleFaults(segment, field, dnsLabel))
  const inner = names.get(request)
  const isKnown = inner !== undefined && (alternative === undefined || inner.has(alternative))
  return isKnown ? faults : [...faults, invalidValue(field, name, NO_REQUEST)]
}

function attributeFaults(constraint: JsonObject, field: string): readonly FieldFault[] {
  const { matchAttribute, distinctAttribute } = constraint
  if (!isAbsent(matchAttribute)) return fullNameFaults(textOf(matchAttribute), `${field}.matchAttribute`)
  if (!isAbsent(distinctAttribute)) return fullNameFaults(textOf(distinctAttribute), `${field}.distinctAttribute`)
  // Upstream says so of none, too.
  const text = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
  return [requiredValue(field, text)]
}

const ONE_OF = 'exactly one of `exactly` or `firstAvailable` is required'

function requestFaults(request: JsonObject, field: string): readonly FieldFault[] {
  const alternatives = objectsOf(request['firstAvailable'])
  const isExact = !isAbsent(request['exactly'])
  const faults = ruleFaults(request['name'], `${field}.name`, dnsLabel)
  if (isExact && alternatives.length > 0)
    return [...faults, invalidValue(field, null, `${ONE_OF}, but multiple fields are set`)]
  if (isExact) return [...faults, ...exactFaults(objectOf(request['exactly']), `${field}.exactly`)]
  if (alternatives.length === 0) return [...faults, requiredValue(field, ONE_OF)]
  return [
    ...faults,
    ...namedItems(alternatives, `${field}.firstAvailable`, MAX_ALTERNATIVES, (alternative, path) => [
      ...ruleFaults(alternative['name'], `${path}.name`, dnsLabel),
      ...exactFaults(alternative, path),
    ]),
  ]
}

function exactFaults(request: JsonObject, field: string): readonly FieldFault[] {
  return [
    ...requiredName(request['deviceClassName'], `${field}.deviceClassName`, dnsSubdomain),
    ...deviceSelectorFaults(request, field),
    ...modeFaults(request, field),
    ...objectsOf(request['tolerations']).flatMap((toleration, index) =>
      deviceTolerationFaults(toleration, `${field}.tolerations[${index}]`),
    ),
  ]
}

function modeFaults(request: JsonObject, field: string): readonly FieldFault[] {
  const [mode, count] = [textOf(request['allocationMode']), numberOf(request['count'])]
  switch (mode) {
    case 'All':
      return count === 0 ? [] : [invalidValue(`${field}.count`, count, "must not be specified when allocationMode is 'All'")] // prettier-ignore
    case 'ExactCount':
      return count > 0 ? [] : [invalidValue(`${field}.count`, count, 'must be greater than zero')]
    default:
      return [notSupported(`${field}.allocationMode`, mode, MODES)]
  }
}
