// What a registry credential is told apart by, and what changes when it must be logged in with anew.
import { sha256Hex } from '../base/digest.ts'
import type { Secret } from '../base/secret.ts'
import type { AwsIdentity, RegistryCredential, RegistryLogin } from './registry-credential.ts'

/**
 * The same for as long as the credential is: by the registry, the project and the Secret it is kept in, not by user, keys or
 * password, so that what is derived from it keeps its name when those change. Fit for hashing; nothing in it is secret.
 */
export function identityOf({ address, project, id }: Pick<RegistryCredential, 'address' | 'project' | 'id'>): string {
  return JSON.stringify([address, project, id])
}

/**
 * Changes with the kind, the registry, the region, roles, keys and users: a login that was issued before is not one of this
 * configuration. The password of a static login is left out (nobody must be able to guess it from a hash); keys of clouds
 * are random enough to be in it.
 */
export function configurationHash({
  address,
  kind,
  login,
}: Pick<RegistryCredential, 'address' | 'kind' | 'login'>): string {
  return sha256Hex(JSON.stringify([address, kind, ...partsOf(login)]))
}

/** Who asks AWS for tokens: all credentials of the same one share a token. */
export function awsPrincipal({ accessKeyId = '', secretAccessKey, sessionToken, roles }: AwsIdentity): string {
  const steps = roles.map(({ arn, externalId = '' }) => [arn, externalId])
  return JSON.stringify([accessKeyId, digestOf(secretAccessKey), digestOf(sessionToken), steps])
}

function partsOf(login: RegistryLogin): readonly string[] {
  switch (login.kind) {
    case 'static':
      return [login.username]
    case 'ecr':
      return [login.region, awsPrincipal(login.aws)]
    case 'ecr-public':
      return [awsPrincipal(login.aws)]
    case 'google':
      return [digestOf(login.serviceAccountKey)]
    case 'azure': {
      const { identity, clientId = '', tenantId = '', authority = '', clientSecret } = login
      return [identity, clientId, tenantId, authority, digestOf(clientSecret)]
    }
  }
}

function digestOf(secret: Secret | undefined): string {
  return secret === undefined ? '' : sha256Hex(secret.reveal())
}
