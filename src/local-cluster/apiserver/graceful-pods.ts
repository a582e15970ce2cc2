// Pods leave in two steps: marked with a grace period, then removed by the kubelet (kubernetes v1.36.3 `podStrategy.CheckGracefulDelete`).
import type { KubeObject } from '../../kube/object.ts'
import type { Resource } from './resource.ts'

type Pod = KubeObject & {
  readonly spec?: { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number }
  readonly status?: { readonly phase?: string }
}

export function isGraceful(resource: Resource): boolean {
  return resource.group === '' && resource.resource === 'pods'
}

/** How long a pod gets: what was asked, else its own period; nothing where no kubelet has it or it has finished. */
export function graceSeconds(object: KubeObject, asked: number | undefined): number {
  const pod = object as Pod
  if ((pod.spec?.nodeName ?? '') === '') return 0
  const { phase } = pod.status ?? {}
  if (phase === 'Succeeded' || phase === 'Failed') return 0
  return asked ?? pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30
}
