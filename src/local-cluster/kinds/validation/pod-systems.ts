// What the operating system and the namespaces of the node leave to a pod (pkg/apis/core/validation, validateWindows and siblings, 1.36.3).
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue, notSupported, requiredValue, tooLong } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { ruleFaults } from './named-faults.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'

const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers']

/** Faults of `os`, and of what that system does not know. */
export function systemFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (isAbsent(spec['os'])) return []
  const name = textOf(objectOf(spec['os'])['name'])
  if (name === '') return [requiredValue(`${field}.os.name`)]
  if (name === 'linux') return linuxFaults(spec, field)
  if (name === 'windows') return windowsFaults(spec, field)
  return [notSupported(`${field}.os`, name, ['linux', 'windows'])]
}

/** Every security context of a pod with its path, the pod's own first. */
function contextsOf(spec: JsonObject, field: string): readonly (readonly [path: string, context: JsonObject])[] {
  const ofContainers = CONTAINERS.flatMap((key) =>
    objectsOf(spec[key]).map(
      (container, index) =>
        [`${field}.${key}[${index}].securityContext`, objectOf(container['securityContext'])] as const,
    ),
  )
  return [[`${field}.securityContext`, objectOf(spec['securityContext'])], ...ofContainers]
}

function linuxFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  return contextsOf(spec, field)
    .filter(([, context]) => !isAbsent(context['windowsOptions']))
    .map(([path]) => forbiddenValue(`${path}.windowsOptions`, 'windows options cannot be set for a linux pod'))
}

const NOT_ON_WINDOWS = 'cannot be set for a windows pod'
const POD_KEYS = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls', 'runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy'] // prettier-ignore
const CONTAINER_KEYS = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'] // prettier-ignore

function windowsFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const own = ['hostUsers', 'shareProcessNamespace'].filter((key) => !isAbsent(spec[key]))
  own.push(...['hostPID', 'hostIPC'].filter((key) => spec[key] === true))
  const paths = own.map((key) => `${field}.${key}`)
  for (const [index, [path, context]] of contextsOf(spec, field).entries())
    paths.push(
      ...(index === 0 ? POD_KEYS : CONTAINER_KEYS)
        .filter((key) => !isAbsent(context[key]))
        .map((key) => `${path}.${key}`),
    )
  return paths.map((path) => forbiddenValue(path, NOT_ON_WINDOWS))
}

/** A pod with users of its own shares no other namespace with its node. */
export function hostUserFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (spec['hostUsers'] !== false) return []
  const shared = [
    ['hostNetwork', 'hostNetwork'],
    ['hostPID', 'HostPID'],
    ['hostIPC', 'HostIPC'],
  ] as const
  const faults = shared
    .filter(([key]) => spec[key] === true)
    .map(([, told]) => forbiddenValue(`${field}.${told}`, 'when `hostUsers` is false'))
  for (const key of CONTAINERS)
    for (const [index, container] of objectsOf(spec[key]).entries())
      if (listOf(container['volumeDevices']).length > 0)
        faults.push(forbiddenValue(`${field}.${key}[${index}].volumeDevices`, 'when `hostUsers` is false'))
  return faults
}

/** Longest name that a host may have. */
const MAX_HOSTNAME = 64

/** Faults of `hostnameOverride`. */
export function hostnameFaults(spec: JsonObject, path: string): readonly FieldFault[] {
  const name = spec['hostnameOverride']
  if (isAbsent(name)) return []
  const field = `${path}.hostnameOverride`
  const faults: FieldFault[] = []
  if (spec['setHostnameAsFQDN'] === true)
    faults.push(forbiddenValue(field, 'may not be specified when setHostnameAsFQDN is true'))
  if (spec['hostNetwork'] === true) faults.push(forbiddenValue(field, 'may not be specified when hostNetwork is true'))
  if (textOf(name).length > MAX_HOSTNAME) faults.push(tooLong(field, MAX_HOSTNAME))
  return [...faults, ...ruleFaults(name, field, dnsSubdomain)]
}

/** Faults of `schedulingGates`. */
export function schedulingGateFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const seen = new Set<string>()
  return objectsOf(spec['schedulingGates']).flatMap((gate, index) => {
    const name = textOf(gate['name'])
    const faults = labelKeyFaults(name).map((text) => invalidValue(`${field}[${index}]`, name, text))
    if (seen.has(name)) faults.push(duplicate(`${field}[${index}]`, name))
    seen.add(name)
    return faults
  })
}

/** Faults of `resourceClaims`. */
export function resourceClaimFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const seen = new Set<string>()
  return objectsOf(spec['resourceClaims']).flatMap((claim, index) => {
    const at = `${field}[${index}]`
    const name = textOf(claim['name'])
    const { resourceClaimName, resourceClaimTemplateName } = claim
    const says = (text: string): FieldFault => invalidValue(at, internalValue('PodResourceClaim', claim), text)
    const faults: FieldFault[] = []
    if (name === '') faults.push(requiredValue(`${at}.name`))
    else if (seen.has(name)) faults.push(duplicate(`${at}.name`, name))
    else faults.push(...ruleFaults(name, `${at}.name`, dnsLabel))
    seen.add(name)
    if (!isAbsent(resourceClaimName) && !isAbsent(resourceClaimTemplateName))
      faults.push(says('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'))
    if (isAbsent(resourceClaimName) && isAbsent(resourceClaimTemplateName))
      faults.push(says('must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    const named = ['resourceClaimName', 'resourceClaimTemplateName'].filter((key) => !isAbsent(claim[key]))
    return [...faults, ...named.flatMap((key) => ruleFaults(claim[key], `${at}.${key}`, dnsSubdomain))]
  })
}
