// Calls about certificates, host keys and GnuPG keys.
import type { Message } from '../../../src/crds/message-type.ts'
import type { CertificateEntry } from '../form/certificate.ts'
import { apiPath, callApi, withQuery } from './request.ts'

export type Certificate = Message<'RepositoryCertificate'>
export type GpgKey = Message<'GnuPGPublicKey'>

interface Items<T> {
  readonly items?: readonly T[] | null
}

export async function listCertificates(signal?: AbortSignal): Promise<readonly Certificate[]> {
  return (await callApi<Items<Certificate>>(apiPath`/certificates`, { signal })).items ?? []
}

export function createCertificates(items: readonly CertificateEntry[], isUpsert: boolean): Promise<unknown> {
  const path = withQuery(apiPath`/certificates`, isUpsert ? { upsert: true } : {})
  return callApi(path, { method: 'POST', body: { items } })
}

export function deleteCertificate({ serverName, certType, certSubType }: Certificate): Promise<unknown> {
  const isSsh = certType === 'ssh'
  const query = { hostNamePattern: serverName, certType, certSubType: isSsh ? certSubType : undefined }
  return callApi(withQuery(apiPath`/certificates`, query), { method: 'DELETE' })
}

export async function listGpgKeys(signal?: AbortSignal): Promise<readonly GpgKey[]> {
  return (await callApi<Items<GpgKey>>(apiPath`/gpgkeys`, { signal })).items ?? []
}

export function createGpgKey(keyData: string): Promise<unknown> {
  return callApi(apiPath`/gpgkeys`, { method: 'POST', body: { keyData } })
}

export function deleteGpgKey(keyID: string): Promise<unknown> {
  return callApi(withQuery(apiPath`/gpgkeys`, { keyID }), { method: 'DELETE' })
}
