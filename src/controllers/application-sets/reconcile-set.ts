// One pass over an ApplicationSet as a list of steps: generate, validate, plan, write, tell (argo-cd v3.5.1 `applicationset_controller.go`).
import { messageOf } from '../../base/errors.ts'
import type { Application } from '../../crds/application.ts'
import { GenerationError } from '../../generators/generation-error.ts'
import { hasSameSpec, planChanges, type PlanInput } from '../../generators/plan.ts'
import { allowedBy } from '../../generators/policy.ts'
import { clusterOf, faultText, validateApplications } from '../../generators/validate.ts'
import { KubeError } from '../../kube/client/client.ts'
import type { ReconcileResult } from '../../reconcile/outcome.ts'
import { UP_TO_DATE } from './conditions.ts'
import { deleteSet, ensureFinalizer } from './delete-set.ts'
import { FIELD_MANAGER, note, noteError, type SetPass, timeOf, writeStatus } from './pass.ts'
import { refOf } from './resource-ref.ts'
import { resourceStatuses } from './resource-statuses.ts'
import { isRollingSync, stepsOf } from './rollout-steps.ts'
import { advanceRollout, type Rollout, withRollout } from './rollout.ts'
import { deleteApplications, WriteError, writeApplications } from './write-applications.ts'

/** Annotation that asks for a run. */
export const REFRESH_ANNOTATION = 'argocd.argoproj.io/application-set-refresh'

/** After what a person or something outside has to mend, upstream looks again this much later. */
const FAULT_RETRY_MS = 180_000

/** An application that waits for the next second is looked at then. */
const ROLLOUT_DELAY_MS = 1000

/** Whether somebody asks for a run in which nothing resolved earlier is used. */
export function isRefreshAsked({ metadata }: SetPass['applicationSet']): boolean {
  return metadata.annotations?.[REFRESH_ANNOTATION] === 'true'
}

/** Everything of one pass; the status is written at its end, also where it fails. */
export async function reconcileSet(pass: SetPass): Promise<ReconcileResult> {
  if (pass.applicationSet.metadata.deletionTimestamp !== undefined) return deleteSet(pass)
  // Its own write brings the set here again.
  if (await ensureFinalizer(pass)) return 'done'
  const generation = await pass.dependencies.generation()
  let generated: readonly Application[]
  try {
    const isRefresh = isRefreshAsked(pass.applicationSet)
    generated = await generation.generate(pass.applicationSet, { signal: pass.signal, isRefresh })
  } catch (error) {
    if (!(error instanceof GenerationError)) throw error
    noteError(pass, error.reason, error.message)
    await writeStatus(pass)
    return { retryAfterMs: FAULT_RETRY_MS }
  }
  pass.areGenerated = true
  try {
    return await carryOut(pass, generated, generation.requeueAfterMs(pass.applicationSet))
  } catch (error) {
    if (!(error instanceof WriteError)) throw error
    noteError(pass, error.reason, error.message)
    await writeStatus(pass)
    throw error
  }
}

async function carryOut(
  pass: SetPass,
  generated: readonly Application[],
  requeueMs: number | undefined,
): Promise<ReconcileResult> {
  const { applicationSet, dependencies, settings } = pass
  const faults = validate(pass, generated)
  const rollout = rollOut(pass, generated)
  const fault = faultText(faults)
  if (fault !== undefined) noteError(pass, 'ApplicationValidationError', fault)
  const valid = generated.filter(({ metadata }) => !faults.has(metadata.name ?? ''))
  const input: PlanInput = {
    ...planBase(pass),
    generated,
    valid: rollout === undefined ? valid : withRollout(valid, rollout),
    owned: [...pass.owned.values()],
    find: (name) => dependencies.applications.get(applicationSet.metadata.namespace, name),
    allowed: allowedBy(applicationSet.spec, settings),
    preserved: { annotations: settings.preservedAnnotations, labels: settings.preservedLabels },
  }
  const plan = plannedOrFault(input)
  await writeApplications(pass, plan, input)
  await deleteApplications(pass, plan.delete)
  pass.status = {
    ...pass.status,
    ...resourceStatuses(pass.status, [...pass.owned.values()], settings.maxResourcesStatusCount),
  }
  await removeRefresh(pass)
  if (fault === undefined) note(pass, UP_TO_DATE)
  await writeStatus(pass)
  const delayMs = rollout?.isDelayed === true ? ROLLOUT_DELAY_MS : undefined
  const retryAfterMs = delayMs ?? requeueMs ?? (fault === undefined ? undefined : FAULT_RETRY_MS)
  return retryAfterMs === undefined ? 'done' : { retryAfterMs }
}

function plannedOrFault(input: PlanInput): ReturnType<typeof planChanges> {
  try {
    return planChanges(input)
  } catch (error) {
    throw new WriteError('UpdateApplicationError', `failed to apply ignore differences: ${messageOf(error)}`)
  }
}

function validate(
  { applicationSet, dependencies }: SetPass,
  generated: readonly Application[],
): ReadonlyMap<string, string> {
  const { namespace, projects } = dependencies
  const clusters = dependencies.clusters()
  return validateApplications(generated, applicationSet, {
    hasProject: (name) => projects.get(namespace, name) !== undefined,
    destinationFault: (destination) => clusterOf(destination, clusters).fault,
  })
}

function planBase({
  applicationSet,
  dependencies: { deleteByJq },
}: SetPass): Pick<PlanInput, 'applicationSet' | 'deleteByJq'> {
  return { applicationSet, ...(deleteByJq === undefined ? {} : { deleteByJq }) }
}

/** The state of a progressive sync, taken into the status; undefined where applications sync by themselves. */
function rollOut(pass: SetPass, generated: readonly Application[]): Rollout | undefined {
  const { applicationSet, settings } = pass
  if (!settings.areProgressiveSyncsEnabled || !isRollingSync(applicationSet)) {
    pass.status = withStatuses(pass.status, [])
    return undefined
  }
  const rollout = advanceRollout({
    applicationSet,
    owned: [...pass.owned.values()],
    generated,
    hasSameSpec: (wanted, live) => hasSameSpec(wanted, live, planBase(pass)),
    at: timeOf(pass),
  })
  const hasSteps = stepsOf(applicationSet).length > 0
  pass.status = withStatuses(pass.status, hasSteps ? rollout.statuses : [])
  note(pass, rollout.condition)
  return hasSteps ? rollout : undefined
}

/** Go leaves an empty list out, and clients tell the two apart. */
function withStatuses(status: SetPass['status'], statuses: Rollout['statuses']): SetPass['status'] {
  const { applicationStatus: _before, ...rest } = status
  return statuses.length === 0 ? rest : { ...rest, applicationStatus: statuses }
}

/** Taken away over the version that was read: one that asks anew meanwhile is not lost. */
async function removeRefresh(pass: SetPass): Promise<void> {
  const { metadata } = pass.applicationSet
  if (!isRefreshAsked(pass.applicationSet)) return
  const ref = await refOf(pass, 'ApplicationSet', metadata)
  const resourceVersion = metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }
  const patch = { metadata: { annotations: { [REFRESH_ANNOTATION]: null }, ...resourceVersion } }
  try {
    await pass.dependencies.client.patch(ref, 'merge', patch, { fieldManager: FIELD_MANAGER, signal: pass.signal })
  } catch (error) {
    // Whoever changed it meanwhile has brought it into the queue again.
    if (!(error instanceof KubeError) || (error.status !== 409 && error.status !== 404)) throw error
  }
}
