// One pass over an ApplicationSet: what it works on and what it has found out so far.
import type { Log } from '../../base/log.ts'
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import type { ApplicationSet, ApplicationSetStatus } from '../../crds/application-set.ts'
import type { Application } from '../../crds/application.ts'
import { ownerNameOf } from '../../generators/plan.ts'
import { KubeError } from '../../kube/client/client.ts'
import { withoutManagedFields } from '../../kube/client/informer.ts'
import type { JsonObject } from '../../kube/object.ts'
import { createMergePatch } from '../../kube/patch/merge-patch.ts'
import { errorCondition, type SetCondition, withCondition } from './conditions.ts'
import type { SetDependencies, SetSettings } from './dependencies.ts'
import { refOf } from './resource-ref.ts'

export const FIELD_MANAGER = 'argocd-applicationset-controller'

/** Mutable: each step adds what it has done; the status is written once, at the end. */
export interface SetPass {
  readonly dependencies: SetDependencies
  readonly settings: SetSettings
  readonly applicationSet: ApplicationSet
  readonly signal: AbortSignal
  readonly log: Log
  /** Applications the set owns, as they are after what was written. */
  owned: Map<string, Application>
  status: ApplicationSetStatus
  areGenerated: boolean
  /** The set as the API server gave it back, where its status was written. */
  written: ApplicationSet | undefined
}

export function beginPass(given: Omit<SetPass, 'owned' | 'status' | 'areGenerated' | 'written'>): SetPass {
  const { dependencies, applicationSet } = given
  const { name = '', namespace = '' } = applicationSet.metadata
  const owned = new Map<string, Application>()
  for (const application of dependencies.applications.byIndex(OWNER_INDEX, ownerKey(namespace, name))) {
    owned.set(application.metadata.name ?? '', application)
  }
  return { ...given, owned, status: applicationSet.status ?? {}, areGenerated: false, written: undefined }
}

/** The index of Applications by the ApplicationSet that controls them. */
export const OWNER_INDEX = 'application-set'

export function ownerKey(namespace: string, name: string): string {
  return `${namespace}/${name}`
}

/** Keys of one Application in the index. */
export function ownerKeys(application: Application): readonly string[] {
  const owner = ownerNameOf(application)
  return owner === undefined ? [] : [ownerKey(application.metadata.namespace ?? '', owner)]
}

/** Takes an outcome into the status. */
export function note(pass: SetPass, condition: SetCondition): void {
  const set = { ...pass.applicationSet, status: pass.status }
  pass.status = withCondition(set, condition, { areGenerated: pass.areGenerated, at: timeOf(pass) })
}

export function noteError(pass: SetPass, reason: string, message: string): void {
  note(pass, errorCondition(reason, message))
}

/** metav1.Time: whole seconds. */
export function timeOf({ dependencies }: Pick<SetPass, 'dependencies'>): string {
  return rfc3339Seconds(dependencies.clock.now())
}

/** Writes what the pass has changed of the status. A set that is gone meanwhile is no error. */
export async function writeStatus(pass: SetPass): Promise<void> {
  const { applicationSet, status } = pass
  const before = applicationSet.status ?? {}
  if (before === status) return
  // Statuses are JSON.
  const patch = createMergePatch(before as unknown as JsonObject, status as unknown as JsonObject)
  if (Object.keys(patch).length === 0) return
  const ref = await refOf(pass, 'ApplicationSet', applicationSet.metadata)
  try {
    const place = { ...ref, subresource: 'status' }
    const options = { fieldManager: FIELD_MANAGER, signal: pass.signal }
    const written = await pass.dependencies.client.patch(place, 'merge', { status: patch }, options)
    // Its spec was read as one before, and its status is ours.
    pass.written = withoutManagedFields(written) as ApplicationSet
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404
}
