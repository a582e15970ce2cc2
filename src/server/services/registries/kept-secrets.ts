// Secrets that a changed registry keeps: whoever changes one has not seen them, and must not learn them.
import { CapstanError } from '../../../base/errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { readSecret } from '../../../settings/map-reader.ts'
import { parseRegistry } from '../../../settings/registries.ts'
import type { RegistryCredential, RegistryLogin } from '../../../settings/registry-credential.ts'
import { SECRET_TYPE_LABEL } from '../../../settings/repositories.ts'
import type { Values } from '../repositories/registry.ts'

/** What goes with each other: a key that is kept is kept for the user it belongs to. */
const SECRET_KEYS: readonly (readonly [secret: string, owner: string])[] = [
  ['password', 'username'],
  ['awsSecretAccessKey', 'awsAccessKeyId'],
  ['awsSessionToken', 'awsAccessKeyId'],
  ['azureServicePrincipalClientSecret', 'azureServicePrincipalClientId'],
  ['gcpServiceAccountKey', 'username'],
]

/**
 * What is left empty stays, while its owner, the kind of login and everything that decides where it is sent are the same.
 * Throws `bad-input` naming the secrets that must be given again: one that was stored for one host is not shown to another.
 */
export function withKeptSecrets(given: Values, existing: KubeObject): Values {
  const held = readSecret(existing)
  const kept = SECRET_KEYS.flatMap(([secret, owner]) => {
    const isSame = (given[owner] ?? null) === (held.text(owner) ?? null)
    const value = held.text(secret)
    return (given[secret] ?? null) === null && isSame && value !== undefined ? [[secret, value] as const] : []
  })
  if (kept.length === 0) return given
  const values = { ...given, ...Object.fromEntries(kept) }
  const [before, after] = [readable(existing), credentialOf(values)]
  // Another kind of login has no use for the secrets of this one.
  if (before !== undefined && mannerOf(before.login) !== mannerOf(after.login)) return given
  if (before !== undefined && wayOf(before) === wayOf(after)) return values
  const names = kept.map(([secret]) => secret).join(', ')
  throw new CapstanError(
    'bad-input',
    `${names} must be given again: where the login of ${after.address} goes has changed`,
  )
}

/** As the settings read it. Throws `bad-input` naming what is wrong. */
export function credentialOf(values: Values): RegistryCredential {
  const stringData = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
  const metadata = { name: 'request', labels: { [SECRET_TYPE_LABEL]: 'registry' } }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData }
  return parseRegistry(secret)
}

/** Undefined where it is no credential: nothing can be said of where its secrets went. */
function readable(existing: KubeObject): RegistryCredential | undefined {
  try {
    return parseRegistry(existing)
  } catch (error) {
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

function mannerOf(login: RegistryLogin): string {
  return login.kind === 'azure' ? `azure ${login.identity}` : login.kind
}

/** Everything that decides who is shown the secrets. */
function wayOf({ address, isInsecure, tokenHosts, login }: RegistryCredential): string {
  return JSON.stringify([address, isInsecure, tokenHosts.toSorted(), ...endpointOf(login)])
}

function endpointOf(login: RegistryLogin): readonly string[] {
  switch (login.kind) {
    case 'ecr':
      return [login.region]
    case 'azure':
      return [login.authority ?? '', login.tenantId ?? '']
    case 'static':
    case 'ecr-public':
    case 'google':
      return []
  }
}
