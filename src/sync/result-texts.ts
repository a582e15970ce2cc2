// Every text a sync shows, as upstream writes it (argo-cd v3.5.1, gitops-engine/pkg/sync/sync_context.go).
import type { GroupVersionKind } from '../kube/object.ts'

export const TEXT = {
  tasksInvalid: 'one or more synchronization tasks are not valid',
  namespaceFailed: 'the namespace failed to apply',
  dryRunFailed: 'one or more objects failed to apply (dry run)',
  tasksFailed: 'one or more synchronization tasks completed unsuccessfully',
  applyFailed: 'one or more objects failed to apply',
  syncFailHooksFailed: 'one or more SyncFail hooks failed',
  running: 'one or more tasks are running',
  noMoreTasks: 'successfully synced (no more tasks)',
  allTasksRun: 'successfully synced (all tasks run)',
  terminated: 'Operation terminated',
  terminatedWithErrors: 'Operation termination had errors',
  requiresPruning: 'ignored (requires pruning)',
  noPrune: 'ignored (no prune)',
  pruned: 'pruned',
  prunedDryRun: 'pruned (dry run)',
} as const

/** Why a step waits, in the words of the waiting message. */
export type WaitReason =
  | 'completion of hook'
  | 'healthy state of'
  | 'deletion of'
  | 'deletion of hook'
  | 'pruning confirmation of'

/** `waiting for healthy state of apps/Deployment/web and 2 more resources`. */
export function waitingText(reason: WaitReason, subject: string, more: number, noun: 'resources' | 'hooks'): string {
  return `waiting for ${reason} ${subject}${more > 0 ? ` and ${more} more ${noun}` : ''}`
}

export function missingText(subject: string): string {
  return `Resource ${subject} is missing, it might have been deleted`
}

export function createdText(name: string): string {
  return `${name} created`
}

/**
 * What an object of a kind that the cluster does not serve is told, `subject` being `namespace/name`: the version that is there
 * instead, of the same group or else of another, as upstream finds it (argo-cd v3.5.1 `util/argo/argo.go` `AugmentSyncMsg`).
 */
export function unknownKindText(
  { group, version, kind }: GroupVersionKind,
  subject: string,
  served: readonly GroupVersionKind[],
): string {
  const resource = group === '' ? kind : `${group}/${kind}`
  if (served.some((one) => one.group === group && one.version === version)) {
    return `${group === '' ? kind : `${kind}.${group}`} "" not found`
  }
  const same = served.filter((one) => one.kind === kind)
  const there = same.find((one) => one.group === group) ?? same[0]
  if (there === undefined) {
    return `The Kubernetes API could not find ${resource} for requested resource ${subject}. Make sure the "${kind}" CRD is installed on the destination cluster.`
  }
  const other = there.group === '' ? kind : `${there.group}/${kind}`
  return `The Kubernetes API could not find version "${version}" of ${resource} for requested resource ${subject}. Version "${there.version}" of ${other} is installed on the destination cluster.`
}

/** The failure of a phase with the distinct messages behind it. */
export function withReasons(message: string, reasons: readonly string[]): string {
  const distinct = [...new Set(reasons.filter((reason) => reason !== ''))]
  return distinct.length > 0 ? `${message}, reason: ${distinct.join(',')}` : message
}
