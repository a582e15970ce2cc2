// Waits until the Deployments of an installation run, tells how far they are, and says why where they do not come up.
import { sleep } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { fieldAt, listAt, numberAt, textAt } from '../kube/field.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { nameOf, refOf, typeOf, type InstallPlace, type PlainObject } from './place.ts'

const POLL_MS = 250

/** Throws `timeout` with what the cluster says of the first that is not ready. */
export async function untilReady(
  place: InstallPlace,
  objects: readonly PlainObject[],
  timeoutMs: number,
): Promise<void> {
  const { clock, signal, say, namespace } = place
  const endMs = clock.now() + timeoutMs
  const told = new Map<string, string>()
  let waiting = objects.filter(({ kind }) => kind === 'Deployment')
  for (;;) {
    const left: PlainObject[] = []
    for (const object of waiting) {
      const progress = progressOf(await read(place, object))
      const name = nameOf(object, namespace)
      if (told.get(name) !== progress.text) say(`${name}: ${progress.text}`)
      told.set(name, progress.text)
      if (!progress.isReady) left.push(object)
    }
    waiting = left
    const [first] = waiting
    if (first === undefined) return
    if (clock.now() > endMs) throw await late(place, first, timeoutMs)
    await sleep(clock, POLL_MS, signal)
  }
}

async function read(place: InstallPlace, object: KubeObject): Promise<KubeObject | undefined> {
  return place.client.get(await refOf(place, object), place.signal)
}

/** As `kubectl rollout status` counts: of the latest generation, none of an older one left. */
function progressOf(deployment: KubeObject | undefined): { readonly text: string; readonly isReady: boolean } {
  const wanted = numberAt(deployment, 'spec', 'replicas')
  const generation = numberAt(deployment, 'metadata', 'generation')
  const isSeen = numberAt(deployment, 'status', 'observedGeneration') >= generation
  const updated = isSeen ? numberAt(deployment, 'status', 'updatedReplicas') : 0
  const all = numberAt(deployment, 'status', 'replicas')
  const available = Math.min(updated, numberAt(deployment, 'status', 'availableReplicas'))
  const isReady = deployment !== undefined && isSeen && updated >= wanted && all <= wanted && available >= wanted
  return { text: `${available} of ${wanted} ready`, isReady }
}

async function late(place: InstallPlace, deployment: PlainObject, timeoutMs: number): Promise<CapstanError> {
  const { namespace } = place
  const name = deployment.metadata.name ?? ''
  const why = (await faultOf(place, deployment)) ?? 'its pods do not become ready'
  const seconds = Math.round(timeoutMs / 1000)
  const next = `kubectl -n ${namespace} describe pods -l app.kubernetes.io/instance=capstan; --timeout waits longer`
  return new CapstanError(
    'timeout',
    `deployment/${name} is not ready after ${seconds} s: ${why}. Look at it with: ${next}`,
  )
}

/** What the Deployment says of pods that cannot be made, else what its pods say. */
async function faultOf(place: InstallPlace, deployment: PlainObject): Promise<string | undefined> {
  const live = await read(place, deployment)
  const failure = listAt(live, 'status', 'conditions').find((one) => textAt(one, 'type') === 'ReplicaFailure')
  if (failure !== undefined) return textAt(failure, 'message')
  const type = await typeOf(place, { apiVersion: 'v1', kind: 'Pod' })
  const labels = fieldAt(deployment, 'spec', 'selector', 'matchLabels')
  const selector = Object.entries(Object(labels))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
  const { client, namespace, signal } = place
  const { items } = await client.list(type, { namespace, labelSelector: selector, signal })
  for (const pod of items) {
    const fault = podFault(pod)
    if (fault !== undefined) return `pod ${pod.metadata.name ?? ''}: ${fault}`
  }
  return undefined
}

function podFault(pod: KubeObject): string | undefined {
  const containers = [...listAt(pod, 'status', 'initContainerStatuses'), ...listAt(pod, 'status', 'containerStatuses')]
  for (const container of containers) {
    const fault = containerFault(container)
    if (fault !== undefined) return `container ${textAt(container, 'name')}: ${fault}`
  }
  const conditions = listAt(pod, 'status', 'conditions')
  const unscheduled = conditions.find(
    (one) => textAt(one, 'type') === 'PodScheduled' && textAt(one, 'status') === 'False',
  )
  return unscheduled === undefined ? undefined : textAt(unscheduled, 'message')
}

/** Waiting for an image is the start of every container. */
const USUAL_REASONS: ReadonlySet<string> = new Set(['', 'ContainerCreating', 'PodInitializing'])

function containerFault(container: JsonValue): string | undefined {
  const reason = textAt(container, 'state', 'waiting', 'reason')
  if (USUAL_REASONS.has(reason)) return undefined
  const message = textAt(container, 'state', 'waiting', 'message')
  const code = fieldAt(container, 'lastState', 'terminated', 'exitCode')
  const ended = typeof code === 'number' ? `, it ended with code ${code}` : ''
  return `${reason}${message === '' ? '' : `: ${message}`}${ended}`
}
