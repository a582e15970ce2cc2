// DaemonSets: one pod on every node that fits (pkg/controller/daemon, v1.36).
import type { Informer } from '../../../kube/client/informer.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { ownedInformer, updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import { matchesNode, tolerates } from '../core/node-fit.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { Node, Pod, PodTemplate, RollingUpdate, Toleration } from '../kit/model.ts'
import { claimChildren } from '../kit/ownership.ts'
import { isAvailable, isFinished, isReady, isTerminating, withoutZeros } from '../kit/pod-state.ts'
import { PodControl, podFromTemplate } from '../kit/replicas.ts'
import {
  DAEMON_NAMING,
  REVISION_LABEL,
  syncRevisions,
  trimRevisions,
  type ControllerRevision,
  type RevisionOwner,
} from './revisions.ts'
import { scaledValue } from './rollout-arithmetic.ts'

interface DaemonSet extends RevisionOwner {
  readonly spec: RevisionOwner['spec'] & {
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate }
    readonly minReadySeconds?: number
  }
  readonly status?: Readonly<Record<string, unknown>> & RevisionOwner['status']
}

/** The API's own count of template changes, which the first version of this kind had as a field. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'
const GENERATION_LABEL = 'pod-template-generation'

interface Room {
  readonly context: WorkloadContext
  readonly sets: Informer<DaemonSet>
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly revisions: Informer<ControllerRevision>
  readonly naming: typeof DAEMON_NAMING
  readonly podControl: PodControl
}

/** The DaemonSet controller. */
export async function createDaemonSetController(context: WorkloadContext): Promise<Controller> {
  const [sets, pods, nodes, revisions] = await Promise.all([
    context.informers.of<DaemonSet>({ group: 'apps', kind: 'DaemonSet' }),
    ownedInformer<Pod>(context, { group: '', kind: 'Pod' }),
    context.informers.of<Node>({ group: '', kind: 'Node' }),
    ownedInformer<ControllerRevision>(context, { group: 'apps', kind: 'ControllerRevision' }),
  ])
  const podControl = new PodControl({
    context,
    pods,
    events: context.events('daemonset-controller'),
    ownerKind: 'DaemonSet',
  })
  const room: Room = { context, sets, pods, nodes, revisions, naming: DAEMON_NAMING, podControl }
  const controller = workloadController(context, {
    name: 'daemonset',
    reconcile: (request) => reconcileDaemonSet(room, request),
  })
  enqueueOnChange(sets, controller)
  podControl.watch(controller)
  nodes.onChange(({ object, old }) => {
    const isSame =
      old !== undefined && deepEqual([old.metadata.labels, old.spec], [object.metadata.labels, object.spec])
    if (!isSame) for (const set of sets.list()) controller.enqueue(requestFor(set))
  })
  return controller
}

async function reconcileDaemonSet(room: Room, request: Request): Promise<ReconcileResult> {
  const set = room.sets.get(request.namespace, request.name)
  if (set === undefined) return 'done'
  const { client, clock } = room.context
  const pods = await claimChildren({ client, cache: room.pods, owner: set, selector: set.spec.selector })
  const history = await syncRevisions(room, set)
  const hash = history.update.metadata.labels?.[REVISION_LABEL] ?? ''
  const facts = { hash, nowMs: clock.now() }
  const plan = planFor(set, { pods, nodes: [...room.nodes.list()], ...facts })
  const isSatisfied = room.podControl.expectations.isSatisfied(set.metadata.uid ?? '')
  if (set.metadata.deletionTimestamp === undefined && isSatisfied) await act(room, set, { ...facts, plan })
  const { collisionCount } = history
  const counted = collisionCount === undefined ? {} : { collisionCount }
  const status: Readonly<Record<string, unknown>> = { ...statusOf(set, plan, facts), ...counted }
  if (!deepEqual(status, set.status)) await updateStatus(room.context, room.sets.type, set, status)
  const used = history.all.filter((one) => isUsed(one, pods)).map((one) => one.metadata.name ?? '')
  await trimRevisions(room, set, { history, inUse: new Set(used) })
  const isWaiting = (set.spec.minReadySeconds ?? 0) > 0 && status['numberAvailable'] !== status['numberReady']
  return isWaiting ? { retryAfterMs: 1000 } : 'done'
}

async function act(
  room: Room,
  set: DaemonSet,
  facts: { readonly plan: Plan; readonly hash: string; readonly nowMs: number },
): Promise<void> {
  const { plan, hash } = facts
  const surplus = [...plan.surplus, ...outdatedPods(set, plan, facts)]
  const missing = [...plan.missing, ...surgeNodes(set, plan, facts)]
  if (surplus.length > 0) await room.podControl.delete(set, surplus)
  else if (missing.length > 0) {
    await room.podControl.create(
      set,
      missing.map((node) => daemonPod(set, node, hash)),
    )
  }
}

function isUsed(revision: ControllerRevision, pods: readonly Pod[]): boolean {
  const hash = revision.metadata.labels?.[REVISION_LABEL]
  return pods.some((pod) => pod.metadata.labels?.[REVISION_LABEL] === hash)
}

interface Plan {
  /** Nodes that should run the pod. */
  readonly wanted: readonly string[]
  readonly missing: readonly string[]
  /** Finished, doubled, or where none should be. */
  readonly surplus: readonly Pod[]
  /** The one pod of each wanted node; the older where a new one stands beside it. */
  readonly daemons: readonly Pod[]
  /** New pods beside old ones. */
  readonly surging: readonly Pod[]
  /** Nodes that run one but should not. */
  readonly misscheduled: number
}

interface PlanFacts extends RolloutFacts {
  readonly pods: readonly Pod[]
  readonly nodes: readonly Node[]
}

function planFor(set: DaemonSet, { pods, nodes, hash, nowMs }: PlanFacts): Plan {
  const sample = {
    ...podFromTemplate(set, set.spec.template),
    spec: { ...set.spec.template.spec, tolerations: tolerationsOf(set.spec.template) },
  }
  const wanted = nodes.filter((node) => belongsOn(sample as Pod, node)).map((node) => node.metadata.name ?? '')
  const byNode = new Map<string, Pod[]>()
  for (const pod of pods) {
    const node = targetNode(pod)
    byNode.set(node, [...(byNode.get(node) ?? []), pod])
  }
  const isWanted = new Set(wanted)
  const missing = wanted.filter((node) => (byNode.get(node) ?? []).length === 0)
  const surplus: Pod[] = []
  const daemons: Pod[] = []
  const surging: Pod[] = []
  let misscheduled = 0
  for (const [node, all] of byNode) {
    const living = all.filter((pod) => !isFinished(pod) && !isTerminating(pod))
    surplus.push(...all.filter((pod) => isFinished(pod) && !isTerminating(pod)))
    if (!isWanted.has(node)) {
      surplus.push(...living)
      if (living.length > 0) misscheduled++
      continue
    }
    const kept = keepOnNode(set, living, { hash, nowMs })
    if (kept.daemon !== undefined) daemons.push(kept.daemon)
    if (kept.surging !== undefined) surging.push(kept.surging)
    surplus.push(...kept.surplus)
  }
  return { wanted, missing, surplus, daemons, surging, misscheduled }
}

interface KeptPods {
  readonly daemon: Pod | undefined
  readonly surging?: Pod
  readonly surplus: readonly Pod[]
}

/** The oldest pod stays; while a rollout surges, a new one beside it until the new one is up or the old one is down (podsShouldBeOnNode). */
function keepOnNode(set: DaemonSet, living: readonly Pod[], { hash, nowMs }: RolloutFacts): KeptPods {
  const sorted = living.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
  )
  const [oldest, ...others] = sorted
  if (others.length === 0 || maxSurge(set, 1) === 0) return { daemon: oldest, surplus: others }
  const old = sorted.find((pod) => !isUpdated(pod, hash))
  const fresh = sorted.find((pod) => isUpdated(pod, hash))
  const surplus = sorted.filter((pod) => pod !== old && pod !== fresh)
  if (old === undefined || fresh === undefined) return { daemon: old ?? fresh, surplus }
  const isReplaced = !isReady(old) || isAvailable(fresh, set.spec.minReadySeconds ?? 0, nowMs)
  return isReplaced ? { daemon: fresh, surplus: [...surplus, old] } : { daemon: old, surging: fresh, surplus }
}

function isUpdated(pod: Pod, hash: string): boolean {
  return pod.metadata.labels?.[REVISION_LABEL] === hash
}

/** How many nodes may run two pods while a rollout goes on. */
function maxSurge({ spec: { updateStrategy } }: DaemonSet, wanted: number): number {
  if (updateStrategy?.type === 'OnDelete') return 0
  return scaledValue(updateStrategy?.rollingUpdate?.maxSurge, wanted, true)
}

/** Nodes that get a new pod beside the old one: where the old one is down anyway, and as many others as may surge. */
function surgeNodes(set: DaemonSet, plan: Plan, { hash, nowMs }: RolloutFacts): readonly string[] {
  const most = maxSurge(set, plan.wanted.length)
  if (most === 0) return []
  const taken = new Set(plan.surging.map(targetNode))
  const old = plan.daemons.filter((pod) => !isUpdated(pod, hash) && !taken.has(targetNode(pod)))
  const isUp = (pod: Pod): boolean => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)
  const left = Math.max(0, most - plan.surging.length)
  return [...old.filter((pod) => !isUp(pod)), ...old.filter(isUp).slice(0, left)].map(targetNode)
}

interface RolloutFacts {
  readonly hash: string
  readonly nowMs: number
}

function belongsOn(pod: Pod, node: Node): boolean {
  const repelled = (node.spec?.taints ?? []).some(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod.spec.tolerations ?? [], taint),
  )
  return matchesNode(pod, node) && !repelled
}

/** DaemonSet pods bear what other pods flee from (daemon/util/daemonset_util.go AddOrUpdateDaemonPodTolerations). */
function tolerationsOf(template: PodTemplate): readonly Toleration[] {
  const keys = {
    NoExecute: ['not-ready', 'unreachable'],
    NoSchedule: ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'],
  }
  const own = Object.entries(keys).flatMap(([effect, names]) =>
    names.map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect })),
  )
  return [...(template.spec.tolerations ?? []), ...own]
}

/** The node a pod is on, or is bound for by its affinity. */
function targetNode(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName
  const found = /"metadata\.name"[^}]*"values":\["(?<node>[^"]+)"\]/.exec(JSON.stringify(pod.spec.affinity ?? {}))
  return found?.groups?.['node'] ?? ''
}

function daemonPod(set: DaemonSet, node: string, hash: string): KubeObject {
  const { template } = set.spec
  const affinity = withNode(template.spec.affinity ?? {}, node)
  const spec = { ...template.spec, affinity, tolerations: tolerationsOf(template) }
  const generation = set.metadata.annotations?.[TEMPLATE_GENERATION]
  const counted = generation === undefined ? {} : { [GENERATION_LABEL]: generation }
  const labels = { ...template.metadata?.labels, ...counted, [REVISION_LABEL]: hash }
  return podFromTemplate(set, { ...template, spec }, { labels })
}

/** Binds the pod to its node by affinity: the scheduler places it (util.ReplaceDaemonSetPodNodeNameNodeAffinity). */
function withNode(affinity: JsonObject, node: string): JsonObject {
  const required = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
  }
  const nodeAffinity = affinity['nodeAffinity'] as JsonObject | undefined
  return { ...affinity, nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required } }
}

/** Old pods that may go now: as many as may be unavailable, those that are unavailable anyway first. */
function outdatedPods(
  set: DaemonSet,
  plan: Plan,
  facts: { readonly hash: string; readonly nowMs: number },
): readonly Pod[] {
  if (set.spec.updateStrategy?.type === 'OnDelete' || maxSurge(set, plan.wanted.length) > 0) return []
  const { minReadySeconds = 0, updateStrategy } = set.spec
  const old = plan.daemons.filter((pod) => !isUpdated(pod, facts.hash))
  const isUp = (pod: Pod): boolean => isAvailable(pod, minReadySeconds, facts.nowMs)
  const most = Math.max(1, scaledValue(updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, plan.wanted.length, true))
  const unavailable = plan.wanted.length - plan.daemons.filter(isUp).length
  const allowed = Math.max(0, most - unavailable)
  return [...old.filter((pod) => !isUp(pod)), ...old.filter(isUp).slice(0, allowed)]
}

function statusOf(
  set: DaemonSet,
  plan: Plan,
  facts: { readonly hash: string; readonly nowMs: number },
): Readonly<Record<string, number>> {
  const { minReadySeconds = 0 } = set.spec
  const available = plan.daemons.filter((pod) => isAvailable(pod, minReadySeconds, facts.nowMs)).length
  const updated = plan.daemons.filter((pod) => isUpdated(pod, facts.hash)).length
  return {
    currentNumberScheduled: plan.daemons.length,
    numberMisscheduled: plan.misscheduled,
    desiredNumberScheduled: plan.wanted.length,
    numberReady: plan.daemons.filter(isReady).length,
    observedGeneration: set.metadata.generation ?? 0,
    ...withoutZeros({
      updatedNumberScheduled: updated,
      numberAvailable: available,
      numberUnavailable: plan.wanted.length - available,
    }),
  }
}
