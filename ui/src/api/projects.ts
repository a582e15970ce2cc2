// Calls about projects.
import type { AppProject } from '../../../src/crds/app-project.ts'
import { apiPath, callApi, withQuery } from './request.ts'

export function readProject(name: string, signal?: AbortSignal): Promise<AppProject> {
  return callApi(apiPath`/projects/${name}`, { signal })
}

export function createProject(project: object): Promise<AppProject> {
  return callApi(apiPath`/projects`, { method: 'POST', body: { project } })
}

export function updateProject(project: AppProject): Promise<AppProject> {
  return callApi(apiPath`/projects/${project.metadata.name ?? ''}`, { method: 'PUT', body: { project } })
}

export function deleteProject(name: string): Promise<unknown> {
  return callApi(apiPath`/projects/${name}`, { method: 'DELETE' })
}

export interface RoleTokenWish {
  readonly project: string
  readonly role: string
  readonly id: string
  readonly expiresInSeconds: number
}

/** The token itself, which is told this once. */
export async function createRoleToken({ project, role, id, expiresInSeconds }: RoleTokenWish): Promise<string> {
  const body = { project, role, id, expiresIn: expiresInSeconds }
  const path = apiPath`/projects/${project}/roles/${role}/token`
  return (await callApi<{ readonly token: string }>(path, { method: 'POST', body })).token
}

export interface RoleTokenRef {
  readonly project: string
  readonly role: string
  readonly id: string
  readonly issuedAt: number
}

export function deleteRoleToken({ project, role, id, issuedAt }: RoleTokenRef): Promise<unknown> {
  const path = apiPath`/projects/${project}/roles/${role}/token/${String(issuedAt)}`
  return callApi(withQuery(path, { id }), { method: 'DELETE' })
}

/** Projects whose rules hold for this one too. */
export async function listGlobalProjects(name: string, signal?: AbortSignal): Promise<readonly AppProject[]> {
  const path = apiPath`/projects/${name}/globalprojects`
  return (await callApi<{ readonly items?: readonly AppProject[] | null }>(path, { signal })).items ?? []
}
