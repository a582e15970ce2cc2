// A simulated pod's status from what is known of it: phase, conditions, addresses, containers.
import type { ContainerStatus, Pod, PodStatus } from '../workloads/kit/model.ts'
import type { ContainerRole, ContainerRun } from './container-run.ts'
import { phaseOf, podConditions } from './pod-phase.ts'

/** Why a whole pod has failed, whatever its containers did. */
export interface PodFailure {
  readonly reason: string
  readonly message: string
}

export interface PodStatusFacts {
  /** Those the pod began with. */
  readonly containers: readonly ContainerRun[]
  readonly ephemeral: readonly ContainerRun[]
  readonly failure: PodFailure | undefined
  /** It was told to end, and all its containers have. */
  readonly isOver: boolean
  readonly hasSandbox: boolean
  readonly startTime: string | undefined
  readonly nowMs: number
  readonly hostIp: string
  readonly podIp: string
}

/** What the kubelet would report now. */
export function podStatus(pod: Pod, facts: PodStatusFacts): PodStatus {
  const { containers, ephemeral, failure, hasSandbox, startTime, nowMs, hostIp, podIp } = facts
  const phase = failure === undefined ? phaseOf(pod, containers, facts.isOver) : 'Failed'
  const isInSandbox = hasSandbox && phase !== 'Failed' && phase !== 'Succeeded'
  const { generation } = pod.metadata
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    conditions: podConditions(pod, containers, { phase, nowMs, hasSandbox: isInSandbox }),
    ...failure,
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(hasSandbox ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
    ...(startTime === undefined ? {} : { startTime }),
    ...containerStatuses([...containers, ...ephemeral]),
  }
}

/** The lists of a pod's status; those of init and ephemeral containers only where there are some. */
function containerStatuses(
  containers: readonly ContainerRun[],
): Pick<PodStatus, 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses'> {
  const of = (...roles: readonly ContainerRole[]): readonly ContainerStatus[] =>
    containers.filter(({ role }) => roles.includes(role)).map((container) => container.status())
  const [init, ephemeral] = [of('init', 'sidecar'), of('ephemeral')]
  return {
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: of('app'),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
  }
}
