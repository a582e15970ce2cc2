// Carries out a plan: creates, changes and deletes Applications, several at a time, and tells of each.
import { messageOf } from '../../base/errors.ts'
import type { Application } from '../../crds/application.ts'
import { RESOURCES_FINALIZER } from '../../generators/generation-error.ts'
import { type ChangePlan, changeOf, foreignOwner, type PlanInput } from '../../generators/plan.ts'
import { clusterOf } from '../../generators/validate.ts'
import { KubeError } from '../../kube/client/client.ts'
import type { KubeObject } from '../../kube/object.ts'
import { compareText } from '../../lang/go/text.ts'
import { FIELD_MANAGER, isGone, type SetPass } from './pass.ts'
import { refOf } from './resource-ref.ts'

/** A write that failed, of the first Application by name; upstream tells no more. */
export class WriteError extends Error {
  readonly reason: 'CreateApplicationError' | 'UpdateApplicationError' | 'DeleteApplicationError'

  constructor(reason: WriteError['reason'], cause: unknown) {
    super(messageOf(cause), { cause })
    this.name = 'WriteError'
    this.reason = reason
  }
}

/** Creates and changes. Throws a `WriteError` after all have been tried. */
export async function writeApplications(pass: SetPass, plan: ChangePlan, input: PlanInput): Promise<void> {
  const reason = input.allowed.updates ? 'UpdateApplicationError' : 'CreateApplicationError'
  const changes = [
    ...plan.create.map((application) => ({ name: nameOf(application), run: () => create(pass, application, input) })),
    ...plan.update.map(({ live, wanted, patch }) => ({
      name: nameOf(live),
      run: () => change(pass, live, { wanted, patch }),
    })),
  ].toSorted((a, b) => compareText(a.name, b.name))
  await runAll(pass, changes, reason)
}

/** Deletes what is generated no more. Throws a `WriteError` after all have been tried. */
export async function deleteApplications(pass: SetPass, applications: readonly Application[]): Promise<void> {
  const deletions = applications.map((application) => ({
    name: nameOf(application),
    run: async (): Promise<void> => {
      await releaseLostCluster(pass, application)
      await deleteApplication(pass, application)
      tell(pass, 'Deleted', `Deleted Application "${nameOf(application)}"`)
    },
  }))
  await runAll(pass, deletions, 'DeleteApplicationError')
}

interface Write {
  readonly name: string
  readonly run: () => Promise<void>
}

async function runAll(pass: SetPass, writes: readonly Write[], reason: WriteError['reason']): Promise<void> {
  const failures: { readonly name: string; readonly error: unknown }[] = []
  const pending = writes.values()
  const work = async (): Promise<void> => {
    for (const { name, run } of pending) {
      pass.signal.throwIfAborted()
      try {
        await run()
      } catch (error) {
        failures.push({ name, error })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, pass.settings.concurrentApplicationUpdates) }, work))
  pass.signal.throwIfAborted()
  const [first] = failures.toSorted((a, b) => compareText(a.name, b.name))
  if (first !== undefined) throw new WriteError(reason, first.error)
}

async function create(pass: SetPass, application: Application, input: PlanInput): Promise<void> {
  const { client } = pass.dependencies
  const { type } = await refOf(pass, 'Application', application.metadata)
  try {
    took(pass, await client.create(type, application, { fieldManager: FIELD_MANAGER, signal: pass.signal }))
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== 'AlreadyExists') throw error
    return adopt(pass, application, input)
  }
  tell(pass, 'created', `created Application "${nameOf(application)}"`)
}

/** It exists and was not seen yet. */
async function adopt(pass: SetPass, application: Application, input: PlanInput): Promise<void> {
  const live = await pass.dependencies.client.get(await refOf(pass, 'Application', application.metadata), pass.signal)
  if (live === undefined)
    throw new KubeError(409, 'Conflict', `Application ${nameOf(application)} came and went: trying again`)
  // What an API server keeps as an Application is one.
  const found = changeOf(application, live as Application, input)
  if (found === undefined) took(pass, live)
  else await change(pass, found.live, found)
}

async function change(
  pass: SetPass,
  live: Application,
  { patch }: { readonly wanted: Application; readonly patch: KubeObject['metadata'] | object },
): Promise<void> {
  const owner = foreignOwner(live, pass.applicationSet)
  if (owner !== undefined) {
    const { namespace, name } = live.metadata
    throw new KubeError(
      409,
      'Conflict',
      `error while wrapping using MutateFn: Object ${namespace}/${name} is already owned by another ${owner.kind} controller ${owner.name}`,
    )
  }
  const ref = await refOf(pass, 'Application', live.metadata)
  const options = { fieldManager: FIELD_MANAGER, signal: pass.signal }
  // Made by createMergePatch.
  took(pass, await pass.dependencies.client.patch(ref, 'merge', patch as never, options))
  tell(pass, 'updated', `updated Application "${nameOf(live)}"`)
}

/** Deleting waits for what the Application has made; a cluster that is no more would be waited for forever. */
async function releaseLostCluster(pass: SetPass, application: Application): Promise<void> {
  const { finalizers = [], resourceVersion } = application.metadata
  if (!finalizers.includes(RESOURCES_FINALIZER)) return
  const { cluster } = clusterOf(application.spec.destination, pass.dependencies.clusters())
  if (cluster !== undefined) return
  const left = finalizers.filter((finalizer) => finalizer !== RESOURCES_FINALIZER)
  const ref = await refOf(pass, 'Application', application.metadata)
  const patch = { metadata: { finalizers: left, ...(resourceVersion === undefined ? {} : { resourceVersion }) } }
  await pass.dependencies.client.patch(ref, 'merge', patch, { fieldManager: FIELD_MANAGER, signal: pass.signal })
  const name = nameOf(application)
  tell(
    pass,
    'Updated',
    `Updated Application "${name}" finalizer before deletion, because application has an invalid destination`,
  )
}

/** Deletes one Application; one that is gone already is no error. */
export async function deleteApplication(pass: SetPass, application: Application): Promise<void> {
  const { uid } = application.metadata
  const ref = await refOf(pass, 'Application', application.metadata)
  try {
    const preconditions = uid === undefined ? {} : { preconditions: { uid } }
    await pass.dependencies.client.delete(ref, { ...preconditions, signal: pass.signal })
  } catch (error) {
    if (!isGone(error)) throw error
  }
  const left = await pass.dependencies.client.get(ref, pass.signal)
  if (left === undefined) pass.owned.delete(nameOf(application))
  else took(pass, left)
}

function took(pass: SetPass, object: KubeObject): void {
  const written = object as Application // the API server's answer to a write of one
  pass.owned.set(nameOf(written), written)
}

function tell({ dependencies, applicationSet }: SetPass, reason: string, message: string): void {
  dependencies.events.record(applicationSet, { type: 'Normal', reason, message })
}

function nameOf({ metadata }: Application): string {
  return metadata.name ?? ''
}
