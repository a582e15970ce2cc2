// A pod's phase and conditions from the states of its containers (kubelet_pods.go getPhase, status/generate.go, v1.36).
import type { Condition, Pod } from '../workloads/kit/model.ts'
import { conditionOf, timestamp } from '../workloads/kit/pod-state.ts'
import type { ContainerRun } from './container-run.ts'

/** `isEnding`: the pod is being removed, so nothing restarts any more. */
export function phaseOf(pod: Pod, containers: readonly ContainerRun[], isEnding: boolean): string {
  const policy = pod.spec.restartPolicy ?? 'Always'
  const failedInit = containers.some((one) => one.role === 'init' && isFailure(one))
  if (failedInit && (policy === 'Never' || isEnding)) return 'Failed'
  const apps = containers.filter((one) => one.role === 'app')
  if (apps.some((one) => one.isRunning)) return 'Running'
  if (!isInitialized(containers) || apps.some((one) => !one.wasStarted)) return isEnding ? 'Failed' : 'Pending'
  // Sidecars outlive the app containers for a moment: the pod is not over before they are.
  if (containers.some((one) => one.role === 'sidecar' && one.isRunning)) return 'Running'
  return endPhase(apps, policy, isEnding)
}

function endPhase(apps: readonly ContainerRun[], policy: string, isEnding: boolean): string {
  const succeeded = apps.every((one) => one.hasSucceeded)
  if (isEnding) return succeeded ? 'Succeeded' : 'Failed'
  if (policy === 'Always') return 'Running'
  if (succeeded) return 'Succeeded'
  return policy === 'Never' && apps.every((one) => one.state.terminated !== undefined) ? 'Failed' : 'Running'
}

/** Every init container has succeeded and every sidecar has started. */
export function isInitialized(containers: readonly ContainerRun[]): boolean {
  return containers.every((one) => one.role === 'app' || (one.role === 'init' ? one.hasSucceeded : one.wasStarted))
}

function isFailure(container: ContainerRun): boolean {
  return container.state.terminated !== undefined && container.state.terminated.exitCode !== 0
}

/** The five conditions of a kubelet, in its order, beside those that others have set. */
export function podConditions(
  pod: Pod,
  containers: readonly ContainerRun[],
  facts: { readonly phase: string; readonly nowMs: number; readonly hasSandbox: boolean },
): readonly Condition[] {
  const own = [
    condition('PodReadyToStartContainers', facts.hasSandbox),
    initialized(containers, facts.phase),
    ...readiness(pod, containers, facts.phase),
    condition('PodScheduled', true),
  ]
  const now = timestamp(facts.nowMs)
  const observedGeneration = pod.metadata.generation
  const names = new Set(own.map(({ type }) => type))
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !names.has(type))
  const stamped = own.map((one) => {
    const old = conditionOf(pod.status?.conditions, one.type)
    const lastTransitionTime = old?.status === one.status ? (old.lastTransitionTime ?? now) : now
    const generation = observedGeneration === undefined ? {} : { observedGeneration }
    return { ...one, ...generation, lastProbeTime: null, lastTransitionTime }
  })
  return [...stamped, ...others]
}

function initialized(containers: readonly ContainerRun[], phase: string): Condition {
  if (isInitialized(containers)) {
    return phase === 'Succeeded'
      ? { ...condition('Initialized', true), reason: 'PodCompleted' }
      : condition('Initialized', true)
  }
  const waiting = containers.filter(
    (one) => (one.role === 'init' && !one.hasSucceeded) || (one.role === 'sidecar' && !one.wasStarted),
  )
  const message = `containers with incomplete status: [${namesOf(waiting)}]`
  return { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message }
}

function readiness(pod: Pod, containers: readonly ContainerRun[], phase: string): readonly Condition[] {
  if (phase === 'Succeeded')
    return ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'False', reason: 'PodCompleted' }))
  if (phase === 'Failed')
    return ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'False', reason: 'PodFailed' }))
  const unready = containers.filter((one) => one.role !== 'init' && !one.ready)
  if (unready.length > 0) {
    const message = `containers with unready status: [${namesOf(unready)}]`
    return ['Ready', 'ContainersReady'].map((type) => ({
      type,
      status: 'False',
      reason: 'ContainersNotReady',
      message,
    }))
  }
  const gates = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => gateProblem(pod, conditionType))
  if (gates.length === 0) return [condition('Ready', true), condition('ContainersReady', true)]
  return [
    { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: gates.join(', ') },
    condition('ContainersReady', true),
  ]
}

/** What keeps a readiness gate shut, in the kubelet's words. */
function gateProblem(pod: Pod, gate: string): readonly string[] {
  const status = conditionOf(pod.status?.conditions, gate)?.status
  if (status === 'True') return []
  if (status === undefined) return [`corresponding condition of pod readiness gate "${gate}" does not exist.`]
  return [`the status of pod readiness gate "${gate}" is not "True", but ${status}`]
}

function condition(type: string, holds: boolean): Condition {
  return { type, status: holds ? 'True' : 'False' }
}

function namesOf(containers: readonly ContainerRun[]): string {
  return containers.map(({ spec }) => spec.name).join(' ')
}
