// Containers, their ports, variables and probes (pkg/apis/core/validation, validateContainers, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue, notFound, requiredValue } from './faults.ts'
import { dnsLabel, portName, portNumber } from './names.ts'
import { oneOf } from './numbers.ts'
import { lifecycleFaults } from './probes.ts'
import { restartFaults } from './restart-rules.ts'
import { mountFaults, type VolumesByName } from './mounts.ts'
import { containerSecurityFaults } from './pod-security.ts'
import { resourceFaults } from './resources.ts'
import { variables, variableSources } from './variables.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const INIT_ONLY = 'may not be set for init containers without restartPolicy=Always'

/** What containers are checked against. */
export interface PodParts {
  /** Where mounts may point. */
  readonly volumes: VolumesByName
  /** What stopping may take; undefined where the pod does not say, which is a fault of its own. */
  readonly graceSeconds: number | undefined
}

/** Faults of `containers`. */
export function containerFaults(
  containers: readonly JsonObject[],
  pod: PodParts,
  field: string,
): readonly FieldFault[] {
  if (containers.length === 0) return [requiredValue(field)]
  const faults: FieldFault[] = []
  const names = new Set<string>()
  for (const [index, container] of containers.entries()) {
    const path = `${field}[${index}]`
    const name = textOf(container['name'])
    faults.push(...sharedFaults(container, pod.volumes, path))
    if (names.has(name)) faults.push(duplicate(`${path}.name`, name))
    names.add(name)
    faults.push(...lifecycleFaults(container, pod.graceSeconds, path), ...restartFaults(container, path))
  }
  return [...faults, ...hostPortConflicts(containers, field)]
}

/** Faults of `initContainers`, whose names may not repeat those of the others. */
export function initContainerFaults(spec: JsonObject, pod: PodParts, field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const names = new Set(objectsOf(spec['containers']).map((container) => textOf(container['name'])))
  for (const [index, container] of objectsOf(spec['initContainers']).entries()) {
    const path = `${field}[${index}]`
    const name = textOf(container['name'])
    faults.push(...sharedFaults(container, pod.volumes, path))
    faults.push(...restartFaults(container, path))
    if (names.has(name)) faults.push(duplicate(`${path}.name`, name))
    else if (name !== '') names.add(name)
    // Init containers run one by one, so each is looked at alone.
    faults.push(...hostPortConflicts([container], field))
    if (container['restartPolicy'] === 'Always') faults.push(...lifecycleFaults(container, pod.graceSeconds, path))
    else faults.push(...onlyForSidecars(container, path))
  }
  return faults
}

/** What ephemeral containers may not have, in the order of the type. */
const NOT_EPHEMERAL = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] // prettier-ignore
const EPHEMERAL_TEXT = 'cannot be set for an Ephemeral Container'

/** Faults of `ephemeralContainers`, which look into others and do nothing else. */
export function ephemeralFaults(spec: JsonObject, volumes: VolumesByName, field: string): readonly FieldFault[] {
  const containers = objectsOf(spec['ephemeralContainers'])
  if (containers.length === 0) return []
  const others = new Set(['containers', 'initContainers'].flatMap((key) => objectsOf(spec[key]).map(({ name }) => textOf(name)))) // prettier-ignore
  const names = new Set(others)
  return containers.flatMap((container, index) => {
    const path = `${field}[${index}]`
    const [name, target] = [textOf(container['name']), textOf(container['targetContainerName'])]
    const faults = [...sharedFaults(container, volumes, path), ...blankFaults(container, path)]
    if (names.has(name)) faults.push(duplicate(`${path}.name`, name))
    names.add(name)
    if (target !== '' && !others.has(target)) faults.push(notFound(`${path}.targetContainerName`, target))
    const set = NOT_EPHEMERAL.filter((key) => isSet(container[key]))
    return [
      ...faults,
      ...set.map((key) => forbiddenValue(`${path}.${key}`, EPHEMERAL_TEXT)),
      ...subPathFaults(container, `${path}.volumeMounts`),
    ]
  })
}

function isSet(value: JsonValue | undefined): boolean {
  return !isAbsent(value) && value !== '' && (typeof value !== 'object' || Object.keys(value).length > 0)
}

function subPathFaults(container: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(container['volumeMounts']).flatMap((mount, index) =>
    ['subPath', 'subPathExpr']
      .filter((key) => textOf(mount[key]) !== '')
      .map((key) => forbiddenValue(`${field}[${index}].${key}`, EPHEMERAL_TEXT)),
  )
}

/** A pod's own images have no blanks around them; templates may leave that to whoever changes their pods. */
export function blankFaults(container: JsonObject, path: string): readonly FieldFault[] {
  const image = textOf(container['image'])
  const text = 'must not have leading or trailing whitespace'
  return image === image.trim() ? [] : [invalidValue(`${path}.image`, image, text)]
}

function onlyForSidecars(container: JsonObject, path: string): readonly FieldFault[] {
  const restarts = objectsOf(container['resizePolicy']).flatMap(({ restartPolicy }, index) => {
    const text = "must not be set to 'RestartContainer' for non-sidecar initContainers"
    const at = `${path}.resizePolicy[${index}].restartPolicy`
    return restartPolicy === 'RestartContainer' ? [invalidValue(at, restartPolicy, text)] : []
  })
  const present = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']
    .filter((key) => !isAbsent(container[key]))
    .map((key) => forbiddenValue(`${path}.${key}`, INIT_ONLY))
  return [...present, ...restarts]
}

function sharedFaults(container: JsonObject, volumes: VolumesByName, path: string): readonly FieldFault[] {
  const name = textOf(container['name'])
  const faults =
    name === ''
      ? [requiredValue(`${path}.name`)]
      : dnsLabel(name).map((text) => invalidValue(`${path}.name`, name, text))
  if (textOf(container['image']) === '') faults.push(requiredValue(`${path}.image`))
  const policies = ['File', 'FallbackToLogsOnError']
  return [
    ...faults,
    ...oneOf(container['terminationMessagePolicy'], `${path}.terminationMessagePolicy`, policies),
    ...containerPorts(container, `${path}.ports`),
    ...variables(container, `${path}.env`),
    ...variableSources(container, `${path}.envFrom`),
    ...mountFaults(container, volumes, path),
    ...oneOf(container['imagePullPolicy'], `${path}.imagePullPolicy`, ['Always', 'IfNotPresent', 'Never']),
    ...resourceFaults(objectOf(container['resources']), `${path}.resources`),
    ...resizeFaults(container, `${path}.resizePolicy`),
    ...containerSecurityFaults(objectOf(container['securityContext']), `${path}.securityContext`),
  ]
}

function resizeFaults(container: JsonObject, field: string): readonly FieldFault[] {
  const seen = new Set<string>()
  return objectsOf(container['resizePolicy']).flatMap((policy, index) => {
    const name = textOf(policy['resourceName'])
    const faults = seen.has(name) ? [duplicate(`${field}[${index}]`, name)] : []
    seen.add(name)
    return [
      ...faults,
      ...oneOf(name, field, ['cpu', 'memory']),
      ...oneOf(policy['restartPolicy'], field, ['NotRequired', 'RestartContainer']),
    ]
  })
}

function containerPorts(container: JsonObject, field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const names = new Set<string>()
  for (const [index, port] of objectsOf(container['ports']).entries()) {
    const path = `${field}[${index}]`
    faults.push(...portNameFaults(textOf(port['name']), names, `${path}.name`))
    const number = numberOf(port['containerPort'])
    if (number === 0) faults.push(requiredValue(`${path}.containerPort`))
    else faults.push(...portNumber(number).map((text) => invalidValue(`${path}.containerPort`, number, text)))
    const hostPort = numberOf(port['hostPort'])
    if (hostPort !== 0)
      faults.push(...portNumber(hostPort).map((text) => invalidValue(`${path}.hostPort`, hostPort, text)))
    faults.push(...oneOf(port['protocol'], `${path}.protocol`, PROTOCOLS))
  }
  return faults
}

function portNameFaults(name: string, names: Set<string>, field: string): readonly FieldFault[] {
  if (name === '') return []
  const texts = portName(name)
  if (texts.length > 0) return texts.map((text) => invalidValue(field, name, text))
  if (names.has(name)) return [duplicate(field, name)]
  names.add(name)
  return []
}

function hostPortConflicts(containers: readonly JsonObject[], field: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const taken = new Set<string>()
  for (const [index, container] of containers.entries()) {
    for (const [position, port] of objectsOf(container['ports']).entries()) {
      const hostPort = numberOf(port['hostPort'])
      if (hostPort === 0) continue
      const key = `${textOf(port['protocol'])}/${textOf(port['hostIP'])}/${hostPort}`
      if (taken.has(key)) faults.push(duplicate(`${field}[${index}].ports[${position}].hostPort`, key))
      taken.add(key)
    }
  }
  return faults
}
