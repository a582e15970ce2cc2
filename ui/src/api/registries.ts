// Calls about registry credentials and where they are in use.
import type { registryMessages } from '../../../src/api/messages/registry.ts'
import type { Message } from '../../../src/crds/message-type.ts'
import { apiPath, callApi, withQuery } from './request.ts'

export type RegistryKind = 'static' | 'ecr' | 'ecr-public' | 'google' | 'azure'

type Messages = typeof registryMessages

type ValueOf<Type> = Type extends 'bool'
  ? boolean
  : Type extends 'int32'
    ? number
    : Type extends 'string' | 'Time'
      ? string
      : Type extends 'v1alpha1.ConnectionState'
        ? Message<'ConnectionState'>
        : Type extends keyof Messages
          ? Shape<Type>
          : never

/** What the server sends of a message: what is empty is left out. */
type Shape<Name extends keyof Messages> = {
  readonly [Field in keyof Messages[Name]]?: Messages[Name][Field] extends { readonly type: infer Type }
    ? Messages[Name][Field] extends { readonly list: true }
      ? readonly ValueOf<Type>[]
      : ValueOf<Type>
    : never
}

export type RegistryPlace = Shape<'RegistryPlace'>

export interface RegistryUsage extends Omit<Shape<'RegistryUsage'>, 'state'> {
  readonly state?: 'Unused' | 'Active' | 'Failed' | 'Expired'
}

export interface Registry extends Omit<Shape<'Registry'>, 'id' | 'address' | 'kind' | 'usage'> {
  readonly id: string
  readonly address: string
  readonly kind?: RegistryKind
  readonly usage?: RegistryUsage
}

export type RegistryProblem = Required<Shape<'RegistryProblem'>>

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
