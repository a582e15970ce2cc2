// Registered registries as callers may see them, and the Secrets they are kept in.
import { CapstanError } from '../../../base/errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { normalizeRegistryAddress } from '../../../settings/registry-address.ts'
import type { RegistryCredential } from '../../../settings/registry-credential.ts'
import { isRegistrySecret, REGISTRY_SECRET_TYPE } from '../../../settings/registries.ts'
import { readSecret } from '../../../settings/map-reader.ts'
import type { Call } from '../../context.ts'
import { isAllowed } from '../permissions.ts'
import { objectOf } from '../repositories/registry.ts'

/** What RBAC calls them: upstream's own word, so that roles for repositories hold for registries too. */
export const RESOURCE = 'repositories'

/** Those that the caller may do this to, by address and project. */
export function permittedRegistries(call: Call, action: string = 'get'): readonly RegistryCredential[] {
  return call.context.registries
    .registered()
    .credentials.filter(({ project, address }) => isAllowed(call, RESOURCE, action, objectOf(project, address)))
    .toSorted((a, b) => (`${a.project}/${a.address}` < `${b.project}/${b.address}` ? -1 : 1))
}

/** The one registered under an address, of a project where one is named. Undefined where the caller sees none. */
export function findRegistry(call: Call, text: string, project: string): RegistryCredential | undefined {
  const address = tryAddress(text)
  if (address === undefined) return undefined
  const found = permittedRegistries(call).filter((one) => one.address === address && !one.source.isAdopted)
  const only = found.length === 1 && project === '' ? found[0] : undefined
  return only ?? found.find((one) => one.project === project)
}

/** By the name of its Secret. Throws `not-found`; what the caller may not see is not told apart from what is not there. */
export function registryById(call: Call, id: string): RegistryCredential {
  const found = permittedRegistries(call).find((one) => one.id === id)
  if (found !== undefined) return found
  throw new CapstanError('forbidden', 'permission denied')
}

/** The Secret of a registry of a project: it is changed in place, however it was declared. */
export function registrySecret(call: Call, address: string, project: string): KubeObject | undefined {
  const { store } = call.context
  return [...store.secretsOfType('repository'), ...store.secretsOfType(REGISTRY_SECRET_TYPE)].find((secret) => {
    if (!isRegistrySecret(secret)) return false
    const reader = readSecret(secret)
    return tryAddress(reader.text('url') ?? '') === address && (reader.text('project') ?? '') === project
  })
}

function tryAddress(text: string): string | undefined {
  try {
    return normalizeRegistryAddress(text)
  } catch {
    // No address of a registry: none is registered under it.
    return undefined
  }
}
