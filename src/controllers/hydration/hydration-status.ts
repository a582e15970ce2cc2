// How a hydration stands, written into status.sourceHydrator; what was asked for by annotation is taken off with it.
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import type { Application } from '../../crds/application.ts'
import { KubeError } from '../../kube/client/client.ts'
import { createMergePatch } from '../../kube/patch/merge-patch.ts'
import type { JsonObject } from '../../kube/object.ts'
import type { HydratorDependencies } from './dependencies.ts'
import type { HydratedApplication } from './hydrator-spec.ts'
import { HYDRATE_ANNOTATION, type HydratorStatus, hydratorStatusOf } from './needs-hydration.ts'

const REFRESH_ANNOTATION = 'argocd.argoproj.io/refresh'
const FIELD_MANAGER = 'argocd-application-controller'

export interface StatusWrite {
  readonly status: HydratorStatus
  /** Ask for a comparison: the branch that is synced from has moved. */
  readonly refresh?: boolean
}

/** The application as it is written; undefined where there is nothing to write, or it is gone. */
export async function writeStatus(
  { client, applications, namespace: controlNamespace }: HydratorDependencies,
  application: Application,
  { status, refresh }: StatusWrite,
  signal: AbortSignal,
): Promise<Application | undefined> {
  const annotations = annotationPatch(application, refresh === true)
  const hydrator = createMergePatch(asJson(hydratorStatusOf(application)), asJson(status))
  const patch: JsonObject = {
    ...(Object.keys(annotations).length === 0 ? {} : { metadata: { annotations } }),
    ...(Object.keys(hydrator).length === 0 ? {} : { status: { sourceHydrator: hydrator } }),
  }
  if (Object.keys(patch).length === 0) return undefined
  const { namespace = controlNamespace, name = '' } = application.metadata
  try {
    const ref = { type: applications.type, namespace, name }
    const written = await client.patch(ref, 'merge', patch, { fieldManager: FIELD_MANAGER, signal })
    return { ...application, ...written }
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined
    throw error
  }
}

function annotationPatch({ metadata: { annotations = {} } }: Application, isRefreshed: boolean): JsonObject {
  return {
    ...(annotations[HYDRATE_ANNOTATION] === undefined ? {} : { [HYDRATE_ANNOTATION]: null }),
    // Somebody's `hard` asks for more.
    ...(isRefreshed && annotations[REFRESH_ANNOTATION] === undefined ? { [REFRESH_ANNOTATION]: 'normal' } : {}),
  }
}

/** RFC 3339 by seconds, as Kubernetes writes times. */
export function timeOf(ms: number): string {
  return rfc3339Seconds(ms)
}

export function hydratingStatus(application: HydratedApplication, nowMs: number): HydratorStatus {
  const status = hydratorStatusOf(application)
  if (status.currentOperation?.phase === 'Hydrating') return status
  const { sourceHydrator } = application.spec
  return {
    ...status,
    currentOperation: { startedAt: timeOf(nowMs), phase: 'Hydrating', message: '', sourceHydrator },
  }
}

/** `drySHA` is empty where it was not found out. */
export function failedStatus(
  application: HydratedApplication,
  { text, drySHA, nowMs }: { readonly text: string; readonly drySHA: string; readonly nowMs: number },
): HydratorStatus {
  const status = hydratorStatusOf(application)
  const known = drySHA === '' ? {} : { drySHA }
  return {
    ...status,
    ...(drySHA === '' ? {} : { lastComparedDryRevision: drySHA }),
    currentOperation: {
      startedAt: status.currentOperation?.startedAt ?? timeOf(nowMs),
      sourceHydrator: status.currentOperation?.sourceHydrator ?? application.spec.sourceHydrator,
      finishedAt: timeOf(nowMs),
      phase: 'Failed',
      message: `Failed to hydrate: ${text}`,
      ...known,
    },
  }
}

export function hydratedStatus(
  application: HydratedApplication,
  { drySHA, hydratedSHA, nowMs }: { readonly drySHA: string; readonly hydratedSHA: string; readonly nowMs: number },
): HydratorStatus {
  const status = hydratorStatusOf(application)
  const sourceHydrator = status.currentOperation?.sourceHydrator ?? application.spec.sourceHydrator
  const result = { drySHA, hydratedSHA, sourceHydrator }
  const startedAt = status.currentOperation?.startedAt ?? timeOf(nowMs)
  return {
    lastComparedDryRevision: drySHA,
    lastSuccessfulOperation: result,
    currentOperation: { startedAt, finishedAt: timeOf(nowMs), phase: 'Hydrated', message: '', ...result },
  }
}

function asJson(status: HydratorStatus): JsonObject {
  return JSON.parse(JSON.stringify(status))
}
