// Fields of a pod and resources of its containers, as variables and files show them.
import { quantityOf } from '../../kube/quantity.ts'
import type { JsonObject } from '../../kube/object.ts'
import type { Container, Pod } from '../workloads/kit/model.ts'

interface Facts {
  readonly pod: Pod
  readonly podIp: string
  readonly hostIp: string
}

/** The value of a `fieldRef`; empty for what is not there. */
export function fieldValue({ pod, podIp, hostIp }: Facts, path: string): string {
  const { metadata } = pod
  const key = /^metadata\.(?<list>labels|annotations)\['(?<key>[^']*)'\]$/.exec(path)?.groups
  if (key !== undefined)
    return (key['list'] === 'labels' ? metadata.labels : metadata.annotations)?.[key['key'] ?? ''] ?? ''
  return plainFields({ pod, podIp, hostIp })[path] ?? ''
}

function plainFields({ pod: { metadata, spec }, podIp, hostIp }: Facts): Readonly<Record<string, string | undefined>> {
  return {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': listed(metadata.labels),
    'metadata.annotations': listed(metadata.annotations),
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'status.podIP': podIp,
    'status.podIPs': podIp,
    'status.hostIP': hostIp,
    'status.hostIPs': hostIp,
  }
}

/** `key="value"`, a line each, sorted (`fieldpath.FormatMap`). */
function listed(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}

/** The value of a `resourceFieldRef`: `limits.cpu` and the like, in units of the divisor, rounded up. */
export function resourceValue(
  pod: Pod,
  ref: { readonly resource: string; readonly containerName?: string; readonly divisor?: string },
  container: Container | undefined,
): string {
  const owner = pod.spec.containers.find((one) => one.name === ref.containerName) ?? container
  const [list = '', name = ''] = ref.resource.split(/\.(?<rest>.*)/s)
  const resources = (owner?.resources ?? {}) as Readonly<Record<string, JsonObject | undefined>>
  const amount = nanoOf(resources[list]?.[name] ?? resources['limits']?.[name])
  const divisor = nanoOf(ref.divisor) || nanoOf('1')
  return String((amount + divisor - 1n) / divisor)
}

function nanoOf(value: unknown): bigint {
  if (typeof value !== 'string' && typeof value !== 'number') return 0n
  return quantityOf(value)?.nano ?? 0n
}
