// Containers, their ports, variables and probes (pkg/apis/core/validation, validateContainers, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { configMapKey, dnsLabel, dnsSubdomain, portName, portNumber, variableName } from './names.ts'
import { nonNegative, oneOf, portFaults } from './numbers.ts'
import { containerSecurityFaults } from './pod-security.ts'
import { resourceFaults } from './resources.ts'
import { mountFaults } from './volumes.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const INIT_ONLY = 'may not be set for init containers without restartPolicy=Always'

/** Faults of `containers`; `volumes` are the names mounts may refer to. */
export function containerFaults(
  containers: readonly JsonObject[],
  volumes: ReadonlySet<string>,
  field: string,
): readonly FieldFault[] {
  if (containers.length === 0) return [requiredValue(field)]
  const faults: FieldFault[] = []
  const names = new Set<string>()
  for (const [index, container] of containers.entries()) {
    const path = `${field}[${index}]`
    const name = textOf(container['name'])
    faults.push(...sharedFaults(container, volumes, path))
    if (names.has(name)) faults.push(duplicate(`${path}.name`, name))
    names.add(name)
    faults.push(...lifecycleFaults(container, path))
  }
  return [...faults, ...hostPortConflicts(containers, field)]
}

/** Faults of `initContainers`, whose names may not repeat those of the others. */
export function initContainerFaults(
  spec: JsonObject,
  volumes: ReadonlySet<string>,
  field: string,
): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const names = new Set(objectsOf(spec['containers']).map((container) => textOf(container['name'])))
  for (const [index, container] of objectsOf(spec['initContainers']).entries()) {
    const path = `${field}[${index}]`
    const name = textOf(container['name'])
    faults.push(...sharedFaults(container, volumes, path))
    if (names.has(name)) faults.push(duplicate(`${path}.name`, name))
    else if (name !== '') names.add(name)
    if (container['restartPolicy'] === 'Always') faults.push(...lifecycleFaults(container, path))
    else faults.push(...onlyForSidecars(container, path))
  }
  return faults
}

function onlyForSidecars(container: JsonObject, path: string): readonly FieldFault[] {
  return ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']
    .filter((key) => !isAbsent(container[key]))
    .map((key) => forbiddenValue(`${path}.${key}`, INIT_ONLY))
}

function sharedFaults(container: JsonObject, volumes: ReadonlySet<string>, path: string): readonly FieldFault[] {
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
    ...mountFaults(container, volumes, `${path}.volumeMounts`),
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

const REFERENCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef']
const ONE_REFERENCE = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`' // prettier-ignore

function variables(container: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(container['env']).flatMap((variable, index) => {
    const path = `${field}[${index}]`
    const name = textOf(variable['name'])
    const faults = name === '' ? [requiredValue(`${path}.name`)] : variableName(name).map((text) => invalidValue(`${path}.name`, name, text)) // prettier-ignore
    return isAbsent(variable['valueFrom']) ? faults : [...faults, ...referenceFaults(variable, `${path}.valueFrom`)]
  })
}

function referenceFaults(variable: JsonObject, field: string): readonly FieldFault[] {
  const source = objectOf(variable['valueFrom'])
  const found = REFERENCES.filter((key) => !isAbsent(source[key]))
  const faults: FieldFault[] = []
  if (found.includes('resourceFieldRef'))
    faults.push(...resourceReference(objectOf(source['resourceFieldRef']), `${field}.resourceFieldRef`))
  if (found.includes('fieldRef')) faults.push(...fieldReference(objectOf(source['fieldRef']), `${field}.fieldRef`))
  for (const key of ['configMapKeyRef', 'secretKeyRef'])
    if (found.includes(key)) faults.push(...keyReference(objectOf(source[key]), `${field}.${key}`))
  if (found.length === 0) faults.push(invalidValue(field, '', ONE_REFERENCE))
  else if (textOf(variable['value']) !== '')
    faults.push(invalidValue(field, '', 'may not be specified when `value` is not empty'))
  else if (found.length > 1)
    faults.push(invalidValue(field, '', 'may not have more than one field specified at a time'))
  return faults
}

const POD_FIELDS = [
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

function fieldReference(reference: JsonObject, field: string): readonly FieldFault[] {
  const path = textOf(reference['fieldPath'])
  if (textOf(reference['apiVersion']) === '') return [requiredValue(`${field}.apiVersion`)]
  if (path === '') return [requiredValue(`${field}.fieldPath`)]
  if (/^metadata\.(?:annotations|labels)\['[^']+'\]$/.test(path) || POD_FIELDS.includes(path)) return []
  return [notSupported(`${field}.fieldPath`, path, POD_FIELDS)]
}

const RESOURCES = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'] // prettier-ignore
const DIVISORS: Readonly<Record<string, readonly string[]>> = {
  cpu: ['1m', '1'],
  memory: ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'],
  'ephemeral-storage': ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'],
}

function resourceReference(reference: JsonObject, field: string): readonly FieldFault[] {
  const [resource, divisor] = [textOf(reference['resource']), textOf(reference['divisor'])]
  if (resource === '') return [requiredValue(`${field}.resource`)]
  if (/^(?:limits|requests)\.hugepages-/.test(resource)) return []
  if (!RESOURCES.includes(resource)) return [notSupported(`${field}.resource`, resource, RESOURCES)]
  const name = resource.slice(resource.indexOf('.') + 1)
  const choices = DIVISORS[name] ?? []
  if (divisor === '' || divisor === '0' || choices.includes(divisor)) return []
  const text = name === 'cpu' ? 'only divisor\'s values 1m and 1 are supported with the cpu resource' : `only divisor's values ${choices.join(', ').replace(/, 1Ei$/, ', 1Ei')} are supported with the ${name === 'memory' ? 'memory' : 'local ephemeral storage'} resource` // prettier-ignore
  return [invalidValue(`${field}.divisor`, divisor, text)]
}

function keyReference(reference: JsonObject, field: string): readonly FieldFault[] {
  const [name, key] = [textOf(reference['name']), textOf(reference['key'])]
  const faults = dnsSubdomainFaults(name, `${field}.name`)
  if (key === '') return [...faults, requiredValue(`${field}.key`)]
  return [...faults, ...configMapKey(key).map((text) => invalidValue(`${field}.key`, key, text))]
}

function dnsSubdomainFaults(name: string, field: string): readonly FieldFault[] {
  return dnsSubdomain(name).map((text) => invalidValue(field, name, text))
}

function variableSources(container: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(container['envFrom']).flatMap((source, index) => {
    const path = `${field}[${index}]`
    const prefix = textOf(source['prefix'])
    const faults = prefix === '' ? [] : variableName(prefix).map((text) => invalidValue(`${path}.prefix`, prefix, text))
    const found = ['configMapRef', 'secretRef'].filter((key) => !isAbsent(source[key]))
    for (const key of found) {
      const name = textOf(objectOf(source[key])['name'])
      if (name === '') faults.push(requiredValue(`${path}.${key}.name`))
      else faults.push(...dnsSubdomainFaults(name, `${path}.${key}.name`))
    }
    if (found.length === 0) faults.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (found.length > 1) faults.push(invalidValue(field, '', 'may not have more than one field specified at a time'))
    return faults
  })
}

function lifecycleFaults(container: JsonObject, path: string): readonly FieldFault[] {
  const lifecycle = objectOf(container['lifecycle'])
  const hooks = ['postStart', 'preStop'].filter((key) => !isAbsent(lifecycle[key]))
  return [
    ...hooks.flatMap((key) => handlerFaults(objectOf(lifecycle[key]), `${path}.lifecycle.${key}`)),
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((key) => probeFaults(container, key, path)),
  ]
}

function probeFaults(container: JsonObject, key: string, path: string): readonly FieldFault[] {
  if (isAbsent(container[key])) return []
  const [probe, field] = [objectOf(container[key]), `${path}.${key}`]
  const times = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']
  const faults = [...handlerFaults(probe, field), ...nonNegative(probe, field, ...times)]
  const grace = probe['terminationGracePeriodSeconds']
  if (!isAbsent(grace) && numberOf(grace) <= 0)
    faults.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  if (key !== 'readinessProbe' && numberOf(probe['successThreshold']) !== 1)
    faults.push(invalidValue(`${field}.successThreshold`, probe['successThreshold'] ?? 0, 'must be 1'))
  return faults
}

const HANDLERS: Readonly<Record<string, (action: JsonObject, field: string) => readonly FieldFault[]>> = {
  exec: (action, field) => (objectOf(action)['command'] === undefined ? [requiredValue(`${field}.command`)] : []),
  httpGet: httpFaults,
  tcpSocket: (action, field) => portFaults(action['port'], `${field}.port`),
  grpc: (action, field) => portFaults(action['port'], `${field}.port`),
  sleep: () => [],
}

function handlerFaults(handler: JsonObject, field: string): readonly FieldFault[] {
  const found = Object.keys(HANDLERS).filter((key) => !isAbsent(handler[key]))
  if (found.length === 0) return [requiredValue(field, 'must specify a handler type')]
  return found.flatMap((key, position) =>
    position > 0
      ? [forbiddenValue(`${field}.${key}`, 'may not specify more than 1 handler type')]
      : (HANDLERS[key]?.(objectOf(handler[key]), `${field}.${key}`) ?? []),
  )
}

const HEADER_TEXT =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"

function httpFaults(action: JsonObject, field: string): readonly FieldFault[] {
  const missing = textOf(action['path']) === '' ? [requiredValue(`${field}.path`)] : []
  const scheme = textOf(action['scheme'])
  const ofScheme = ['HTTP', 'HTTPS'].includes(scheme)
    ? []
    : [notSupported(`${field}.scheme`, scheme, ['HTTP', 'HTTPS'])]
  const names = objectsOf(action['httpHeaders']).map((header) => textOf(header['name']))
  const ofHeaders = names
    .filter((name) => !/^[-A-Za-z0-9]+$/.test(name))
    .map((name) => invalidValue(`${field}.httpHeaders`, name, HEADER_TEXT))
  return [...missing, ...portFaults(action['port'], `${field}.port`), ...ofScheme, ...ofHeaders]
}
