// Keeps account of what the cluster sees: no push may be undone by an older one, no hook may run twice for one try of a sync.
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { KubeClient } from '../../../src/kube/client/client.ts'
import { Informer } from '../../../src/kube/client/informer.ts'
import type { KubeObject } from '../../../src/kube/object.ts'
import { ANNOTATION } from '../../../src/sync/annotations.ts'

/** What a person wrote into the live object instead of a push's number. */
export const DRIFT = 'drift'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

export interface Ledger {
  /** The text of the live ConfigMap of an application. */
  textOf(name: string): string | undefined
  /** Hooks that ran so far. */
  readonly hookRuns: () => number
  /** What must never happen, as sentences; empty when all is well. */
  readonly faults: () => readonly string[]
  stop(): Promise<void>
}

export async function keepLedger(client: KubeClient, namespace: string): Promise<Ledger> {
  const faults: string[] = []
  const uids = new Map<string, string>()
  const newest = new Map<string, number>()
  const configMaps = await follow(client, { group: '', kind: 'ConfigMap' }, namespace)
  const jobs = await follow(client, { group: 'batch', kind: 'Job' }, namespace)

  jobs.onChange(({ type, object: { metadata } }) => {
    const { name = '', uid = '' } = metadata
    if (type === 'DELETED' || metadata.labels?.['soak'] !== 'hook') return
    // A sync that failed and is tried again runs its hooks again, as upstream's does: each try has a mark of its own.
    const run = `${name} of ${metadata.annotations?.[ANNOTATION.hookOperation] ?? 'no operation'}`
    const known = uids.get(run)
    if (known !== undefined && known !== uid) faults.push(`hook ${run} ran twice: ${known}, ${uid}`)
    uids.set(run, uid)
  })
  configMaps.onChange(({ type, object }) => {
    const { name = '' } = object.metadata
    const push = Number((object as ConfigMap).data?.['text'])
    if (type === 'DELETED' || Number.isNaN(push)) return
    const before = newest.get(name) ?? push
    if (push < before) faults.push(`${name} went back from push ${before} to ${push}`)
    newest.set(name, Math.max(push, before))
  })
  return {
    textOf: (name) => (configMaps.get(namespace, name) as ConfigMap | undefined)?.data?.['text'],
    hookRuns: () => uids.size,
    faults: () => faults,
    async stop() {
      await Promise.all([configMaps.stop(), jobs.stop()])
    },
  }
}

async function follow(
  client: KubeClient,
  kind: { readonly group: string; readonly kind: string },
  namespace: string,
): Promise<Informer> {
  const type = await client.resourceOf(kind)
  if (type === undefined) throw new Error(`the cluster serves no ${kind.kind}`)
  const informer = new Informer({ client, type, namespace, clock: systemClock, log: silentLog })
  informer.start()
  await informer.hasSynced
  return informer
}
