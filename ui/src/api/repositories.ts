// Calls about repositories and credential templates.
import type { Message } from '../../../src/crds/message-type.ts'
import { apiPath, callApi, withQuery } from './request.ts'

export type Repository = Message<'Repository'>
export type RepositoryCredentials = Message<'RepoCreds'>

interface Items<T> {
  readonly items?: readonly T[] | null
}

/** With the state of each connection, which is tried for the answer. Container registries have a list of their own. */
export async function listRegistered(signal?: AbortSignal): Promise<readonly Repository[]> {
  const { items } = await callApi<Items<Repository>>(apiPath`/repositories`, { signal })
  return (items ?? []).filter(({ type }) => type !== 'registry')
}

/** Tries the connection again. */
export function testRepository({ repo = '', project }: Repository): Promise<Repository> {
  return callApi(withQuery(apiPath`/repositories/${repo}`, { appProject: project, forceRefresh: true }))
}

/** Refused where the repository does not answer with these credentials. */
export function createRepository(repository: Repository, isUpsert = false): Promise<unknown> {
  return callApi(withQuery(apiPath`/repositories`, isUpsert ? { upsert: true } : {}), {
    method: 'POST',
    body: repository,
  })
}

export function updateRepository(repository: Repository): Promise<unknown> {
  return callApi(apiPath`/repositories/${repository.repo ?? ''}`, { method: 'PUT', body: repository })
}

export function deleteRepository({ repo = '', project }: Repository): Promise<unknown> {
  return callApi(withQuery(apiPath`/repositories/${repo}`, { appProject: project }), { method: 'DELETE' })
}

export async function listCredentials(signal?: AbortSignal): Promise<readonly RepositoryCredentials[]> {
  return (await callApi<Items<RepositoryCredentials>>(apiPath`/repocreds`, { signal })).items ?? []
}

export function createCredentials(creds: RepositoryCredentials): Promise<unknown> {
  return callApi(apiPath`/repocreds`, { method: 'POST', body: creds })
}

export function updateCredentials(creds: RepositoryCredentials): Promise<unknown> {
  return callApi(apiPath`/repocreds/${creds.url ?? ''}`, { method: 'PUT', body: creds })
}

export function deleteCredentials({ url = '' }: RepositoryCredentials): Promise<unknown> {
  return callApi(apiPath`/repocreds/${url}`, { method: 'DELETE' })
}
