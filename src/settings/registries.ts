// Registry credentials as typed values from Secrets: who may pull from where, and how the login is come by.
import { CapstanError, messageOf } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { type MapReader, readSecret } from './map-reader.ts'
import { isBareRegistryHost, normalizeRegistryAddress } from './registry-address.ts'
import type { CredentialSource, RegistryCredential, RegistryOptions } from './registry-credential.ts'
import { readLogin } from './registry-login.ts'
import { SECRET_TYPE_LABEL } from './repositories.ts'

/** Value of the label `argocd.argoproj.io/secret-type` for registries that are declared as such. */
export const REGISTRY_SECRET_TYPE = 'registry'
/** Value of `type` in Secrets labelled `repository`, as the API writes it for `argocd repo add HOST`. */
export const REGISTRY_TYPE = 'registry'
/** On a Secret of a chart or OCI repository: `"true"` lends its login to pulling images. */
export const ADOPT_ANNOTATION = 'capstan.dev/registry'

/** A Secret that was meant as a credential and cannot be one; the message holds nothing of its values. */
export interface RegistryProblem {
  readonly id: string
  readonly message: string
}

export interface Registries {
  readonly credentials: readonly RegistryCredential[]
  readonly problems: readonly RegistryProblem[]
}

/** All registry credentials among the control plane's Secrets, by name. One that cannot be read leaves the others alone. */
export function readRegistries(secrets: Iterable<KubeObject>): Registries {
  const credentials: RegistryCredential[] = []
  const problems: RegistryProblem[] = []
  for (const secret of secrets) {
    try {
      const found = credentialOf(secret)
      if (found !== undefined) credentials.push(found)
    } catch (error) {
      problems.push({ id: secret.metadata.name ?? '', message: messageOf(error) })
    }
  }
  return { credentials: credentials.toSorted(byId), problems: problems.toSorted(byId) }
}

/** Whether a Secret registers a registry: those who read repositories leave it alone. */
export function isRegistrySecret(secret: KubeObject): boolean {
  const type = secret.metadata.labels?.[SECRET_TYPE_LABEL]
  if (type === REGISTRY_SECRET_TYPE) return true
  return type === 'repository' && isRegistryEntry(readSecret(secret))
}

/** Reads the Secret of a registry. Throws `bad-input` naming the Secret and the key. */
export function parseRegistry(secret: KubeObject): RegistryCredential {
  const reader = readSecret(secret)
  return readCredential(reader, sourceOf(secret, false))
}

function credentialOf(secret: KubeObject): RegistryCredential | undefined {
  if (isRegistrySecret(secret)) return parseRegistry(secret)
  if (secret.metadata.annotations?.[ADOPT_ANNOTATION] !== 'true') return undefined
  const type = secret.metadata.labels?.[SECRET_TYPE_LABEL] ?? ''
  if (type !== 'repository' && type !== 'repo-creds') return undefined
  return adoptedOf(secret)
}

/** A chart's or an OCI repository's Secret, where its owner has said so: the login is the same, the address a registry's. */
function adoptedOf(secret: KubeObject): RegistryCredential {
  const reader = readSecret(secret)
  const isOci = reader.text('type') === 'oci' || reader.boolean('enableOCI') === true
  if (!isOci) {
    throw new CapstanError(
      'bad-input',
      `${reader.place}: annotation ${ADOPT_ANNOTATION} stands on a repository that is no registry: set type to oci, or enableOCI to true`,
    )
  }
  return readCredential(reader, sourceOf(secret, true))
}

function readCredential(reader: MapReader, source: CredentialSource): RegistryCredential {
  const address = addressOf(reader)
  const login = readLogin(reader, address)
  const name = reader.text('name')
  return {
    id: source.name,
    address,
    ...(name === undefined ? {} : { name }),
    project: reader.text('project') ?? '',
    kind: login.kind,
    login,
    isInsecure: reader.boolean('insecure') ?? false,
    tokenHosts: reader.list('tokenHosts').map((host) => host.toLowerCase()),
    options: optionsOf(reader),
    source,
  }
}

function optionsOf(reader: MapReader): RegistryOptions {
  const serviceAccounts = reader.text('serviceAccounts')?.trim()
  return {
    isPropagated: reader.boolean('propagate') ?? true,
    ...(serviceAccounts === undefined ? {} : { serviceAccounts }),
  }
}

function sourceOf({ metadata }: KubeObject, isAdopted: boolean): CredentialSource {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata
  return { namespace, name, uid, resourceVersion, isAdopted }
}

function isRegistryEntry(reader: MapReader): boolean {
  const type = reader.text('type')?.trim() ?? 'git'
  return type === REGISTRY_TYPE || (type === 'git' && isBareRegistryHost(reader.text('url') ?? ''))
}

function addressOf(reader: MapReader): string {
  const url = reader.requiredText('url')
  try {
    return normalizeRegistryAddress(url)
  } catch (error) {
    throw reader.wrong('url', `cannot be used: ${messageOf(error)}`, error)
  }
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}
