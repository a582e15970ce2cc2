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
