// Refuses to work beside Argo CD's own controllers: two that deliver the same applications undo each other.
import { CapstanError } from '../base/errors.ts'
import { runningControllers } from '../install/originals.ts'
import type { KubeClient } from '../kube/client/client.ts'

/** Throws `precondition` with the commands that stop them. What may not be read is not asked for again. */
export async function refuseOriginals(client: KubeClient, namespace: string, signal: AbortSignal): Promise<void> {
  const running = await runningControllers({ client, namespace, signal })
  if (running.length === 0) return
  const commands = running
    .map(({ kind, name }) => `kubectl -n ${namespace} scale ${kind.toLowerCase()}/${name} --replicas 0`)
    .join('; ')
  throw new CapstanError(
    'precondition',
    `Argo CD's own controllers run in namespace ${namespace}, and two would undo each other's work: ${commands}`,
  )
}
