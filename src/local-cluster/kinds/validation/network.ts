// Ingresses, NetworkPolicies and EndpointSlices (pkg/apis/networking/validation, pkg/apis/discovery/validation, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { immutable } from './metadata.ts'
import {
  dnsLabel,
  dnsSubdomain,
  isIpAddress,
  isIpv4,
  isIpv6,
  portName,
  portNumber,
  wildcardSubdomain,
} from './names.ts'
import { oneOfIfSet, portFaults } from './numbers.ts'
import { selectorFaults } from './selectors.ts'

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const BAD_ENDINGS = ['/..', '/.']
const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

export function validateIngress(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const rules = objectsOf(spec['rules'])
  const faults: FieldFault[] = []
  const backend = spec['defaultBackend']
  if (rules.length === 0 && !isObject(backend))
    faults.push(invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified'))
  if (isObject(backend)) faults.push(...backendFaults(backend, 'spec.defaultBackend'))
  for (const [index, rule] of rules.entries()) faults.push(...ruleFaults(rule, `spec.rules[${index}]`))
  for (const [index, tls] of objectsOf(spec['tls']).entries()) faults.push(...tlsFaults(tls, `spec.tls[${index}]`))
  const className = textOf(spec['ingressClassName'])
  if (isAbsent(spec['ingressClassName'])) return faults
  return [...faults, ...dnsSubdomain(className).map((text) => invalidValue('spec.ingressClassName', className, text))]
}

function ruleFaults(rule: JsonObject, path: string): readonly FieldFault[] {
  const host = textOf(rule['host'])
  const faults = host === '' ? [] : [...hostFaults(host, `${path}.host`)]
  const http = rule['http']
  if (!isObject(http)) return faults
  const paths = objectsOf(http['paths'])
  if (paths.length === 0) faults.push(requiredValue(`${path}.http.paths`))
  return [...faults, ...paths.flatMap((item, index) => pathFaults(item, `${path}.http.paths[${index}]`))]
}

function hostFaults(host: string, field: string): readonly FieldFault[] {
  const faults = isIpAddress(host) ? [invalidValue(field, host, 'must be a DNS name, not an IP address')] : []
  const rule = host.includes('*') ? wildcardSubdomain : dnsSubdomain
  return [...faults, ...rule(host).map((text) => invalidValue(field, host, text))]
}

function pathFaults(item: JsonObject, field: string): readonly FieldFault[] {
  if (isAbsent(item['pathType'])) return [requiredValue(`${field}.pathType`, 'pathType must be specified')]
  const [type, path] = [textOf(item['pathType']), textOf(item['path'])]
  const faults: FieldFault[] = []
  const mustBeAbsolute = type === 'Exact' || type === 'Prefix' || (type === 'ImplementationSpecific' && path !== '')
  if (mustBeAbsolute && !path.startsWith('/'))
    faults.push(invalidValue(`${field}.path`, path, 'must be an absolute path'))
  if (type === 'Exact' || type === 'Prefix') faults.push(...plainPath(path, `${field}.path`))
  if (!PATH_TYPES.includes(type)) faults.push(notSupported(`${field}.pathType`, type, PATH_TYPES))
  return [...faults, ...backendFaults(objectOf(item['backend']), `${field}.backend`)]
}

function plainPath(path: string, field: string): readonly FieldFault[] {
  const inside = BAD_SEQUENCES.filter((text) => path.includes(text)).map((text) => `must not contain '${text}'`)
  const ending = BAD_ENDINGS.filter((text) => path.endsWith(text)).map((text) => `cannot end with '${text}'`)
  return [...inside, ...ending].map((text) => invalidValue(field, path, text))
}

function backendFaults(backend: JsonObject, field: string): readonly FieldFault[] {
  const [service, resource] = [backend['service'], backend['resource']]
  if (isObject(service) && isObject(resource)) return [invalidValue(field, '', 'cannot set both resource and service backends')] // prettier-ignore
  if (isObject(resource)) return resourceFaults(resource, `${field}.resource`)
  if (!isObject(service)) return [invalidValue(field, '', 'resource or service backend is required')]
  const name = textOf(service['name'])
  const ofName = name === '' ? [requiredValue(`${field}.service.name`)] : dnsLabel(name).map((text) => invalidValue(`${field}.service.name`, name, text)) // prettier-ignore
  return [...ofName, ...backendPort(objectOf(service['port']), field)]
}

function resourceFaults(resource: JsonObject, field: string): readonly FieldFault[] {
  return ['kind', 'name'].filter((key) => textOf(resource[key]) === '').map((key) => requiredValue(`${field}.${key}`))
}

function backendPort(port: JsonObject, field: string): readonly FieldFault[] {
  const [name, number] = [textOf(port['name']), numberOf(port['number'])]
  if (name !== '' && number !== 0) return [invalidValue(field, '', 'cannot set both port name & port number')]
  if (name !== '') return portName(name).map((text) => invalidValue(`${field}.service.port.name`, name, text))
  if (number !== 0) return portNumber(number).map((text) => invalidValue(`${field}.service.port.number`, number, text))
  return [requiredValue(field, 'port name or number is required')]
}

function tlsFaults(tls: JsonObject, path: string): readonly FieldFault[] {
  const faults = listOf(tls['hosts']).flatMap((value, index) => {
    const host = textOf(value)
    const rule = host.includes('*') ? wildcardSubdomain : dnsSubdomain
    return rule(host).map((text) => invalidValue(`${path}.hosts[${index}]`, host, text))
  })
  const secret = textOf(tls['secretName'])
  return secret === '' ? faults : [...faults, ...dnsSubdomain(secret).map((text) => invalidValue(`${path}.secretName`, secret, text))] // prettier-ignore
}

export function validateIngressClass(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const controller = objectOf(object['spec'])['controller']
  if (old !== undefined) return immutable('spec.controller', controller, objectOf(old['spec'])['controller'])
  return textOf(controller) === '' ? [requiredValue('spec.controller')] : []
}

export function validateNetworkPolicy(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults = [...selectorFaults(objectOf(spec['podSelector']), 'spec.podSelector')]
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    // prettier-ignore
    for (const [index, rule] of objectsOf(spec[direction]).entries())
      faults.push(...policyRule(rule, peers, `spec.${direction}[${index}]`))
  for (const [index, type] of listOf(spec['policyTypes']).entries())
    if (type !== 'Ingress' && type !== 'Egress') faults.push(notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress'])) // prettier-ignore
  return faults
}

function policyRule(rule: JsonObject, peers: string, path: string): readonly FieldFault[] {
  const ports = objectsOf(rule['ports']).flatMap((port, index) => policyPort(port, `${path}.ports[${index}]`))
  const others = objectsOf(rule[peers]).flatMap((peer, index) => {
    const field = `${path}.${peers}[${index}]`
    if (Object.keys(peer).length === 0) return [requiredValue(field, 'must specify a peer')]
    const isMixed = isObject(peer['ipBlock']) && (isObject(peer['podSelector']) || isObject(peer['namespaceSelector']))
    return isMixed ? [forbiddenValue(field, 'may not specify both ipBlock and another peer')] : []
  })
  return [...ports, ...others]
}

function policyPort(port: JsonObject, field: string): readonly FieldFault[] {
  const faults = [...oneOfIfSet(port['protocol'], `${field}.protocol`, ['TCP', 'UDP', 'SCTP'])]
  const [number, end] = [port['port'], port['endPort']]
  if (!isAbsent(number)) faults.push(...portFaults(number, `${field}.port`))
  if (isAbsent(end)) return faults
  if (isAbsent(number)) return [...faults, invalidValue(`${field}.endPort`, end, 'may not be specified when `port` is not specified')] // prettier-ignore
  if (typeof number === 'string') return [...faults, invalidValue(`${field}.endPort`, end, 'may not be specified when `port` is non-numeric')] // prettier-ignore
  const text = 'must be greater than or equal to `port`'
  return numberOf(end) < numberOf(number) ? [...faults, invalidValue(`${field}.endPort`, number, text)] : faults
}

/** More endpoints in one slice are refused. */
const MAX_ADDRESSES = 100

export function validateEndpointSlice(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const type = textOf(object['addressType'])
  const types = ['FQDN', 'IPv4', 'IPv6']
  const faults: FieldFault[] = []
  if (type === '') faults.push(requiredValue('addressType'))
  else if (!types.includes(type)) faults.push(notSupported('addressType', type, types))
  for (const [index, endpoint] of objectsOf(object['endpoints']).entries())
    faults.push(...endpointFaults(endpoint, type, `endpoints[${index}]`))
  faults.push(...slicePorts(object))
  return old === undefined ? faults : [...faults, ...immutable('addressType', object['addressType'], old['addressType'])] // prettier-ignore
}

function endpointFaults(endpoint: JsonObject, type: string, path: string): readonly FieldFault[] {
  const addresses = listOf(endpoint['addresses'])
  if (addresses.length === 0) return [requiredValue(`${path}.addresses`, 'must contain at least 1 address')]
  if (addresses.length > MAX_ADDRESSES) return [{ reason: 'FieldValueTooMany', field: `${path}.addresses`, message: `Too many: ${addresses.length}: must have at most ${MAX_ADDRESSES} items` }] // prettier-ignore
  return addresses.flatMap((value, index) => {
    const address = textOf(value)
    if (type === 'FQDN')
      return dnsSubdomain(address).map((text) => invalidValue(`${path}.addresses[${index}]`, address, text))
    if (!isIpAddress(address)) return [invalidValue(`${path}.addresses[${index}]`, address, IP_TEXT)]
    if (type === 'IPv4' && !isIpv4(address))
      return [invalidValue(`${path}.addresses`, address, 'must be an IPv4 address')]
    if (type === 'IPv6' && !isIpv6(address))
      return [invalidValue(`${path}.addresses`, address, 'must be an IPv6 address')]
    return []
  })
}

function slicePorts(object: JsonObject): readonly FieldFault[] {
  const names = new Set<string>()
  return objectsOf(object['ports']).flatMap((port, index) => {
    const name = textOf(port['name'])
    const faults = name === '' ? [] : dnsLabel(name).map((text) => invalidValue(`ports[${index}].name`, name, text))
    if (names.has(name)) faults.push(duplicate(`ports[${index}].name`, name))
    names.add(name)
    return [...faults, ...oneOfIfSet(port['protocol'], `ports[${index}].protocol`, ['SCTP', 'TCP', 'UDP'])]
  })
}
