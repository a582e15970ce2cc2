// The simulated nodes: what a kubelet registers of itself, and its heartbeat.
import type { KubeObject } from '../../kube/object.ts'
import { timestamp } from '../workloads/kit/pod-state.ts'

export interface NodeSpec {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  /** Default 4 CPUs, 16 GiB, 110 pods. */
  readonly capacity?: Readonly<Record<string, string>>
}

/** What `kubectl get nodes` shows as the version; the real kubelet's of the reference server. */
export const KUBELET_VERSION = 'v1.36.3'

const CAPACITY: Readonly<Record<string, string>> = {
  cpu: '4',
  memory: '16Gi',
  pods: '110',
  'ephemeral-storage': '100Gi',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
}

/** The node's own address. */
export function nodeIp(index: number): string {
  return `172.18.0.${index + 2}`
}

/** A Node as it stands after registration; the annotation tells people that nothing runs there. */
export function nodeObject(spec: NodeSpec, index: number, nowMs: number): KubeObject {
  const capacity = { ...CAPACITY, ...spec.capacity }
  const podCIDR = `10.244.${index}.0/24`
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': 'linux',
        ...spec.labels,
      },
      annotations: { 'capstan.dev/simulated': 'true' },
    },
    spec: { podCIDR, podCIDRs: [podCIDR], ...(spec.taints === undefined ? {} : { taints: spec.taints }) },
    status: nodeStatus({ name: spec.name, index, capacity, nowMs }),
  }
  return node
}

function nodeStatus(facts: {
  name: string
  index: number
  capacity: Readonly<Record<string, string>>
  nowMs: number
}): object {
  const now = timestamp(facts.nowMs)
  const condition = (type: string, status: string, [reason, message]: readonly [string, string]): object => ({
    type,
    status,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message,
  })
  return {
    capacity: facts.capacity,
    allocatable: facts.capacity,
    conditions: [
      condition('MemoryPressure', 'False', ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available']),
      condition('DiskPressure', 'False', ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure']),
      condition('PIDPressure', 'False', ['KubeletHasSufficientPID', 'kubelet has sufficient PID available']),
      condition('Ready', 'True', ['KubeletReady', 'kubelet is posting ready status']),
    ],
    addresses: [
      { type: 'InternalIP', address: nodeIp(facts.index) },
      { type: 'Hostname', address: facts.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: '6.1.0',
      osImage: 'Simulated by Capstan',
      containerRuntimeVersion: 'containerd://2.1.0',
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  }
}
