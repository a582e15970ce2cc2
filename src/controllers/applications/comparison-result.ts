// What a comparison of an application has found.
import type { HealthStatusCode, ResourceStatus, SyncStatusCode } from '../../crds/application.ts'
import type { DesiredSource } from '../../desired/contract.ts'
import type { Difference } from '../../diff/contract.ts'
import type { ObjectKey } from '../../kube/object.ts'
import type { PairedObjects } from '../../sync/pair-objects.ts'
import type { ClusterRecord } from './cluster-client.ts'
import type { Condition } from './conditions.ts'
import type { FilledSecrets } from './filled-secrets.ts'
import type { JudgedObject } from './resource-statuses.ts'

export interface Comparison {
  readonly cluster: ClusterRecord
  readonly sources: readonly DesiredSource[]
  readonly paired: PairedObjects
  readonly objects: readonly JudgedObject[]
  /** By object id. */
  readonly differences: ReadonlyMap<string, Difference>
  readonly conditions: readonly Condition[]
  readonly status: SyncStatusCode
  readonly health: HealthStatusCode
  readonly resources: readonly ResourceStatus[]
  /** False for what the project forbids: it is not shown in the tree either. */
  readonly isShown: (key: ObjectKey) => boolean
  /** Where objects of nobody are looked for, if the project asks for it. */
  readonly orphans: OrphanSearch | undefined
  /** What was filled into the targets. */
  readonly secrets: FilledSecrets
}

export interface OrphanSearch {
  readonly namespace: string
  readonly isIgnored: (key: ObjectKey) => boolean
  /** True for marks of applications that exist: what another one has left behind is nobody's. */
  readonly isApplication: (mark: string) => boolean
  /** The project wants a condition, not just nodes in the tree. */
  readonly warns: boolean
}
