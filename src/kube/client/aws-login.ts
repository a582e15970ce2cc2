// Logins to EKS: a token that is a presigned question to STS who the caller is (argo-cd v3.5.1 cmd/argocd-k8s-auth/commands/aws.go).
import type { Clock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import { stsUrl } from '../../base/aws-credentials.ts'
import { assumeRole, awsCredentials, readProfile } from './aws-credentials.ts'
import { presignUrl } from '../../base/aws-signature.ts'
import { keptLogin, type LoginSource } from './login.ts'

/** aws-iam-authenticator asks STS for tokens of 15 minutes; a minute is kept for the way. */
const TOKEN_AGE_MS = 14 * 60_000
/** Part of the token's form: what the server expects in `X-Amz-Expires`. */
const EXPIRES_SECONDS = 60
const PREFIX = 'k8s-aws-v1.'
/** STS' own region, where nothing names one. */
const FALLBACK_REGION = 'us-east-1'

export interface AwsLoginOptions {
  readonly clusterName: string
  /** Taken on with the credentials found. */
  readonly roleARN?: string
  /** Of the shared files. */
  readonly profile?: string
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
}

export function awsLogin(options: AwsLoginOptions): LoginSource {
  const { clock, env, clusterName, roleARN, profile } = options
  return keptLogin(clock, async () => {
    const region = await regionOf(options)
    const named = profile === undefined ? {} : { profile }
    const source = { env, region, now: () => clock.now(), ...named }
    const own = await awsCredentials(source)
    const credentials = roleARN === undefined ? own : await assumeRole(source, own, roleARN)
    const nowMs = clock.now()
    const url = stsUrl(source)
    url.search = 'Action=GetCallerIdentity&Version=2011-06-15'
    const scope = { credentials, region, service: 'sts', nowMs }
    const signed = presignUrl(url, scope, { expiresSeconds: EXPIRES_SECONDS, headers: { 'x-k8s-aws-id': clusterName } })
    const token = new Secret(PREFIX + Buffer.from(signed.href).toString('base64url'))
    return { token, expiresAtMs: Math.min(nowMs + TOKEN_AGE_MS, credentials.expiresAtMs ?? Infinity) }
  })
}

async function regionOf({ env, profile }: AwsLoginOptions): Promise<string> {
  const named = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  if (named !== undefined && named !== '') return named
  const { region } = await readProfile(env, profile ?? env['AWS_PROFILE'] ?? 'default')
  return region ?? FALLBACK_REGION
}
