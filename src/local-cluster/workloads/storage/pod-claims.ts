// The claims a pod uses: those it names, and those made for it alone (component-helpers storage/ephemeral, v0.36.3).
import { controllerOf } from '../kit/ownership.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Pod } from '../kit/model.ts'

export interface PodClaim {
  readonly name: string
  /** The volume it is made for, where it lives and goes with the pod. */
  readonly ephemeral: string | undefined
}

/** In the order of the pod's volumes. */
export function claimsOfPod({ metadata, spec }: Pod): readonly PodClaim[] {
  return (spec.volumes ?? []).flatMap((volume): readonly PodClaim[] => {
    const { persistentVolumeClaim: named, ephemeral, name } = volume
    if (named !== undefined) return [{ name: named.claimName, ephemeral: undefined }]
    return ephemeral === undefined ? [] : [{ name: `${metadata.name}-${name}`, ephemeral: name }]
  })
}

/** An index of pods by the claims they use. */
export function claimIndex(pod: Pod): readonly string[] {
  return claimsOfPod(pod).map(({ name }) => `${pod.metadata.namespace ?? ''}/${name}`)
}

/** What {@link claimIndex} files a claim's pods under. */
export function claimKey({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

/** Whether a claim was made for this pod. */
export function isMadeFor(claim: KubeObject, pod: Pod): boolean {
  return controllerOf(claim)?.uid === pod.metadata.uid
}
