// Hosts of the registries whose logins expire: which cloud a host belongs to, and what its name says.
import type { RegistryKind } from './registry-credential.ts'

export interface EcrHost {
  readonly account: string
  readonly region: string
  readonly isFips: boolean
  /** `amazonaws.com`, `amazonaws.com.cn`, `on.aws` … */
  readonly suffix: string
}

/** awslabs/amazon-ecr-credential-helper v0.12.0 `api/client.go`. */
const ECR =
  /^(?<account>\d{12})\.dkr[.-]ecr(?<fips>-fips)?\.(?<region>[a-z0-9][a-z0-9-_]*)\.(?<suffix>amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/
const ECR_PUBLIC = /^(?:public\.ecr\.aws|ecr-public\.aws\.com)$/
const GOOGLE = /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)$/
const AZURE = /^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)?\.azurecr\.(?:io|cn|us|de)$/

/** Undefined for a host that is no private registry of ECR. */
export function parseEcrHost(host: string): EcrHost | undefined {
  const { account, region, fips, suffix } = ECR.exec(host)?.groups ?? {}
  if (account === undefined || region === undefined || suffix === undefined) return undefined
  return { account, region, suffix, isFips: fips !== undefined }
}

/** Whose registry it is by its host alone; `static` for all others. */
export function kindOfHost(host: string): RegistryKind {
  if (ECR.test(host)) return 'ecr'
  if (ECR_PUBLIC.test(host)) return 'ecr-public'
  if (GOOGLE.test(host)) return 'google'
  return AZURE.test(host) ? 'azure' : 'static'
}
