// Adds names to and takes names out of the imagePullSecrets of a ServiceAccount, whoever else writes there at the same time.
import { sleep, type Clock } from '../../base/clock.ts'
import { KubeError } from '../../kube/client/client.ts'
import { type AccountView, entryChange, type EntryChange, entryPatch } from '../../pull-secrets/account-entries.ts'
import { PULL_SECRET_MANAGER } from '../../pull-secrets/secret-object.ts'
import type { ClusterView } from './cluster-view.ts'

/** How often a patch that collided is made anew; two writers that add a thousand names each need three. */
export const MAX_ATTEMPTS = 20
const PAUSE_MS = 10

export interface EntriesWish {
  readonly namespace: string
  readonly name: string
  readonly wanted: readonly string[]
  readonly unwanted: readonly string[]
}

/** What was done; nothing where the list was right, or the account is gone. Throws what the cluster throws, and after too many collisions. */
export async function writeEntries(
  view: ClusterView,
  wish: EntriesWish,
  known: AccountView | undefined,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<EntryChange> {
  const ref = { type: await view.type('ServiceAccount'), namespace: wish.namespace, name: wish.name }
  let account = known ?? (await view.client.get(ref, signal))
  for (let attempt = 1; ; attempt++) {
    if (account === undefined) return NOTHING
    const change = entryChange(account, wish.wanted, wish.unwanted)
    const patch = entryPatch(account, change)
    if (patch === undefined) return NOTHING
    try {
      view.wroteAccount(await view.client.patch(ref, 'json', patch, { fieldManager: PULL_SECRET_MANAGER, signal }))
      return change
    } catch (error) {
      if (!isCollision(error) || attempt >= MAX_ATTEMPTS) throw error
      await sleep(clock, PAUSE_MS * Math.min(attempt, 10), signal)
      account = await view.client.get(ref, signal)
    }
  }
}

const NOTHING: EntryChange = { add: [], remove: [] }

/** A failed test of a JSON patch is 422 Invalid on a real server; two writes at the same moment are 409; gone is 404. */
function isCollision(error: unknown): boolean {
  return error instanceof KubeError && [404, 409, 422].includes(error.status)
}
