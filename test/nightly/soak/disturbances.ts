// What happens to the applications during the soak: pushes, drift, deletions; and which text each must end with.
import { setTimeout as pause } from 'node:timers/promises'
import { KubeError, type ResourceType } from '../../../src/kube/client/client.ts'
import { askRefresh, changeInGit, nameOf } from '../../bench/fleet.ts'
import { DRIFT } from './ledger.ts'
import type { Scene } from './scene.ts'

/** Between two disturbances on average. */
const PAUSE_MS = 400
/** The API server may be away for as long as a restart takes. */
const RETRY_MS = 500
const ATTEMPTS = 120

export interface Disturbances {
  /** What each application must end with, by name. */
  readonly wanted: ReadonlyMap<string, string>
  readonly counts: { pushes: number; drifts: number; deletions: number }
}

/** Disturbs until the time is over. `random` gives 0 to 1. */
export async function disturb(
  scene: Scene,
  plan: { readonly count: number; readonly namespace: string; readonly untilMs: number; readonly random: () => number },
): Promise<Disturbances> {
  const { client } = scene
  const [configMap, service] = await Promise.all([
    client.resourceOf({ group: '', kind: 'ConfigMap' }),
    client.resourceOf({ group: '', kind: 'Service' }),
  ])
  if (configMap === undefined || service === undefined) throw new Error('the cluster serves no ConfigMaps or Services')
  const place = (type: ResourceType, name: string): { type: ResourceType; namespace: string; name: string } => ({
    type,
    namespace: plan.namespace,
    name,
  })
  const wanted = new Map<string, string>()
  const counts = { pushes: 0, drifts: 0, deletions: 0 }
  while (performance.now() < plan.untilMs) {
    const name = nameOf(Math.floor(plan.random() * plan.count))
    const what = plan.random()
    if (what < 0.5) {
      const text = `${++counts.pushes}`
      changeInGit(scene, name, text)
      wanted.set(name, text)
      // One of two pushes is told of, as by a webhook; the other is found by looking.
      if (what < 0.25) await insist(() => askRefresh(scene, name))
    } else if (what < 0.8) {
      counts.drifts++
      await insist(() => client.patch(place(configMap, name), 'merge', { data: { text: `${DRIFT}-${counts.drifts}` } }))
    } else {
      counts.deletions++
      await insist(() => client.delete(place(service, name)))
    }
    await pause(PAUSE_MS * 2 * plan.random())
  }
  return { wanted, counts }
}

/** Until the API server takes it; what is not there (deleted, and not yet back) is left alone. */
async function insist(act: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await act()
      return
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return
      if (attempt === ATTEMPTS) throw error
      await pause(RETRY_MS)
    }
  }
}
