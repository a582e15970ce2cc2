// Services: defaults, addresses and ports (pkg/apis/core/v1/defaults.go, pkg/registry/core/service/storage, 1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { PreparationError, type KindContext } from '../contract.ts'
import {
  change,
  changeEach,
  fill,
  isAbsent,
  listOf,
  numberOf,
  objectOf,
  objectsOf,
  put,
  textOf,
  without,
} from '../edit.ts'
import { invalidValue } from '../validation/faults.ts'
import { clusterIpFaults } from '../validation/services.ts'
import type { Family } from './family.ts'

/** Three hours, the length of a client's affinity. */
const AFFINITY_SECONDS = 10_800
const HEADLESS = 'None'

export const serviceFamily: Family = {
  '/v1/Service': {
    setDefaults: (object) => change(change(object, 'spec', defaultServiceSpec), 'status', defaultIngressMode),
    prepareForCreate: (object, context) => ({
      ...allocate(inStep(object, undefined), undefined, context),
      status: { loadBalancer: {} },
    }),
    prepareForUpdate: (object, old, context) =>
      allocate(keepAllocated(inStep(object, old), old), old, holding(old, context)),
    fieldLabels: (object) => {
      const spec = objectOf(object['spec'])
      return { 'spec.clusterIP': textOf(spec['clusterIP']), 'spec.type': textOf(spec['type']) }
    },
  },
}

/** What a service holds already is its own: claiming it again is no conflict. */
function holding(old: JsonObject, context: KindContext): KindContext {
  const spec = objectOf(old['spec'])
  const addresses = new Set([textOf(spec['clusterIP']), ...listOf(spec['clusterIPs']).map(textOf)])
  const ports = new Set(objectsOf(spec['ports']).map((port) => numberOf(port['nodePort'])))
  return {
    ...context,
    claimClusterIp: (wanted) =>
      wanted !== undefined && addresses.has(wanted) ? wanted : context.claimClusterIp(wanted),
    claimNodePort: (wanted) => (wanted !== undefined && ports.has(wanted) ? wanted : context.claimNodePort(wanted)),
  }
}

function defaultServiceSpec(spec: JsonObject): JsonObject {
  let edited = defaultAffinity(fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' }))
  edited = changeEach(edited, 'ports', defaultServicePort)
  const type = textOf(edited['type'])
  const isExternal = type === 'NodePort' || type === 'LoadBalancer' || hasExternalAddress(edited)
  if (isExternal) edited = fill(edited, { externalTrafficPolicy: 'Cluster' })
  if (type !== 'ExternalName') edited = fill(edited, { internalTrafficPolicy: 'Cluster' })
  return type === 'LoadBalancer' ? fill(edited, { allocateLoadBalancerNodePorts: true }) : edited
}

function hasExternalAddress(spec: JsonObject): boolean {
  return spec['type'] === 'ClusterIP' && listOf(spec['externalIPs']).length > 0
}

function defaultAffinity(spec: JsonObject): JsonObject {
  if (spec['sessionAffinity'] === 'None') return without(spec, 'sessionAffinityConfig')
  if (spec['sessionAffinity'] !== 'ClientIP') return spec
  const clientIp = objectOf(objectOf(spec['sessionAffinityConfig'])['clientIP'])
  if (!isAbsent(clientIp['timeoutSeconds'])) return spec
  return put(spec, 'sessionAffinityConfig', { clientIP: { timeoutSeconds: AFFINITY_SECONDS } })
}

function defaultServicePort(port: JsonObject): JsonObject {
  const target = port['targetPort']
  const edited = fill(port, { protocol: 'TCP' })
  return isAbsent(target) || target === 0 || target === '' ? put(edited, 'targetPort', port['port'] ?? 0) : edited
}

function defaultIngressMode(status: JsonObject): JsonObject {
  return change(status, 'loadBalancer', (balancer) =>
    changeEach(balancer, 'ingress', (ingress) =>
      isAbsent(ingress['ip']) ? ingress : fill(ingress, { ipMode: 'VIP' }),
    ),
  )
}

const NEEDS_PORTS = new Set(['NodePort', 'LoadBalancer'])

function needsAddress(spec: JsonObject): boolean {
  return spec['type'] !== 'ExternalName'
}

function needsPorts(spec: JsonObject): boolean {
  const isRefused = spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] === false
  return NEEDS_PORTS.has(textOf(spec['type'])) && !isRefused
}

/** Who gives one of `clusterIP` and `clusterIPs` means both (`normalizeClusterIPs`). */
function inStep(object: JsonObject, old: JsonObject | undefined): JsonObject {
  const before = objectOf(old?.['spec'])
  return change(object, 'spec', (spec) => {
    const [now, then] = [textOf(spec['clusterIP']), textOf(before['clusterIP'])]
    const addresses = listOf(spec['clusterIPs'])
    const isKept = then !== '' && now !== then && deepEqual(addresses, listOf(before['clusterIPs']))
    if (isKept && now === '') return without(spec, 'clusterIPs')
    return now !== '' && (isKept || addresses.length === 0) ? put(spec, 'clusterIPs', [now]) : spec
  })
}

/** Gives a service the addresses and node ports it still lacks. One that asks for what it cannot have is refused for that alone. */
function allocate(object: JsonObject, old: JsonObject | undefined, context: KindContext): JsonObject {
  return change(object, 'spec', (spec) => {
    const faults = clusterIpFaults(spec, objectOf(old?.['spec']))
    if (faults.length > 0) throw new PreparationError(...faults)
    let edited = needsAddress(spec) ? allocateAddress(spec, context) : spec
    if (needsPorts(edited)) edited = allocatePorts(edited, context)
    const needsHealthPort = edited['type'] === 'LoadBalancer' && edited['externalTrafficPolicy'] === 'Local'
    if (!needsHealthPort || !isAbsent(edited['healthCheckNodePort'])) return edited
    return put(edited, 'healthCheckNodePort', context.claimNodePort() ?? 0)
  })
}

function allocateAddress(spec: JsonObject, context: KindContext): JsonObject {
  const wanted = textOf(spec['clusterIP']) || textOf(listOf(spec['clusterIPs'])[0])
  const address = wanted === HEADLESS ? HEADLESS : context.claimClusterIp(wanted === '' ? undefined : wanted)
  if (address === undefined) throw new PreparationError(addressTaken(wanted))
  if (wanted !== '' && wanted !== HEADLESS && context.isClusterIp?.(wanted) === false)
    throw new PreparationError(addressOutside(wanted))
  const isOpen = address === HEADLESS && Object.keys(objectOf(spec['selector'])).length === 0
  const families: JsonObject = isOpen
    ? { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' }
    : { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }
  return fill({ ...spec, clusterIP: address, clusterIPs: [address] }, families)
}

function addressOutside(wanted: string): ReturnType<typeof invalidValue> {
  const why = 'the provided network does not match the current range'
  return invalidValue('spec.clusterIPs', [wanted], `failed to allocate IP ${wanted}: ${why}`)
}

function addressTaken(wanted: string): ReturnType<typeof invalidValue> {
  if (wanted === '') return invalidValue('spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full')
  return invalidValue('spec.clusterIPs', [wanted], `failed to allocate IP ${wanted}: provided IP is already allocated`)
}

function allocatePorts(spec: JsonObject, context: KindContext): JsonObject {
  const given = new Map<number, number>()
  return put(
    spec,
    'ports',
    objectsOf(spec['ports']).map((port, index) => {
      const wanted = numberOf(port['nodePort'])
      if (wanted !== 0) return claimPort(port, index, context)
      // One number may serve two protocols of the same port.
      const shared = given.get(numberOf(port['port']))
      const nodePort = shared ?? context.claimNodePort()
      if (nodePort === undefined) throw new PreparationError(portTaken(index, 0, 'range is full'))
      given.set(numberOf(port['port']), nodePort)
      return { ...port, nodePort }
    }),
  )
}

function claimPort(port: JsonObject, index: number, context: KindContext): JsonObject {
  const wanted = numberOf(port['nodePort'])
  if (wanted < 30_000 || wanted > 32_767)
    throw new PreparationError(
      portTaken(index, wanted, 'provided port is not in the valid range. The range of valid ports is 30000-32767'),
    )
  if (context.claimNodePort(wanted) === undefined)
    throw new PreparationError(portTaken(index, wanted, 'provided port is already allocated'))
  return port
}

function portTaken(index: number, wanted: number, text: string): ReturnType<typeof invalidValue> {
  return invalidValue(`spec.ports[${index}].nodePort`, wanted, text)
}

/** An update that leaves out what the server gave keeps it (`patchAllocatedValues`), and drops it with the type that needed it. */
function keepAllocated(object: JsonObject, old: JsonObject): JsonObject {
  const before = objectOf(old['spec'])
  return change(object, 'spec', (spec) => {
    let edited = spec
    if (needsAddress(before) && needsAddress(spec)) edited = keepAddress(spec, before)
    else if (needsAddress(before)) edited = dropSame(spec, before, ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) // prettier-ignore
    if (needsPorts(before) && needsPorts(spec)) edited = keepPorts(edited, before)
    else if (NEEDS_PORTS.has(textOf(before['type'])) && !needsPorts(spec)) edited = dropPorts(edited, before)
    return keepTypeFields(edited, before)
  })
}

function keepAddress(spec: JsonObject, before: JsonObject): JsonObject {
  const kept: Record<string, JsonValue> = {}
  for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
    const value = before[key]
    if (value !== undefined) kept[key] = value
  }
  return fill(spec, kept)
}

function keepPorts(spec: JsonObject, before: JsonObject): JsonObject {
  const known = new Map(objectsOf(before['ports']).map((port) => [portKey(port), port['nodePort'] ?? 0]))
  return changeEach(spec, 'ports', (port) => {
    const nodePort = known.get(portKey(port)) ?? 0
    return nodePort === 0 ? port : fill(port, { nodePort })
  })
}

function portKey(port: JsonObject): string {
  return `${textOf(port['protocol'])}/${numberOf(port['port'])}`
}

function dropPorts(spec: JsonObject, before: JsonObject): JsonObject {
  const known = new Set(objectsOf(before['ports']).map((port) => port['nodePort']))
  return changeEach(spec, 'ports', (port) => (known.has(port['nodePort']) ? without(port, 'nodePort') : port))
}

function dropSame(spec: JsonObject, before: JsonObject, keys: readonly string[]): JsonObject {
  const isSame = keys.every((key) => JSON.stringify(spec[key]) === JSON.stringify(before[key]))
  return isSame ? without(spec, ...keys) : spec
}

function keepTypeFields(spec: JsonObject, before: JsonObject): JsonObject {
  let edited = spec
  const isLocal = spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local'
  if (isLocal && before['healthCheckNodePort'] !== undefined) edited = fill(edited, { healthCheckNodePort: before['healthCheckNodePort'] }) // prettier-ignore
  if (!isLocal) edited = dropSame(edited, before, ['healthCheckNodePort'])
  if (spec['type'] !== 'LoadBalancer')
    for (const key of ['allocateLoadBalancerNodePorts', 'loadBalancerClass']) edited = dropSame(edited, before, [key])
  const isExternal = NEEDS_PORTS.has(textOf(spec['type'])) || hasExternalAddress(spec)
  return isExternal ? edited : dropSame(edited, before, ['externalTrafficPolicy'])
}
