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
  const { metadata, spec } = pod
  const key = /^metadata\.(?<list>labels|annotations)\['(?<key>[^']*)'\]$/.exec(path)?.groups
  if (key !== undefined)
    return (key['list'] === 'labels' ? metadata.labels : metadata.annotations)?.[key['key'] ?? ''] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name ?? ''
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid ?? ''
    case 'metadata.labels':
      return listed(metadata.labels)
    case 'metadata.annotations':
      return listed(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.podIP':
    case 'status.podIPs':
      return podIp
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIp
    default:
      return ''
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
