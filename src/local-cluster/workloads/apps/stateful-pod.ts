// The pods of a StatefulSet and the claims that belong to them: names, labels, volumes.
import type { KubeObject } from '../../../kube/object.ts'
import { controllerReference } from '../kit/ownership.ts'
import { podFromTemplate } from '../kit/replicas.ts'
import type { LabelSelector, Pod, PodTemplate, RollingUpdate } from '../kit/model.ts'
import { REVISION_LABEL, templateOf, type ControllerRevision } from './revisions.ts'

const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index'

export interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly serviceName?: string
    readonly podManagementPolicy?: string
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate }
    readonly revisionHistoryLimit?: number
    readonly minReadySeconds?: number
    readonly ordinals?: { readonly start?: number }
    readonly volumeClaimTemplates?: readonly KubeObject[]
    readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string }
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly currentReplicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly currentRevision?: string
    readonly updateRevision?: string
    readonly collisionCount?: number
  }
}

/** The number at the end of a pod's name; -1 for a name that is not of this set. */
export function ordinalOf(set: StatefulSet, pod: KubeObject): number {
  const prefix = `${set.metadata.name}-`
  const name = pod.metadata.name ?? ''
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^\d{1,9}$/.test(digits) ? Number(digits) : -1
}

/** Name of the ControllerRevision a pod was made from. */
export function revisionOf(pod: Pod): string | undefined {
  return pod.metadata.labels?.[REVISION_LABEL]
}

/** The pod of an ordinal at a revision. */
export function statefulPod(set: StatefulSet, ordinal: number, revision: ControllerRevision): KubeObject {
  const template = templateOf(revision, set.spec.template)
  const name = `${set.metadata.name}-${ordinal}`
  const claims = set.spec.volumeClaimTemplates ?? []
  const names = new Set(claims.map((claim) => claim.metadata.name))
  const volumes = [
    ...claims.map((claim) => ({
      name: claim.metadata.name ?? '',
      persistentVolumeClaim: { claimName: `${claim.metadata.name}-${name}` },
    })),
    ...(template.spec.volumes ?? []).filter((volume) => !names.has(volume.name)),
  ]
  const spec = {
    ...template.spec,
    hostname: name,
    ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
    ...(volumes.length > 0 ? { volumes } : {}),
  }
  const labels = {
    ...template.metadata?.labels,
    [POD_NAME_LABEL]: name,
    [POD_INDEX_LABEL]: String(ordinal),
    [REVISION_LABEL]: revision.metadata.name ?? '',
  }
  return podFromTemplate(set, { ...template, spec }, { name, labels })
}

/** The claims of an ordinal, from the set's templates. */
export function claimsOf(set: StatefulSet, ordinal: number): readonly KubeObject[] {
  const owners =
    set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete'
      ? { ownerReferences: [controllerReference(set)] }
      : {}
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    ...template,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      ...owners,
      name: `${template.metadata.name}-${set.metadata.name}-${ordinal}`,
      namespace: set.metadata.namespace ?? '',
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
  }))
}
