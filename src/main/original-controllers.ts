// Refuses to work beside Argo CD's own controllers: two that deliver the same applications undo each other.
import { CapstanError } from '../base/errors.ts'
import { KubeError, type KubeClient } from '../kube/client/client.ts'
import { type JsonObject, type JsonValue, type KubeObject } from '../kube/object.ts'

/** What of Argo CD's install acts on applications; its server only serves, and may stay. */
const CONTROLLERS: readonly (readonly [kind: string, name: string])[] = [
  ['StatefulSet', 'argocd-application-controller'],
  ['Deployment', 'argocd-application-controller'],
  ['Deployment', 'argocd-applicationset-controller'],
  ['Deployment', 'argocd-notifications-controller'],
]

/** Its images, wherever they are mirrored: `quay.io/argoproj/argocd:v3.5.1`. */
const IMAGE = /(?:^|\/)argocd(?::|@|$)/

/** Throws `precondition` with the commands that stop them. What may not be read is not asked for again. */
export async function refuseOriginals(client: KubeClient, namespace: string, signal: AbortSignal): Promise<void> {
  const running: string[] = []
  for (const [kind, name] of CONTROLLERS) {
    if (await isRunning(client, { kind, name, namespace }, signal)) running.push(`${kind.toLowerCase()}/${name}`)
  }
  if (running.length === 0) return
  const commands = running.map((one) => `kubectl -n ${namespace} scale ${one} --replicas 0`).join('; ')
  throw new CapstanError(
    'precondition',
    `Argo CD's own controllers run in namespace ${namespace}, and two would undo each other's work: ${commands}`,
  )
}

interface Place {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

async function isRunning(client: KubeClient, { kind, name, namespace }: Place, signal: AbortSignal): Promise<boolean> {
  try {
    const type = await client.resourceOf({ group: 'apps', kind }, signal)
    const found = type && (await client.get({ type, namespace, name }, signal))
    return found !== undefined && isOriginal(found)
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return false
    throw error
  }
}

/** One that is scaled to zero waits to be given everything back. */
function isOriginal(workload: KubeObject): boolean {
  const spec = fieldOf(workload as KubeObject & JsonObject, 'spec') // an object of the cluster is JSON
  const containers = fieldOf(fieldOf(fieldOf(spec, 'template'), 'spec'), 'containers')
  const images = Array.isArray(containers) ? containers.map((container: JsonValue) => fieldOf(container, 'image')) : []
  return fieldOf(spec, 'replicas') !== 0 && images.some((image) => typeof image === 'string' && IMAGE.test(image))
}

function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}
