// The pods a Job makes: from its template, and of an Indexed Job one for each index that is free (pkg/controller/job, v1.36.3).
import type { KubeObject } from '../../../kube/object.ts'
import type { Pod } from '../kit/model.ts'
import { isTerminating } from '../kit/pod-state.ts'
import { podFromTemplate } from '../kit/replicas.ts'
import { backoffOfMs, endedAtMs } from './job-count.ts'
import { completedIndexes, INDEX_ANNOTATION, indexOf, TRACKING_FINALIZER } from './job-indexes.ts'
import { failedIndexes, failureCounts, failuresSoFar, replacesOnlyFailed } from './job-policies.ts'
import type { Job } from './model.ts'

export interface NewPods {
  readonly pods: readonly KubeObject[]
  /** How long the first index that waits after its failure still has to wait; 0 where none does. */
  readonly waitMs: number
}

/** The next pods of a Job, as many as are free to start. */
export function newJobPods(
  job: Job,
  pods: readonly Pod[],
  { count, nowMs }: { readonly count: number; readonly nowMs: number },
): NewPods {
  const { template, completionMode, backoffLimitPerIndex } = job.spec
  const finalizers = [...new Set([...(template.metadata?.finalizers ?? []), TRACKING_FINALIZER])]
  const tracked = { ...template, metadata: { ...template.metadata, finalizers } }
  if (completionMode !== 'Indexed') {
    return { pods: Array.from({ length: count }, () => podFromTemplate(job, tracked)), waitMs: 0 }
  }
  const last = lastFailures(job, pods)
  const free = freeIndexes(job, pods, count).map((index) => ({ index, replaced: last.get(index) }))
  const waitOf = ({ replaced }: { readonly replaced: Pod | undefined }): number =>
    backoffLimitPerIndex === undefined || replaced === undefined
      ? 0
      : Math.max(0, endedAtMs(replaced) + backoffOfMs(failuresSoFar(replaced)) - nowMs)
  const ready = free.filter((one) => waitOf(one) === 0)
  const waits = free.map(waitOf).filter((ms) => ms > 0)
  return {
    pods: ready.map(({ index, replaced }) => indexedPod(job, tracked, { index, replaced })),
    waitMs: waits.length === 0 ? 0 : Math.min(...waits),
  }
}

/** Failed pods that are kept until the pod in their place exists: it carries on the count of failures. */
export function awaitedPods(job: Job, pods: readonly Pod[]): ReadonlySet<Pod> {
  if (job.spec.backoffLimitPerIndex === undefined) return new Set()
  const ended = new Set([...completedIndexes(job.status, pods), ...failedIndexes(job, pods)])
  const running = new Set(pods.filter((pod) => isRunning(job, pod)).map(indexOf))
  const waiting = [...lastFailures(job, pods)].filter(([index]) => !ended.has(index) && !running.has(index))
  return new Set(waiting.map(([, pod]) => pod))
}

/** The latest failed pod of each index. */
function lastFailures(job: Job, pods: readonly Pod[]): ReadonlyMap<number, Pod> {
  const last = new Map<number, Pod>()
  for (const pod of pods) {
    const index = indexOf(pod)
    if (index === undefined || pod.status?.phase === 'Succeeded' || isRunning(job, pod)) continue
    const known = last.get(index)
    if (known === undefined || failuresSoFar(pod) > failuresSoFar(known)) last.set(index, pod)
  }
  return last
}

function isRunning(job: Job, pod: Pod): boolean {
  const { phase } = pod.status ?? {}
  if (phase === 'Failed' || phase === 'Succeeded') return false
  return !isTerminating(pod) || replacesOnlyFailed(job)
}

function freeIndexes(job: Job, pods: readonly Pod[], count: number): readonly number[] {
  const taken = new Set([...completedIndexes(job.status, pods), ...failedIndexes(job, pods)])
  for (const pod of pods) {
    const index = indexOf(pod)
    if (index !== undefined && isRunning(job, pod)) taken.add(index)
  }
  const free: number[] = []
  for (let index = 0; index < (job.spec.completions ?? 0) && free.length < count; index++) {
    if (!taken.has(index)) free.push(index)
  }
  return free
}

function indexedPod(
  job: Job,
  template: Job['spec']['template'],
  { index, replaced }: { readonly index: number; readonly replaced: Pod | undefined },
): KubeObject {
  const text = String(index)
  const fieldPath = `metadata.labels['${INDEX_ANNOTATION}']`
  const env = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } }
  const withEnv = <T extends { readonly env?: readonly { readonly name: string }[] }>(one: T): T =>
    one.env?.some(({ name }) => name === env.name) === true ? one : { ...one, env: [...(one.env ?? []), env] }
  const hostname = `${job.metadata.name}-${index}`
  const { containers, initContainers } = template.spec
  const indexed = {
    metadata: {
      ...template.metadata,
      labels: { ...template.metadata?.labels, [INDEX_ANNOTATION]: text },
      annotations: { ...template.metadata?.annotations, [INDEX_ANNOTATION]: text, ...failureCounts(job, replaced) },
    },
    spec: {
      ...template.spec,
      hostname,
      containers: containers.map(withEnv),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withEnv) }),
    },
  }
  return podFromTemplate(job, indexed, { generateName: `${hostname}-` })
}
