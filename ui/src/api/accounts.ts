// Calls about accounts: what one may do, passwords, tokens.
import { apiPath, callApi } from './request.ts'

export interface AccountToken {
  readonly id: string
  /** Seconds since 1970; 0: never. JSON has 64-bit numbers as text. */
  readonly issuedAt?: string | number
  readonly expiresAt?: string | number
}

export interface Account {
  readonly name: string
  readonly enabled?: boolean
  readonly capabilities?: readonly string[] | null
  readonly tokens?: readonly AccountToken[] | null
}

interface Question {
  readonly resource: string
  readonly action: string
  readonly object: string
}

export async function mayDo({ resource, action, object }: Question, signal?: AbortSignal): Promise<boolean> {
  const path = `${apiPath`/account/can-i/${resource}/${action}`}/${object.split('/').map(encodeURIComponent).join('/')}`
  return (await callApi<{ readonly value?: string }>(path, { signal })).value === 'yes'
}

export async function listAccounts(signal?: AbortSignal): Promise<readonly Account[]> {
  return (await callApi<{ readonly items?: readonly Account[] | null }>(apiPath`/account`, { signal })).items ?? []
}

export interface TokenWish {
  readonly name: string
  /** Empty: the server makes one. */
  readonly id: string
  /** 0: never ends. */
  readonly expiresInSeconds: number
}

/** The token itself, which is told this once. */
export async function createAccountToken({ name, id, expiresInSeconds }: TokenWish): Promise<string> {
  const body = { name, id, expiresIn: expiresInSeconds }
  return (await callApi<{ readonly token: string }>(apiPath`/account/${name}/token`, { method: 'POST', body })).token
}

export function deleteAccountToken(name: string, id: string): Promise<unknown> {
  return callApi(apiPath`/account/${name}/token/${id}`, { method: 'DELETE' })
}

export interface PasswordChange {
  readonly name: string
  /** Of the person who asks, whoever the account belongs to. */
  readonly currentPassword: string
  readonly newPassword: string
}

export function changePassword(change: PasswordChange): Promise<unknown> {
  return callApi(apiPath`/account/password`, { method: 'PUT', body: change })
}
