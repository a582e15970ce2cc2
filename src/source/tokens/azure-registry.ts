// A login for Azure's container registries: the workload's token exchanged for one of the registry (argo-cd v3.5.1 util/helm/creds.go).
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { isOwnAddress } from '../addresses.ts'
import { callHttp, shownUrl } from '../http-call.ts'
import type { AccessToken } from './token-cache.ts'
import {
  garbage,
  MAX_TOKEN_ANSWER_BYTES,
  readJson,
  refusal,
  TOKEN_TIMEOUT_MS,
  type TokenContext,
  type TrustFor,
} from './token-endpoint.ts'

/** The user name that goes with a token of the registry. */
export const AZURE_REGISTRY_USER = '00000000-0000-0000-0000-000000000000'

const ARM_RESOURCE = 'https://management.core.windows.net'
/** Registries of Azure's clouds: whatever else asks for it is not shown a token that manages subscriptions. */
const AZURE_REGISTRY = /\.azurecr\.(?:io|cn|us|de)$/i
/** A token that does not say when it ends is asked for again soon. */
const UNKNOWN_LIFE_MS = 300_000

/** The scope of the token that is exchanged; AZURE_ARM_TOKEN_RESOURCE names that of another cloud. */
export function armScope({ environment }: TokenContext): string {
  return `${environment['AZURE_ARM_TOKEN_RESOURCE'] || ARM_RESOURCE}/.default`
}

export interface AzureRegistry {
  /** `name.azurecr.io`, with a port where it has one. */
  readonly host: string
  readonly plainHttp: boolean
}

/** A refresh token of the registry. Throws `forbidden` for a host that is no registry of Azure's. */
export async function requestRegistryToken(
  { host, plainHttp }: AzureRegistry,
  arm: Secret,
  { clock, timeoutMs = TOKEN_TIMEOUT_MS, trustFor }: TokenContext & { readonly trustFor: TrustFor },
): Promise<AccessToken> {
  const name = host.replace(/:\d+$/, '')
  if (!AZURE_REGISTRY.test(name) && !isOwnAddress(name)) {
    throw new CapstanError(
      'forbidden',
      `${host}: is no registry of Azure's, and gets no token of the workload identity`,
    )
  }
  const base = `${plainHttp ? 'http' : 'https'}://${host}`
  const call = { trust: trustFor(base), maxBytes: MAX_TOKEN_ANSWER_BYTES, timeoutMs }
  const service = await challenge(base, call)
  const url = `${base}/oauth2/exchange`
  const form = { grant_type: 'access_token', service, access_token: arm.reveal() }
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const answer = await callHttp({ method: 'POST', url, headers, body: new URLSearchParams(form).toString(), ...call })
  if (answer.status !== 200) throw refusal(`failed to get refresh token: ${answer.statusText}`, answer)
  const { refresh_token: token } = readJson(answer.body)
  if (typeof token !== 'string' || token === '') throw garbage('failed to get refresh token', url)
  return { token: new Secret(token), expiresAtMs: endOf(token) ?? clock.now() + UNKNOWN_LIFE_MS }
}

/** What the registry calls itself. The token goes to the registry, wherever its challenge points to. */
async function challenge(
  base: string,
  call: Pick<Parameters<typeof callHttp>[0], 'trust' | 'maxBytes' | 'timeoutMs'>,
): Promise<string> {
  const { status, headers } = await callHttp({ method: 'GET', url: `${base}/v2/`, ...call })
  const asked = headers['www-authenticate'] ?? ''
  if (status !== 401 || asked === '') {
    throw new CapstanError('unavailable', `registry '${shownUrl(base)}' did not issue a challenge`)
  }
  const service = /^bearer\s.*\bservice="(?<service>[^"]*)"/i.exec(asked)?.groups?.['service']
  if (service !== undefined) return service
  throw new CapstanError('unavailable', `registry '${shownUrl(base)}': service parameter not found in challenge`)
}

/** The `exp` of a JSON Web Token. */
function endOf(token: string): number | undefined {
  const { exp } = readJson(Buffer.from(token.split('.')[1] ?? '', 'base64url'))
  return typeof exp === 'number' ? exp * 1000 : undefined
}
