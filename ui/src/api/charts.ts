// The call about the charts of a repository.
import { apiPath, callApi } from './request.ts'

export interface RepositoryChart {
  readonly name?: string
  readonly versions?: readonly string[] | null
}

export async function listCharts(repo: string, signal?: AbortSignal): Promise<readonly RepositoryChart[]> {
  const path = apiPath`/repositories/${repo}/helmcharts`
  return (await callApi<{ readonly items?: readonly RepositoryChart[] | null }>(path, { signal })).items ?? []
}
