// Calls about registry credentials and where they are in use.
import { apiPath, callApi, withQuery } from './request.ts'

export type RegistryKind = 'static' | 'ecr' | 'ecr-public' | 'google' | 'azure'

export interface RegistryPlace {
  readonly server?: string
  readonly clusterName?: string
  readonly namespace?: string
  /** `namespace/name`. */
  readonly applications?: readonly string[] | null
  readonly serviceAccounts?: readonly string[] | null
  readonly error?: string
}

export interface RegistryUsage {
  readonly secretName?: string
  readonly state?: 'Unused' | 'Active' | 'Renewing' | 'Failed' | 'Expired'
  readonly issuedAt?: string
  readonly expiresAt?: string
  readonly renewAt?: string
  readonly lastError?: string
  readonly lastErrorAt?: string
  readonly places?: readonly RegistryPlace[] | null
}

export interface Registry {
  readonly id: string
  readonly address: string
  readonly name?: string
  readonly project?: string
  readonly kind?: RegistryKind
  readonly identity?: string
  readonly username?: string
  readonly region?: string
  readonly roleArns?: readonly string[] | null
  readonly insecure?: boolean
  readonly disabled?: boolean
  readonly serviceAccounts?: string
  readonly adopted?: boolean
  readonly connectionState?: { readonly status?: string; readonly message?: string; readonly attemptedAt?: string }
  readonly usage?: RegistryUsage
}

export interface RegistryProblem {
  readonly id: string
  readonly message: string
}

export interface RegistryList {
  readonly items: readonly Registry[]
  /** What is stored and cannot be read. */
  readonly problems: readonly RegistryProblem[]
}

export async function listRegistries(signal?: AbortSignal): Promise<RegistryList> {
  const answer = await callApi<{
    readonly items?: readonly Registry[] | null
    readonly problems?: readonly RegistryProblem[] | null
  }>(apiPath`/registries`, { signal })
  return { items: answer.items ?? [], problems: answer.problems ?? [] }
}

/** The login is tried first; what is refused is not stored. */
export function putRegistry(registry: object, isUpsert: boolean): Promise<Registry> {
  return callApi(apiPath`/registries`, { method: 'POST', body: { registry, ...(isUpsert ? { upsert: true } : {}) } })
}

export function testRegistry(id: string): Promise<Registry> {
  return callApi(apiPath`/registries/${id}/test`, { method: 'POST', body: {} })
}

export function deleteRegistry(id: string): Promise<unknown> {
  return callApi(withQuery(apiPath`/registries/${id}`, {}), { method: 'DELETE' })
}
