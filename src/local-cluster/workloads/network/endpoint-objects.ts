// The Endpoints and EndpointSlices of a Service and the pods behind it: pure functions.
import type { KubeObject } from '../../../kube/object.ts'
import type { IntOrString, Pod } from '../kit/model.ts'
import { controllerReference } from '../kit/ownership.ts'
import { isFinished, isReady, isTerminating } from '../kit/pod-state.ts'

/** endpointslice controller --max-endpoints-per-slice. */
const MAX_PER_SLICE = 100

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly targetPort?: IntOrString
  readonly appProtocol?: string
}

export interface Service extends KubeObject {
  readonly spec?: {
    readonly selector?: Readonly<Record<string, string>>
    readonly ports?: readonly ServicePort[]
    readonly clusterIP?: string
    readonly type?: string
    readonly publishNotReadyAddresses?: boolean
    readonly loadBalancerClass?: string
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly object[] } }
}

/** core/v1 Endpoints: one subset per set of resolved ports. */
export function endpointsOf(service: Service, pods: readonly Pod[]): KubeObject {
  const { name = '', namespace = '', labels } = service.metadata
  const headless = service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}
  const subsets = groupByPorts(
    service,
    pods.filter((pod) => hasAddress(pod) && !isTerminating(pod)),
  ).map(({ ports, members }) => {
    const isUp = (pod: Pod): boolean => isReady(pod) || service.spec?.publishNotReadyAddresses === true
    const addresses = members.filter(isUp).map(address)
    const notReadyAddresses = members.filter((pod) => !isUp(pod)).map(address)
    return {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    }
  })
  const managed = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace, labels: { ...labels, ...managed, ...headless } },
    ...(subsets.length > 0 ? { subsets } : {}),
  }
  return endpoints
}

function address(pod: Pod): object {
  const { name = '', namespace = '', uid = '' } = pod.metadata
  const hostname = pod.spec.hostname && pod.spec.subdomain ? { hostname: pod.spec.hostname } : {}
  return {
    ip: pod.status?.podIP ?? '',
    ...hostname,
    nodeName: pod.spec.nodeName ?? '',
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

/** discovery.k8s.io/v1 EndpointSlices: at most 100 endpoints each; a Service without pods has one empty slice. */
export function slicesOf(service: Service, pods: readonly Pod[]): readonly KubeObject[] {
  const reachable = pods.filter(hasAddress)
  const groups = groupByPorts(service, reachable)
  if (groups.length === 0) return [slice(service, null, [])]
  const slices: KubeObject[] = []
  for (const { ports, members } of groups) {
    for (let from = 0; from < members.length; from += MAX_PER_SLICE) {
      slices.push(slice(service, ports, members.slice(from, from + MAX_PER_SLICE)))
    }
  }
  return slices
}

function slice(service: Service, ports: readonly ResolvedPort[] | null, members: readonly Pod[]): KubeObject {
  const { name = '', namespace = '', labels } = service.metadata
  const headless = service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}
  const named = ports?.map((port) => ({ ...port, name: port.name ?? '' })) ?? null
  const made = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        ...labels,
        ...headless,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: members.map((pod) => endpoint(service, pod)),
    ports: named,
  }
  return made
}

function endpoint(service: Service, pod: Pod): object {
  const { name = '', namespace = '', uid = '' } = pod.metadata
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready, serving, terminating },
    nodeName: pod.spec.nodeName ?? '',
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

function hasAddress(pod: Pod): boolean {
  return pod.status?.podIP !== undefined && !isFinished(pod)
}

interface ResolvedPort {
  readonly name?: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

/** Named target ports may mean another number in each pod. Groups and members are sorted, so that nothing moves needlessly. */
function groupByPorts(
  service: Service,
  pods: readonly Pod[],
): readonly { ports: readonly ResolvedPort[]; members: readonly Pod[] }[] {
  const groups = new Map<string, { ports: readonly ResolvedPort[]; members: Pod[] }>()
  const sorted = pods.toSorted((a, b) => ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1))
  for (const pod of sorted) {
    const ports = resolvePorts(service, pod)
    const key = JSON.stringify(ports)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { ports, members: [pod] })
    else group.members.push(pod)
  }
  return [...groups.values()]
}

function resolvePorts(service: Service, pod: Pod): readonly ResolvedPort[] {
  return (service.spec?.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(servicePort, pod)
    if (port === undefined) return []
    const { name, protocol = 'TCP', appProtocol } = servicePort
    return [
      {
        ...(name === undefined ? {} : { name }),
        port,
        protocol,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      },
    ]
  })
}

function targetPort(port: ServicePort, pod: Pod): number | undefined {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target === 0 ? port.port : target
  for (const container of pod.spec.containers) {
    const found = container.ports?.find(
      (one) => one.name === target && (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )
    if (found !== undefined) return found.containerPort
  }
  return undefined
}
