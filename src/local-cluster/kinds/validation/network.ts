// Ingresses, NetworkPolicies and EndpointSlices (pkg/apis/networking/validation, pkg/apis/discovery/validation, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue, tooLong } from './faults.ts'
import { sentValue } from '../emptied.ts'
import { immutable } from './metadata.ts'
import { prefixedPathFaults, requiredName, ruleFaults } from './named-faults.ts'
import {
  isCidr,
  dnsLabel,
  dnsSubdomain,
  isIpAddress,
  isIpv4,
  pathSegment,
  portName,
  portNumber,
  wildcardSubdomain,
} from './names.ts'
import { choiceIfSet, portFaults } from './numbers.ts'
import { selectorFaults } from './selectors.ts'

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const BAD_ENDINGS = ['/..', '/.']

export function validateIngress(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const rules = objectsOf(spec['rules'])
  const faults: FieldFault[] = []
  const backend = spec['defaultBackend']
  if (rules.length === 0 && !isObject(backend))
    faults.push(invalidValue('spec', sentValue(spec, 'rules'), 'either `defaultBackend` or `rules` must be specified'))
  if (isObject(backend)) faults.push(...backendFaults(backend, 'spec.defaultBackend'))
  for (const [index, rule] of rules.entries()) faults.push(...ingressRuleFaults(rule, `spec.rules[${index}]`))
  for (const [index, tls] of objectsOf(spec['tls']).entries()) faults.push(...tlsFaults(tls, `spec.tls[${index}]`))
  const className = textOf(spec['ingressClassName'])
  if (isAbsent(spec['ingressClassName'])) return faults
  return [...faults, ...dnsSubdomain(className).map((text) => invalidValue('spec.ingressClassName', className, text))]
}

function ingressRuleFaults(rule: JsonObject, path: string): readonly FieldFault[] {
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
  const group = resource['apiGroup']
  return [
    ...(isAbsent(group) ? [] : ruleFaults(group, `${field}.apiGroup`, dnsSubdomain)),
    ...requiredName(resource['kind'], `${field}.kind`, pathSegment),
    ...requiredName(resource['name'], `${field}.name`, pathSegment),
  ]
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

/** Longest `controller` of an IngressClass. */
const MAX_CONTROLLER = 250

export function validateIngressClass(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const { controller, parameters } = spec
  const changed =
    old === undefined ? [] : immutable('spec.controller', controller ?? '', objectOf(old['spec'])['controller'])
  const faults = [...changed, ...controllerFaults(textOf(controller))]
  return isObject(parameters) ? [...faults, ...parameterFaults(parameters, 'spec.parameters')] : faults
}

function controllerFaults(controller: string): readonly FieldFault[] {
  const field = 'spec.controller'
  const faults = controller.length > MAX_CONTROLLER ? [tooLong(field, MAX_CONTROLLER)] : []
  return [...faults, ...prefixedPathFaults(controller, field)]
}

function parameterFaults(parameters: JsonObject, field: string): readonly FieldFault[] {
  const { apiGroup, namespace, scope } = parameters
  const faults = isAbsent(apiGroup) ? [] : dnsSubdomain(textOf(apiGroup)).map((text) => invalidValue(`${field}.apiGroup`, apiGroup, text)) // prettier-ignore
  faults.push(...['kind', 'name'].filter((key) => textOf(parameters[key]) === '').map((key) => requiredValue(`${field}.${key}`))) // prettier-ignore
  faults.push(...choiceIfSet(scope, `${field}.scope`, ['Cluster', 'Namespace']))
  const at = `${field}.namespace`
  if (scope === 'Namespace' && isAbsent(namespace)) return [...faults, requiredValue(at, "`parameters.scope` is set to 'Namespace'")] // prettier-ignore
  if (scope === 'Cluster' && !isAbsent(namespace)) return [...faults, forbiddenValue(at, "`parameters.scope` is set to 'Cluster'")] // prettier-ignore
  return isAbsent(namespace) ? faults : [...faults, ...dnsLabel(textOf(namespace)).map((text) => invalidValue(at, namespace, text))] // prettier-ignore
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
  const types = listOf(spec['policyTypes'])
  if (types.length > 2) return [...faults, invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')] // prettier-ignore
  for (const [index, type] of types.entries())
    if (type !== 'Ingress' && type !== 'Egress') faults.push(notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress'])) // prettier-ignore
  return faults
}

function policyRule(rule: JsonObject, peers: string, path: string): readonly FieldFault[] {
  const ports = objectsOf(rule['ports']).flatMap((port, index) => policyPort(port, `${path}.ports[${index}]`))
  const others = objectsOf(rule[peers]).flatMap((peer, index) => {
    const field = `${path}.${peers}[${index}]`
    return peerFaults(peer, field)
  })
  return [...ports, ...others]
}

function peerFaults(peer: JsonObject, field: string): readonly FieldFault[] {
  const selectors = ['podSelector', 'namespaceSelector'].filter((key) => isObject(peer[key]))
  const hasBlock = isObject(peer['ipBlock'])
  const faults = selectors.flatMap((key) => selectorFaults(objectOf(peer[key]), `${field}.${key}`))
  if (hasBlock) faults.push(...blockFaults(objectOf(peer['ipBlock']), `${field}.ipBlock`))
  if (selectors.length === 0 && !hasBlock) return [...faults, requiredValue(field, 'must specify a peer')]
  if (selectors.length === 0 || !hasBlock) return faults
  return [...faults, forbiddenValue(field, 'may not specify both ipBlock and another peer')]
}

const CIDR_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

function blockFaults(block: JsonObject, field: string): readonly FieldFault[] {
  const cidr = textOf(block['cidr'])
  if (cidr === '') return [requiredValue(`${field}.cidr`)]
  const faults = isCidr(cidr) ? [] : [invalidValue(`${field}.cidr`, cidr, CIDR_TEXT)]
  if (faults.length > 0) return faults
  return listOf(block['except']).flatMap((value, index) => {
    const at = `${field}.except[${index}]`
    const except = textOf(value)
    if (!isCidr(except)) return [invalidValue(at, except, CIDR_TEXT)]
    return isWithin(except, cidr) ? [] : [invalidValue(at, except, 'must be a strict subset of `cidr`')]
  })
}

/** Whether a range of IPv4 lies inside another; those of IPv6 are taken as they are. */
function isWithin(inner: string, outer: string): boolean {
  const [a, b] = [rangeOf(inner), rangeOf(outer)]
  if (a === undefined || b === undefined) return true
  const shift = 2 ** (32 - b.bits)
  return a.bits > b.bits && Math.floor(a.start / shift) === Math.floor(b.start / shift)
}

function rangeOf(cidr: string): { readonly start: number; readonly bits: number } | undefined {
  const [address = '', bits = ''] = cidr.split('/')
  if (!isIpv4(address)) return undefined
  let start = 0
  for (const part of address.split('.')) start = start * 256 + Number(part)
  return { start, bits: Number(bits) }
}

function policyPort(port: JsonObject, field: string): readonly FieldFault[] {
  const faults = [...choiceIfSet(port['protocol'], `${field}.protocol`, ['TCP', 'UDP', 'SCTP'])]
  const [number, end] = [port['port'], port['endPort']]
  if (!isAbsent(number)) faults.push(...portFaults(number, `${field}.port`))
  if (isAbsent(end)) return faults
  if (isAbsent(number)) return [...faults, invalidValue(`${field}.endPort`, end, 'may not be specified when `port` is not specified')] // prettier-ignore
  if (typeof number === 'string') return [...faults, invalidValue(`${field}.endPort`, end, 'may not be specified when `port` is non-numeric')] // prettier-ignore
  const text = 'must be greater than or equal to `port`'
  if (numberOf(end) < numberOf(number)) faults.push(invalidValue(`${field}.endPort`, number, text))
  return [...faults, ...portNumber(numberOf(end)).map((said) => invalidValue(`${field}.endPort`, end, said))]
}
