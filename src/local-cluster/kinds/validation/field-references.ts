// Fields and amounts of a pod that its own variables and files show (pkg/apis/core/validation, validateObjectFieldSelector, 1.36.3).
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { FieldFault } from '../contract.ts'
import { textOf } from '../edit.ts'
import { invalidValue, notSupported, requiredValue } from './faults.ts'

/** What variables may show. */
export const VARIABLE_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What files may show. */
export const FILE_FIELDS: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
/** What the names of fields are converted for; each place takes some of them. */
const CONVERTED: ReadonlySet<string> = new Set([
  ...VARIABLE_FIELDS,
  ...FILE_FIELDS,
  'spec.host',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])
const SUBSCRIPT = /^(?<path>[^[\]]*)\['(?<key>.*)'\]$/

/** Faults of a `fieldRef`; `fields` are those the place takes. */
export function fieldReference(reference: JsonObject, field: string, fields: readonly string[]): readonly FieldFault[] {
  const [version, path] = [textOf(reference['apiVersion']), textOf(reference['fieldPath'])]
  if (version === '') return [requiredValue(`${field}.apiVersion`)]
  if (path === '') return [requiredValue(`${field}.fieldPath`)]
  const groups = SUBSCRIPT.exec(path)?.groups
  const unknown = conversionFault(version, path, groups?.['path'])
  if (unknown !== undefined) return [invalidValue(`${field}.fieldPath`, path, `error converting fieldPath: ${unknown}`)]
  if (groups === undefined) {
    const converted = path === 'spec.host' ? 'spec.nodeName' : path
    return fields.includes(converted) ? [] : [notSupported(`${field}.fieldPath`, converted, fields)]
  }
  const given = groups['key'] ?? ''
  const key = groups['path'] === 'metadata.annotations' ? given.toLowerCase() : given
  return labelKeyFaults(key).map((text) => invalidValue(field, key, text))
}

function conversionFault(version: string, path: string, subscripted: string | undefined): string | undefined {
  if (version !== 'v1') return `unsupported pod version: ${version}`
  if (subscripted === undefined) return CONVERTED.has(path) ? undefined : `field label not supported: ${path}`
  const takesKey = subscripted === 'metadata.annotations' || subscripted === 'metadata.labels'
  return takesKey ? undefined : `field label does not support subscript: ${path}`
}

const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const HUGE_PAGES = /^(?:limits|requests)\.hugepages-/
const SIZES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const SIZES_TEXT = `only divisor's values ${SIZES.join(', ')} are supported with the`

/** Faults of a `resourceFieldRef`; files have to say of which container. */
export function resourceReference(reference: JsonObject, field: string, isFile: boolean): readonly FieldFault[] {
  const resource = textOf(reference['resource'])
  const divided = divisorFaults(resource, textOf(reference['divisor']), `${field}.divisor`)
  if (isFile && textOf(reference['containerName']) === '') return [requiredValue(`${field}.containerName`), ...divided]
  if (resource === '') return [requiredValue(`${field}.resource`), ...divided]
  if (RESOURCES.includes(resource) || HUGE_PAGES.test(resource)) return divided
  return [notSupported(`${field}.resource`, resource, RESOURCES), ...divided]
}

/** Upstream shows the resource where the divisor is wrong. */
function divisorFaults(resource: string, divisor: string, field: string): readonly FieldFault[] {
  if (divisor === '' || quantityOf(divisor)?.nano === 0n) return []
  const name = HUGE_PAGES.test(resource) ? 'hugepages' : resource.slice(resource.indexOf('.') + 1)
  const isKnown = name === 'hugepages' || RESOURCES.includes(resource)
  const choices = name === 'cpu' ? ['1m', '1'] : SIZES
  if (!isKnown || choices.includes(divisor)) return []
  if (name === 'cpu') return [invalidValue(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource")] // prettier-ignore
  const called = name === 'ephemeral-storage' ? 'local ephemeral storage' : name
  return [invalidValue(field, resource, `${SIZES_TEXT} ${called} resource`)]
}
