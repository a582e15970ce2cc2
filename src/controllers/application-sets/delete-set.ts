// An ApplicationSet that is being deleted: its Applications are let go, or deleted step by step, before its finalizer is.
import type { ApplicationSet } from '../../crds/application-set.ts'
import type { Application } from '../../crds/application.ts'
import { RESOURCES_FINALIZER } from '../../generators/generation-error.ts'
import { allowedBy } from '../../generators/policy.ts'
import { compareText } from '../../lang/go/text.ts'
import type { ReconcileResult } from '../../reconcile/outcome.ts'
import { FIELD_MANAGER, isGone, type SetPass } from './pass.ts'
import { refOf } from './resource-ref.ts'
import { isDeletedInReverse, mapSteps, stepsOf } from './rollout-steps.ts'
import { deleteApplication } from './write-applications.ts'

/** As often upstream looks whether the Application deleted last is gone. */
const REVERSE_DELETION_MS = 10_000

/**
 * One round of the deletion. Without the right to delete, Applications lose their owner and stay; else Kubernetes' garbage
 * collector takes them, or this function one after the other where the order is `Reverse`.
 */
export async function deleteSet(pass: SetPass): Promise<ReconcileResult> {
  const { applicationSet, settings } = pass
  if (!allowedBy(applicationSet.spec, settings).deletes) await releaseApplications(pass)
  else if (isDeletedInReverse(applicationSet) && (await deleteNext(pass))) return { retryAfterMs: REVERSE_DELETION_MS }
  await removeFinalizer(pass)
  return 'done'
}

async function releaseApplications(pass: SetPass): Promise<void> {
  for (const application of pass.owned.values()) {
    const ref = await refOf(pass, 'Application', application.metadata)
    await ignoringGone(
      pass.dependencies.client.patch(
        ref,
        'merge',
        { metadata: { ownerReferences: [] } },
        {
          fieldManager: FIELD_MANAGER,
          signal: pass.signal,
        },
      ),
    )
  }
  pass.owned.clear()
}

/** Deletes the next Application, or waits for the one before; false where none is left. */
async function deleteNext(pass: SetPass): Promise<boolean> {
  for (const application of inDeletionOrder(pass.applicationSet, [...pass.owned.values()])) {
    const ref = await refOf(pass, 'Application', application.metadata)
    const live = await pass.dependencies.client.get(ref, pass.signal)
    if (live === undefined) continue
    if (live.metadata.deletionTimestamp === undefined) await deleteApplication(pass, live as Application) // read as one
    return true
  }
  return false
}

/** The last step first; those no step selects are left to the garbage collector, as upstream has it. */
export function inDeletionOrder(set: ApplicationSet, applications: readonly Application[]): readonly Application[] {
  const { stepOf } = mapSteps(set, applications)
  const place = ({ metadata }: Application): number => stepsOf(set).length - (stepOf.get(metadata.name ?? '') ?? 0)
  return applications
    .filter(({ metadata }) => stepOf.has(metadata.name ?? ''))
    .toSorted((a, b) => place(a) - place(b) || compareText(a.metadata.name ?? '', b.metadata.name ?? ''))
}

async function removeFinalizer(pass: SetPass): Promise<void> {
  const { finalizers = [], resourceVersion } = pass.applicationSet.metadata
  if (!finalizers.includes(RESOURCES_FINALIZER)) return
  const left = finalizers.filter((finalizer) => finalizer !== RESOURCES_FINALIZER)
  await writeFinalizers(pass, left, resourceVersion)
}

/** An ApplicationSet that deletes in reverse must not go before its Applications. True where it was written. */
export async function ensureFinalizer(pass: SetPass): Promise<boolean> {
  const { finalizers = [], resourceVersion } = pass.applicationSet.metadata
  const isNeeded = pass.settings.areProgressiveSyncsEnabled && isDeletedInReverse(pass.applicationSet)
  if (!isNeeded || finalizers.includes(RESOURCES_FINALIZER)) return false
  await writeFinalizers(pass, [...finalizers, RESOURCES_FINALIZER], resourceVersion)
  return true
}

/** Lists are replaced as a whole, so only over the version they were read from. */
async function writeFinalizers(
  pass: SetPass,
  finalizers: readonly string[],
  resourceVersion: string | undefined,
): Promise<void> {
  const ref = await refOf(pass, 'ApplicationSet', pass.applicationSet.metadata)
  const patch = {
    metadata: { finalizers: [...finalizers], ...(resourceVersion === undefined ? {} : { resourceVersion }) },
  }
  await ignoringGone(
    pass.dependencies.client.patch(ref, 'merge', patch, { fieldManager: FIELD_MANAGER, signal: pass.signal }),
  )
}

async function ignoringGone(request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!isGone(error)) throw error
  }
}
