// Calls of AWS' JSON APIs, signed with the process' credentials or those of a role it takes on.
import { CapstanError } from '../../base/errors.ts'
import { assumeRole, type AwsSource } from '../../kube/client/aws-credentials.ts'
import { type AwsCredentials, signPost } from '../../base/aws-signature.ts'
import type { GeneratorContext } from '../contract.ts'
import { ForgeApi } from './forge-api.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface AwsOptions {
  readonly env: Environment
  readonly now: () => number
  /** The process' own; `main/` passes the chain of AWS' tools. */
  readonly credentials: (source: AwsSource) => Promise<AwsCredentials>
}

export interface AwsCall {
  /** `codecommit`: signs the request, and begins the host's name. */
  readonly service: string
  readonly target: string
  readonly action: string
  readonly input: object
}

/** Gives the answer's JSON. Throws a `ForgeError` whose `kind` is AWS' `__type`. */
export type AwsCaller = (call: AwsCall) => Promise<unknown>

/** Variables that name another address for a service, before the one for all. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  codecommit: 'AWS_ENDPOINT_URL_CODECOMMIT',
  tagging: 'AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API',
}

/** Credentials are asked for once a run. Throws `unauthenticated` where there are none. */
export async function createAwsCaller(
  context: GeneratorContext,
  { env, now, credentials: own, region, role }: AwsOptions & { readonly region: string; readonly role: string },
): Promise<AwsCaller> {
  const source: AwsSource = { env, region, now }
  const base = await own(source)
  const credentials = role === '' ? base : await assumeRole(source, base, role)
  return async ({ service, target, action, input }) => {
    const url = endpointOf(service, region, env)
    const body = JSON.stringify(input)
    const scope = { credentials, region, service, nowMs: now() }
    const more = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${action}` }
    const { host: _host, ...headers } = signPost(url, body, scope, more)
    const api = new ForgeApi(context, { baseUrl: url.href, headers })
    return (await api.post(body, {})).json
  }
}

/** The spec's, else that of the process. */
export function awsRegion(named: string | undefined, env: Environment): string {
  const region = named || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || ''
  if (/^[a-z0-9-]+$/.test(region)) return region
  throw new CapstanError('bad-input', 'AWS CodeCommit needs a region: write region, or set AWS_REGION')
}

function endpointOf(service: string, region: string, env: Environment): URL {
  const named = env[ENDPOINTS[service] ?? ''] ?? env['AWS_ENDPOINT_URL']
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const url = URL.parse(named || `https://${service}.${region}.${suffix}/`)
  if (url === null) throw new CapstanError('bad-input', `${named ?? ''} is no address of AWS ${service}`)
  return url
}
