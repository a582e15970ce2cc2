// EndpointSlices (pkg/apis/discovery/validation, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { listOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, invalidValue, notSupported, requiredValue } from './faults.ts'
import { immutable } from './metadata.ts'
import { dnsLabel, dnsSubdomain, isIpAddress, isIpv4, isIpv6 } from './names.ts'
import { oneOfIfSet } from './numbers.ts'

const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
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
