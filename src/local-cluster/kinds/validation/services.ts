// Services (pkg/apis/core/validation, validateService, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import { labelKeyFaults } from '../../../kube/label-names.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { sentValue } from '../emptied.ts'
import { unusableFaults } from './endpoint-slices.ts'
import { duplicate, forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { labelFaults } from './metadata.ts'
import { dnsLabel, dnsSubdomain, isCidr, isIpAddress, isIpv4, portNumber } from './names.ts'
import { choiceIfSet, ipFaults, oneOf, portFaults } from './numbers.ts'

const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
/** A day: longer affinity is refused. */
const MAX_AFFINITY = 86_400

export function validateService(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const isHeadless = spec['clusterIP'] === 'None'
  return [
    ...addressChange(spec, old),
    ...balancerChange(spec, old),
    ...typeFaults(spec, isHeadless),
    ...servicePorts(spec),
    ...labelFaults(spec['selector'], 'spec.selector'),
    ...oneOf(spec['sessionAffinity'], 'spec.sessionAffinity', ['ClientIP', 'None']),
    ...affinityFaults(spec),
    ...clusterIpFaults(spec, objectOf(old?.['spec'])),
    ...externalIpFaults(spec),
    ...oneOf(spec['type'], 'spec.type', TYPES),
    ...nodePortFaults(spec),
    ...samePorts(spec),
    ...balancerFaults(spec),
    ...policyFaults(spec),
  ]
}

function addressChange(spec: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const before = objectOf(old?.['spec'])
  const keepsType = before['type'] !== 'ExternalName' && spec['type'] !== 'ExternalName'
  const isHeadless = isHeadlessSpec(spec) && isHeadlessSpec(before)
  return old === undefined || !keepsType || isHeadless ? [] : addressesChange(spec, before)
}

function addressesChange(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const [now, then] = [listOf(spec['clusterIPs']), listOf(before['clusterIPs'])]
  const says = (index: number, text: string): FieldFault => invalidValue(`spec.clusterIPs[${index}]`, sentValue(spec, 'clusterIPs'), text) // prettier-ignore
  if (now.length === then.length)
    return then.flatMap((address, index) => (address === now[index] ? [] : [says(index, 'may not change once set')]))
  if (now.length === 0) return [says(0, 'primary clusterIP can not be unset')]
  const faults = then.length > 0 && now[0] !== then[0] ? [says(0, 'may not change once set')] : []
  const isReleased = then.length > now.length && now.length === 1 && spec['ipFamilyPolicy'] !== 'SingleStack'
  const text = "must be set to 'SingleStack' when releasing the secondary clusterIP"
  return isReleased ? [...faults, invalidValue('spec.ipFamilyPolicy', spec['ipFamilyPolicy'] ?? null, text)] : faults
}

function isHeadlessSpec(spec: JsonObject): boolean {
  const addresses = listOf(spec['clusterIPs'])
  return addresses.length === 1 && addresses[0] === 'None'
}

/** A balancer's class and the port of its health stay as they were made. */
function balancerChange(spec: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const before = objectOf(old?.['spec'])
  if (before['type'] !== 'LoadBalancer' || spec['type'] !== 'LoadBalancer') return []
  const [now, then] = [spec['loadBalancerClass'], before['loadBalancerClass']]
  const faults = (now ?? null) === (then ?? null) ? [] : [invalidValue('spec.loadBalancerClass', now ?? null, 'may not change once set')] // prettier-ignore
  const isChecked = [spec, before].every((one) => one['externalTrafficPolicy'] === 'Local')
  const isSame = numberOf(spec['healthCheckNodePort']) === numberOf(before['healthCheckNodePort'])
  return isChecked && !isSame ? [...faults, forbiddenValue('spec.healthCheckNodePort', 'field is immutable')] : faults
}

function typeFaults(spec: JsonObject, isHeadless: boolean): readonly FieldFault[] {
  const type = textOf(spec['type'])
  const needsPorts = listOf(spec['ports']).length === 0 && !isHeadless && type !== 'ExternalName'
  const faults = needsPorts ? [requiredValue('spec.ports')] : []
  if (type === 'ExternalName') return [...faults, ...externalNameFaults(spec)]
  const isRefused = isHeadless && (type === 'LoadBalancer' || type === 'NodePort')
  return isRefused ? [...faults, invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)] : faults // prettier-ignore
}

function externalNameFaults(spec: JsonObject): readonly FieldFault[] {
  const faults = ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']
    .filter((key) => !isAbsent(spec[key]) && listOf(spec[key]).length !== 0)
    .map((key) => forbiddenValue(`spec.${key}`, 'may not be set for ExternalName services'))
  const name = textOf(spec['externalName']).replace(/\.$/, '')
  if (name === '') return [...faults, requiredValue('spec.externalName')]
  return [...faults, ...dnsSubdomain(name).map((text) => invalidValue('spec.externalName', name, text))]
}

function servicePorts(spec: JsonObject): readonly FieldFault[] {
  const ports = objectsOf(spec['ports'])
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const path = `spec.ports[${index}]`
    const number = numberOf(port['port'])
    const protocol = port['appProtocol']
    return [
      ...portNameFaults(textOf(port['name']), names, ports.length > 1, path),
      ...portNumber(number).map((text) => invalidValue(`${path}.port`, number, text)),
      ...oneOf(port['protocol'], `${path}.protocol`, ['SCTP', 'TCP', 'UDP']),
      ...portFaults(port['targetPort'], `${path}.targetPort`),
      ...(isAbsent(protocol)
        ? []
        : labelKeyFaults(textOf(protocol)).map((text) => invalidValue(`${path}.appProtocol`, protocol, text))),
    ]
  })
}

function portNameFaults(name: string, names: Set<string>, isNeeded: boolean, path: string): readonly FieldFault[] {
  if (name === '') return isNeeded ? [requiredValue(`${path}.name`)] : []
  const faults = dnsLabel(name).map((text) => invalidValue(`${path}.name`, name, text))
  if (names.has(name)) faults.push(duplicate(`${path}.name`, name))
  names.add(name)
  return faults
}

function affinityFaults(spec: JsonObject): readonly FieldFault[] {
  const config = spec['sessionAffinityConfig']
  const field = 'spec.sessionAffinityConfig'
  if (spec['sessionAffinity'] === 'None' && isObject(config))
    return [forbiddenValue(field, 'must not be set when session affinity is None')]
  if (spec['sessionAffinity'] !== 'ClientIP') return []
  const seconds = objectOf(objectOf(config)['clientIP'])['timeoutSeconds']
  if (numberOf(seconds) > 0 && numberOf(seconds) <= MAX_AFFINITY) return []
  return [
    invalidValue(`${field}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${MAX_AFFINITY}`),
  ]
}

/** Faults of the fields that say which addresses a service has; told before any is handed out (`ValidateServiceClusterIPsRelatedFields`). */
export function clusterIpFaults(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  if (spec['type'] === 'ExternalName') return []
  const addresses = listOf(spec['clusterIPs']).map(textOf)
  const says = (text: string): FieldFault => invalidValue('spec.clusterIPs', addresses, text)
  const faults = [...firstAddress(addresses, textOf(spec['clusterIP']), says), ...familyFaults(spec)]
  const wrong = eachAddress(addresses, listOf(before['clusterIPs']), says)
  faults.push(...wrong)
  if (addresses.length > 2) faults.push(says('may only hold up to 2 values'))
  if (wrong.length > 0 || addresses.length < 2) return faults
  const families = new Set(addresses.map(isIpv4))
  const isPair = addresses.length === 2 && families.size === 2
  return isPair ? faults : [...faults, says('may specify no more than one IP for each IP family')]
}

/** `clusterIP` is the first of `clusterIPs`. */
function firstAddress(
  addresses: readonly string[],
  first: string,
  says: (text: string) => FieldFault,
): readonly FieldFault[] {
  if (first === '') return addresses.length > 0 ? [says('must be empty when `clusterIP` is not specified')] : []
  if (addresses.length === 0) return [requiredValue('spec.clusterIPs')]
  return addresses[0] === first ? [] : [says('first value must match `clusterIP`')]
}

function eachAddress(
  addresses: readonly string[],
  known: readonly JsonValue[],
  says: (text: string) => FieldFault,
): readonly FieldFault[] {
  return addresses.flatMap((address, index) => {
    if (index === 0 && address === 'None')
      return addresses.length > 1 ? [says("'None' must be the first and only value")] : []
    const isFine = isIpAddress(address) || known.includes(address)
    return isFine ? [] : [invalidValue(`spec.clusterIPs[${index}]`, address, IP_TEXT)]
  })
}

function externalIpFaults(spec: JsonObject): readonly FieldFault[] {
  return listOf(spec['externalIPs']).flatMap((value, index) => {
    const field = `spec.externalIPs[${index}]`
    const faults = ipFaults(textOf(value), field)
    return faults.length > 0 ? faults : unusableFaults(textOf(value), field)
  })
}

const FAMILIES = ['IPv4', 'IPv6']
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

function familyFaults(spec: JsonObject): FieldFault[] {
  const seen = new Set<string>()
  const faults = listOf(spec['ipFamilies']).flatMap((value, index) => {
    const family = textOf(value)
    const isSeen = seen.has(family)
    seen.add(family)
    const field = `spec.ipFamilies[${index}]`
    if (!FAMILIES.includes(family)) return [notSupported(field, family, FAMILIES)]
    return isSeen ? [duplicate(field, family)] : []
  })
  return [...faults, ...choiceIfSet(spec['ipFamilyPolicy'], 'spec.ipFamilyPolicy', FAMILY_POLICIES)]
}

function nodePortFaults(spec: JsonObject): readonly FieldFault[] {
  const ports = objectsOf(spec['ports'])
  const faults: FieldFault[] = []
  const taken = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const nodePort = numberOf(port['nodePort'])
    const field = `spec.ports[${index}].nodePort`
    if (nodePort === 0) continue
    if (spec['type'] === 'ClusterIP') faults.push(forbiddenValue(field, "may not be used when `type` is 'ClusterIP'"))
    const key = `${textOf(port['protocol'])}/${nodePort}`
    if (taken.has(key)) faults.push(duplicate(field, nodePort))
    taken.add(key)
  }
  return faults
}

function samePorts(spec: JsonObject): readonly FieldFault[] {
  const taken = new Set<string>()
  return objectsOf(spec['ports']).flatMap((port, index) => {
    const key = `${textOf(port['protocol'])}/${numberOf(port['port'])}`
    const isTaken = taken.has(key)
    taken.add(key)
    return isTaken ? [duplicate(`spec.ports[${index}]`, printedPort(port))] : []
  })
}

/** The internal type has no JSON names, so its Go names are told. */
function printedPort(port: JsonObject): JsonObject {
  return { Name: '', Protocol: port['protocol'] ?? '', AppProtocol: null, Port: port['port'] ?? 0, TargetPort: 0, NodePort: 0 } // prettier-ignore
}

function balancerFaults(spec: JsonObject): readonly FieldFault[] {
  if (spec['type'] === 'LoadBalancer') return [...rangeFaults(spec), ...classFaults(spec)]
  const text = "may only be used when `type` is 'LoadBalancer'"
  const faults: FieldFault[] = []
  if (listOf(spec['loadBalancerSourceRanges']).length > 0)
    faults.push(forbiddenValue('spec.LoadBalancerSourceRanges', text))
  if (!isAbsent(spec['allocateLoadBalancerNodePorts'])) faults.push(forbiddenValue('spec.allocateLoadBalancerNodePorts', text)) // prettier-ignore
  if (!isAbsent(spec['loadBalancerClass'])) faults.push(forbiddenValue('spec.loadBalancerClass', text))
  return faults
}

function rangeFaults(spec: JsonObject): readonly FieldFault[] {
  return listOf(spec['loadBalancerSourceRanges']).flatMap((value, index) => {
    const range = textOf(value).trim()
    const text = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
    return isCidr(range) ? [] : [invalidValue(`spec.LoadBalancerSourceRanges[${index}]`, value, text)]
  })
}

function classFaults(spec: JsonObject): readonly FieldFault[] {
  const name = spec['loadBalancerClass']
  if (isAbsent(name)) return []
  return labelKeyFaults(textOf(name)).map((text) => invalidValue('spec.loadBalancerClass', name, text))
}

function policyFaults(spec: JsonObject): readonly FieldFault[] {
  const isExternal = spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer' || (spec['type'] === 'ClusterIP' && listOf(spec['externalIPs']).length > 0) // prettier-ignore
  const external = spec['externalTrafficPolicy']
  const faults: FieldFault[] = []
  if (!isExternal && !isAbsent(external))
    faults.push(
      invalidValue('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'),
    )
  else if (!isAbsent(external) && external !== 'Cluster' && external !== 'Local')
    faults.push(notSupported('spec.externalTrafficPolicy', external, ['Cluster', 'Local']))
  return [
    ...faults,
    ...healthPortFaults(spec),
    ...choiceIfSet(spec['internalTrafficPolicy'], 'spec.internalTrafficPolicy', ['Cluster', 'Local']),
    ...choiceIfSet(spec['trafficDistribution'], 'spec.trafficDistribution', DISTRIBUTIONS),
  ]
}

const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

function healthPortFaults(spec: JsonObject): readonly FieldFault[] {
  const port = numberOf(spec['healthCheckNodePort'])
  const field = 'spec.healthCheckNodePort'
  if (port === 0) return []
  if (spec['type'] !== 'LoadBalancer' || spec['externalTrafficPolicy'] !== 'Local')
    return [invalidValue(field, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")] // prettier-ignore
  return portNumber(port).map((text) => invalidValue(field, port, text))
}
