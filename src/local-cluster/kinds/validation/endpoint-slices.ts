// Endpoints and EndpointSlices (pkg/apis/discovery/validation, pkg/apis/core/validation, ValidateEndpoints, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import { labelKeyFaults, labelValueFaults } from '../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, invalidValue, requiredValue, tooMany } from './faults.ts'
import { immutable, labelFaults } from './metadata.ts'
import { nameIfSet, ruleFaults } from './named-faults.ts'
import { addressName, dnsLabel, dnsSubdomain, isIpAddress, isIpv4, isIpv6, portNumber, type TextRule } from './names.ts'
import { choiceIfSet, ipFaults, oneOf } from './numbers.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const MAX_ENDPOINTS = 1000
const MAX_ADDRESSES = 100
const MAX_PORTS = 20_000
const MAX_LABELS = 16
const MAX_HINTS = 8

export function validateEndpointSlice(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const type = textOf(object['addressType'])
  const [endpoints, ports] = [objectsOf(object['endpoints']), objectsOf(object['ports'])]
  const faults = [...oneOf(type, 'addressType', ['FQDN', 'IPv4', 'IPv6'])]
  if (endpoints.length > MAX_ENDPOINTS) faults.push(tooMany('endpoints', endpoints.length, MAX_ENDPOINTS))
  else for (const [index, endpoint] of endpoints.entries()) faults.push(...endpointFaults(endpoint, type, `endpoints[${index}]`)) // prettier-ignore
  if (ports.length > MAX_PORTS) faults.push(tooMany('ports', ports.length, MAX_PORTS))
  else faults.push(...slicePorts(ports))
  return old === undefined ? faults : [...faults, ...immutable('addressType', object['addressType'], old['addressType'])] // prettier-ignore
}

function endpointFaults(endpoint: JsonObject, type: string, path: string): readonly FieldFault[] {
  const addresses = listOf(endpoint['addresses'])
  const field = `${path}.addresses`
  const faults = addresses.length === 0 ? [requiredValue(field, 'must contain at least 1 address')] : []
  if (addresses.length > MAX_ADDRESSES) faults.push(tooMany(field, addresses.length, MAX_ADDRESSES))
  for (const [index, address] of addresses.entries())
    faults.push(...sliceAddressFaults(textOf(address), type, field, index))
  const topology = objectOf(endpoint['deprecatedTopology'])
  const count = Object.keys(topology).length
  if (!isAbsent(endpoint['nodeName'])) faults.push(...ruleFaults(endpoint['nodeName'], `${path}.nodeName`, dnsSubdomain)) // prettier-ignore
  if (count > MAX_LABELS) faults.push(tooMany(`${path}.deprecatedTopology`, count, MAX_LABELS))
  faults.push(...labelFaults(topology, `${path}.deprecatedTopology`))
  if (!isAbsent(endpoint['hostname'])) faults.push(...ruleFaults(endpoint['hostname'], `${path}.hostname`, dnsLabel))
  return [...faults, ...hintFaults(objectOf(endpoint['hints']), `${path}.hints`)]
}

function sliceAddressFaults(address: string, type: string, field: string, index: number): readonly FieldFault[] {
  const at = `${field}[${index}]`
  switch (type) {
    case 'IPv4':
      if (!isIpAddress(address)) return ipFaults(address, at)
      return [...(isIpv4(address) ? [] : [invalidValue(field, address, 'must be an IPv4 address')]), ...unusableFaults(address, at)] // prettier-ignore
    case 'IPv6': {
      const faults = ruleFaults(address, at, addressName)
      if (faults.length > 0) return faults
      return [...(isIpv6(address) ? [] : [invalidValue(field, address, 'must be an IPv6 address')]), ...unusableFaults(address, at)] // prettier-ignore
    }
    case 'FQDN':
      return ruleFaults(address, at, dnsSubdomain)
    default:
      return []
  }
}

function hintFaults(hints: JsonObject, field: string): readonly FieldFault[] {
  return [
    ...namedHints(objectsOf(hints['forZones']), `${field}.forZones`, labelValueFaults),
    ...namedHints(objectsOf(hints['forNodes']), `${field}.forNodes`, dnsSubdomain),
  ]
}

function namedHints(hints: readonly JsonObject[], field: string, rule: TextRule): readonly FieldFault[] {
  if (hints.length > MAX_HINTS) return [tooMany(field, hints.length, MAX_HINTS)]
  const names = hints.map(({ name }) => textOf(name))
  return names.flatMap((name, index) => {
    const at = `${field}[${index}].name`
    const repeated = names.indexOf(name) < index ? [duplicate(at, name)] : []
    return [...repeated, ...ruleFaults(name, at, rule)]
  })
}

function slicePorts(ports: readonly JsonObject[]): readonly FieldFault[] {
  const names = ports.map(({ name }) => textOf(name))
  return ports.flatMap((port, index) => {
    const at = `ports[${index}]`
    const name = names[index] ?? ''
    const faults = nameIfSet(name, `${at}.name`, dnsLabel)
    if (names.indexOf(name) < index) faults.push(duplicate(`${at}.name`, name))
    return [...faults, ...choiceIfSet(port['protocol'], `${at}.protocol`, PROTOCOLS), ...protocolName(port, at)]
  })
}

function protocolName(port: JsonObject, at: string): readonly FieldFault[] {
  const name = port['appProtocol']
  return isAbsent(name) ? [] : ruleFaults(name, `${at}.appProtocol`, labelKeyFaults)
}

/** Addresses that nobody else could reach (`ValidateEndpointIP`). */
export function unusableFaults(address: string, field: string): readonly FieldFault[] {
  if (!isIpAddress(address)) return [invalidValue(field, address, 'must be a valid IP address')]
  const text = unusable(address)
  return text === undefined ? [] : [invalidValue(field, address, text)]
}

function unusable(address: string): string | undefined {
  const lower = address.toLowerCase()
  if (address === '0.0.0.0' || lower === '::') return `may not be unspecified (${address})`
  if (address.startsWith('127.') || lower === '::1') return 'may not be in the loopback range (127.0.0.0/8, ::1/128)'
  if (address.startsWith('169.254.') || /^fe[89ab]/.test(lower))
    return 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'
  if (!address.startsWith('224.0.0.') && !/^ff[0-9a-f]2:/.test(lower)) return undefined
  return 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'
}

export function validateEndpoints(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  // What was taken once is taken again as it is.
  if (old !== undefined && deepEqual(object['subsets'], old['subsets'])) return []
  return objectsOf(object['subsets']).flatMap((subset, index) => {
    const path = `subsets[${index}]`
    const hasAddress = !isAbsent(subset['addresses']) || !isAbsent(subset['notReadyAddresses'])
    const faults = hasAddress ? [] : [requiredValue(path, 'must specify `addresses` or `notReadyAddresses`')]
    for (const key of ['addresses', 'notReadyAddresses'])
      faults.push(
        ...objectsOf(subset[key]).flatMap((address, at) => subsetAddressFaults(address, `${path}.${key}[${at}]`)),
      )
    return [...faults, ...subsetPorts(objectsOf(subset['ports']), path)]
  })
}

/** Upstream looks at the address twice, and tells twice what is none. */
function subsetAddressFaults(address: JsonObject, at: string): readonly FieldFault[] {
  const ip = textOf(address['ip'])
  const node: JsonValue | undefined = address['nodeName']
  return [
    ...ipFaults(ip, `${at}.ip`),
    ...nameIfSet(address['hostname'], `${at}.hostname`, dnsLabel),
    ...(isAbsent(node) ? [] : ruleFaults(node, `${at}.nodeName`, dnsSubdomain)),
    ...unusableFaults(ip, `${at}.ip`),
  ]
}

function subsetPorts(ports: readonly JsonObject[], path: string): readonly FieldFault[] {
  return ports.flatMap((port, index) => {
    const at = `${path}.ports[${index}]`
    const [number, name] = [numberOf(port['port']), textOf(port['name'])]
    const needsName = ports.length > 1 && name === ''
    return [
      ...(needsName ? [requiredValue(`${at}.name`)] : nameIfSet(name, `${at}.name`, dnsLabel)),
      ...portNumber(number).map((text) => invalidValue(`${at}.port`, number, text)),
      ...oneOf(port['protocol'], `${at}.protocol`, PROTOCOLS),
      ...protocolName(port, at),
    ]
  })
}
