// Waits a moment for a new CustomResourceDefinition to be served, so that objects of its kind can follow.
import { CapstanError } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { listAt, textAt } from '../kube/field.ts'
import { definedKind } from './custom-kinds.ts'
import { poll } from './poll.ts'
import { resourceRefOf } from './resource-ref.ts'
import type { SyncEnvironment } from './sync-request.ts'

/** Upstream's limit; what is not served by then fails where it is used. */
const TIMEOUT_MS = 3000

/** Returns when the CRD is Established and its kind is found by discovery, or after 3 s. */
export async function waitForEstablished(environment: SyncEnvironment, definition: KubeObject): Promise<void> {
  const { client, clock, signal } = environment
  const kind = definedKind(definition)
  const ref = await resourceRefOf(client, definition, signal)
  const isServed = async (): Promise<boolean> => {
    const live = await client.get(ref, signal)
    if (live === undefined || !isEstablished(live)) return false
    return kind === undefined || (await client.resourceOf({ group: kind.group, kind: kind.kind }, signal)) !== undefined
  }
  try {
    await poll(isServed, { clock, signal, timeoutMs: TIMEOUT_MS, subject: `CRD ${ref.name}` })
  } catch (error) {
    // Late is no failure: an object of the kind that cannot be applied says so itself.
    if (!(error instanceof CapstanError) || error.code !== 'timeout') throw error
  }
}

function isEstablished(definition: KubeObject): boolean {
  return listAt(definition, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Established' && textAt(condition, 'status') === 'True',
  )
}
