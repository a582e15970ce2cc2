// Takes objects of an installation off a cluster, none but those it has made, and waits until their pods have ended.
import { sleep } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { isOwn, nameOf, typeOf, type InstallPlace } from './place.ts'
import { objectOf, type RecordedObject } from './record.ts'

const POLL_MS = 250
/** A pod has 30 seconds to end by default; one on a node that is gone takes longer. */
const GONE_TIMEOUT_MS = 120_000

/** The last made first. What is gone already, or has become another's, is passed over. */
export async function removeObjects(place: InstallPlace, objects: readonly RecordedObject[]): Promise<void> {
  const { client, signal, say, namespace } = place
  for (const one of objects.toReversed()) {
    const object = objectOf(one)
    const type = await typeOf(place, object)
    const ref = { type, name: one.name, ...(one.namespace === '' ? {} : { namespace: one.namespace }) }
    const live = await client.get(ref, signal)
    if (live === undefined || !isOwn(live)) continue
    const preconditions = live.metadata.uid === undefined ? {} : { preconditions: { uid: live.metadata.uid } }
    if (await client.delete(ref, { propagationPolicy: 'Background', ...preconditions, signal })) {
      say(`${nameOf(object, namespace)} deleted`)
    }
  }
}

/** Waits until no pod of the installation is left: one that still runs would act on what is done next. */
export async function untilGone(place: InstallPlace, timeoutMs: number = GONE_TIMEOUT_MS): Promise<void> {
  const { client, clock, namespace, signal } = place
  const type = await typeOf(place, { apiVersion: 'v1', kind: 'Pod' })
  const endMs = clock.now() + timeoutMs
  for (;;) {
    const labelSelector = 'app.kubernetes.io/instance=capstan,app.kubernetes.io/part-of=argocd'
    const { items } = await client.list(type, { namespace, labelSelector, signal })
    const [first] = items
    if (first === undefined) return
    if (clock.now() > endMs) {
      const name = first.metadata.name ?? ''
      const why = `pod ${name} in namespace ${namespace} does not end`
      throw new CapstanError('timeout', `${why}: look at it with kubectl -n ${namespace} describe pod ${name}`)
    }
    await sleep(clock, POLL_MS, signal)
  }
}
