// The names of all applications one may see, for finding one by a few letters.
import type { Application } from '../../../src/crds/application.ts'
import { apiPath, callApi, withQuery } from './request.ts'

export interface ApplicationName {
  readonly namespace: string
  readonly name: string
  readonly project: string
}

const FIELDS = ['items.metadata.name', 'items.metadata.namespace', 'items.spec.project'].join(',')

export async function listNames(signal?: AbortSignal): Promise<readonly ApplicationName[]> {
  const path = withQuery(apiPath`/applications`, { fields: FIELDS })
  const { items } = await callApi<{ readonly items?: readonly Application[] | null }>(path, { signal })
  return (items ?? []).map(({ metadata, spec }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    project: spec.project,
  }))
}

export interface UsedPlaces {
  readonly repositories: readonly string[]
  readonly namespaces: readonly string[]
}

const PLACE_FIELDS = ['items.spec.source.repoURL', 'items.spec.destination.namespace'].join(',')

/** Where applications come from and go to, for completion. */
export async function listUsedPlaces(signal?: AbortSignal): Promise<UsedPlaces> {
  const path = withQuery(apiPath`/applications`, { fields: PLACE_FIELDS })
  const { items } = await callApi<{ readonly items?: readonly Application[] | null }>(path, { signal })
  const specs = (items ?? []).map(({ spec }) => spec)
  return {
    repositories: specs.map(({ source }) => source?.repoURL ?? ''),
    namespaces: specs.map(({ destination }) => destination.namespace ?? ''),
  }
}
