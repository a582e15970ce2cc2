// Calls about ApplicationSets.
import type { ApplicationSet } from '../../../src/crds/application-set.ts'
import { apiPath, callApi, withQuery } from './request.ts'
import type { ApplicationId } from './shapes.ts'

export async function listSets(signal?: AbortSignal): Promise<readonly ApplicationSet[]> {
  const path = apiPath`/applicationsets`
  return (await callApi<{ readonly items?: readonly ApplicationSet[] | null }>(path, { signal })).items ?? []
}

export function readSet({ name, namespace }: ApplicationId, signal?: AbortSignal): Promise<ApplicationSet> {
  return callApi(withQuery(apiPath`/applicationsets/${name}`, { appsetNamespace: namespace }), { signal })
}

/** Creates it, or with `isUpsert` changes the one there is. */
export function putSet(set: object, isUpsert: boolean): Promise<ApplicationSet> {
  const path = withQuery(apiPath`/applicationsets`, isUpsert ? { upsert: true } : {})
  return callApi(path, { method: 'POST', body: set })
}

/** The set with what it would do in `status.resources`; nothing is written. */
export function previewSet(set: object): Promise<ApplicationSet> {
  return callApi(withQuery(apiPath`/applicationsets`, { dryRun: true }), { method: 'POST', body: set })
}

export function deleteSet({ name, namespace }: ApplicationId): Promise<unknown> {
  return callApi(withQuery(apiPath`/applicationsets/${name}`, { appsetNamespace: namespace }), { method: 'DELETE' })
}
