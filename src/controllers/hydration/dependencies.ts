// What the hydrator works with; `main/` passes it.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Application } from '../../crds/application.ts'
import type { Desired, DesiredRequest } from '../../desired/contract.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import type { Informer } from '../../kube/client/informer.ts'
import type { HydratorSettings } from '../../settings/hydrator.ts'
import type { BranchChange, WrittenCommit } from '../../source/git/branch-writer.ts'

export interface HydratorDependencies {
  readonly client: KubeClient
  readonly applications: Informer<Application>
  readonly projects: Informer<AppProject>
  readonly desired: Pick<Desired, 'generate' | 'glance' | 'revisionMetadata' | 'onRefsMoved' | 'signaturesOf'>
  /** What the destination of an application serves. Throws where it is no cluster that is known. */
  readonly clusterOf: (destination: Application['spec']['destination']) => Promise<DesiredRequest['cluster']>
  /** Writes with the repository's write credentials; `project` is empty where several projects share a commit. */
  readonly write: (repoURL: string, project: string, change: BranchChange) => Promise<WrittenCommit>
  readonly settings: () => HydratorSettings
  /** How long until the dry source is asked again. */
  readonly resyncMs: () => number
  /** Whether projects' demands for signatures are held up. */
  readonly gpgEnabled: boolean
  readonly clock: Clock
  readonly log: Log
  /** Of the control plane. */
  readonly namespace: string
  /** Applications that another controller looks after are left to it. */
  readonly isOurs?: (application: Application) => boolean
}
