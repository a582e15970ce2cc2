// Registers, changes and forgets registries: the login is tried before it is kept.
import { CapstanError } from '../../../base/errors.ts'
import { repositorySecretName } from '../../../settings/names.ts'
import { isBareRegistryHost, normalizeRegistryAddress } from '../../../settings/registry-address.ts'
import type { RegistryCredential, RegistryLogin } from '../../../settings/registry-credential.ts'
import { REGISTRY_TYPE } from '../../../settings/registries.ts'
import { SECRET_TYPE_LABEL } from '../../../settings/repositories.ts'
import type { Call } from '../../context.ts'
import { requireAllowed } from '../permissions.ts'
import { objectOf, register, type Values } from '../repositories/registry.ts'
import { RESOURCE, registrySecret } from './find.ts'
import { credentialOf, withKeptSecrets } from './kept-secrets.ts'

/** Whether a call about a repository is about a registry: of that type, or of none with a host alone (000-03). */
export function isRegistryMessage(url: string, type: string): boolean {
  return type === REGISTRY_TYPE || ((type === '' || type === 'git') && isBareRegistryHost(url))
}

/** Keys of a login that upstream's messages do not know: one that is given in their words takes their place. */
const OWN_KEYS = [
  'kind',
  'awsRegion',
  'awsAccessKeyId',
  'awsSecretAccessKey',
  'awsSessionToken',
  'awsRoleArn',
  'awsExternalId',
] as const

/** What a message says of a registry, as its Secret has it. */
export function asRegistryValues(values: Values): Values {
  const absent = Object.fromEntries(OWN_KEYS.map((key) => [key, null]))
  return { ...absent, ...values, type: REGISTRY_TYPE, url: normalizeRegistryAddress(values['url'] ?? '') }
}

/** Throws where the registry does not take the login; nothing is kept. */
export async function tryRegistry(call: Call, values: Values): Promise<RegistryCredential> {
  const credential = credentialOf(values)
  requireOwnIdentity(credential)
  await call.context.registries.test(credential, call.signal)
  return credential
}

/** Tries it and keeps it. What is there already is right where it is the same, changed with `isUpsert`, else refused as upstream does. */
export async function createRegistry(call: Call, given: Values, isUpsert: boolean): Promise<RegistryCredential> {
  const [url, project] = [given['url'] ?? '', given['project'] ?? '']
  requireAllowed(call, RESOURCE, 'create', objectOf(project, url))
  const existing = registrySecret(call, url, project)
  const isChange = isUpsert && existing !== undefined
  // Before the test: with what is stored nobody logs in who may not change it.
  if (isChange) requireAllowed(call, RESOURCE, 'update', objectOf(project, url))
  const values = isChange ? withKeptSecrets(given, existing) : given
  const credential = await tryRegistry(call, values)
  const name = existing?.metadata.name ?? repositorySecretName('repo', url, project)
  const upsert = async (): Promise<void> => {
    requireAllowed(call, RESOURCE, 'update', objectOf(project, url))
    await call.context.store.change('Secret', name, () => ({ values }), call.signal)
  }
  const secretType = existing?.metadata.labels?.[SECRET_TYPE_LABEL] ?? 'repository'
  await register(call, { secretType, name, values }, { noun: 'repository', upsert: isUpsert ? upsert : undefined })
  return { ...credential, id: name }
}

/** Of `argocd repo add --upsert` and PUT: only what is there is changed. */
export async function replaceRegistry(call: Call, values: Values): Promise<void> {
  const [url, project] = [values['url'] ?? '', values['project'] ?? '']
  const secret = registrySecret(call, url, project)
  if (secret === undefined) throw new CapstanError('not-found', `repository "${url}" not found`)
  await call.context.store.change('Secret', secret.metadata.name ?? '', () => ({ values }), call.signal)
}

export async function deleteRegistry(call: Call, { address, project, source }: RegistryCredential): Promise<void> {
  requireAllowed(call, RESOURCE, 'delete', objectOf(project, address))
  if (source.isAdopted) {
    throw new CapstanError(
      'precondition',
      `the login of ${address} is a repository's: remove its annotation, or the repository`,
    )
  }
  const secret = call.context.store.find('Secret', source.name)
  if (secret === undefined) throw new CapstanError('not-found', `repository "${address}" not found`)
  await call.context.store.deleteSecret(secret, call.signal)
}

/** Rights of the control plane itself are not lent to a project by somebody who may register there. */
function requireOwnIdentity({ project, address, login }: RegistryCredential): void {
  if (project === '' || hasOwnIdentity(login)) return
  const text = `the registry ${address} of project ${project} would use the control plane's own identity: give keys of its own`
  throw new CapstanError('forbidden', text)
}

function hasOwnIdentity(login: RegistryLogin): boolean {
  switch (login.kind) {
    case 'static':
      return true
    case 'ecr':
    case 'ecr-public':
      return login.aws.accessKeyId !== undefined
    case 'google':
      return login.serviceAccountKey !== undefined
    case 'azure':
      return login.identity === 'service-principal'
  }
}
