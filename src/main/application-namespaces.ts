// In which namespaces besides the control plane's own Applications may stand.
import type { KubeClient } from '../kube/client/client.ts'
import { matchesName } from '../policy/name-pattern.ts'
import { readConfigMap } from '../settings/map-reader.ts'

const PARAMETERS = 'argocd-cmd-params-cm'
const KEY = 'application.namespaces'

export interface NamespacePlace {
  readonly client: KubeClient
  /** Namespace of the control plane. */
  readonly namespace: string
  /** What a flag says: it wins. */
  readonly applicationNamespaces?: readonly string[]
  readonly signal: AbortSignal
}

/**
 * Reads the flag, else ARGOCD_APPLICATION_NAMESPACES, or `application.namespaces` of argocd-cmd-params-cm, as upstream does once at the start:
 * globs and `/expressions/` with commas between. Undefined where there is none: Applications stand with the control plane.
 */
export async function readApplicationNamespaces(
  { client, namespace, applicationNamespaces, signal }: NamespacePlace,
  env: Readonly<Record<string, string | undefined>>,
): Promise<((namespace: string) => boolean) | undefined> {
  const told = applicationNamespaces?.join(',') ?? env['ARGOCD_APPLICATION_NAMESPACES']
  const text = told ?? (await readParameter({ client, namespace, signal }))
  const patterns = (text ?? '')
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
  if (patterns.length === 0) return undefined
  return (name) => patterns.some((pattern) => matchesName(pattern, name))
}

async function readParameter({
  client,
  namespace,
  signal,
}: Omit<NamespacePlace, 'applicationNamespaces'>): Promise<string | undefined> {
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' }, signal)
  const map = type === undefined ? undefined : await client.get({ type, namespace, name: PARAMETERS }, signal)
  return map === undefined ? undefined : readConfigMap(map).text(KEY)
}
