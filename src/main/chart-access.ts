// From registered repositories to what chart repositories and registries need to let a project in.
import type { AppProject } from '../crds/app-project.ts'
import { CapstanError } from '../base/errors.ts'
import type { ChartRepositories } from '../desired/chart-fetcher.ts'
import { isSourcePermitted } from '../policy/project-rules.ts'
import type { AddressRules } from '../source/addresses.ts'
import type { RemoteFiles } from '../render/contract.ts'
import { isSameRepository } from '../settings/git-url.ts'
import { repositoryFor, type RegisteredRepositories, type Repository } from '../settings/repositories.ts'
import type { ChartAccess } from '../source/charts/access.ts'
import { download } from '../source/charts/download.ts'
import { isOciRepository } from '../source/charts/oci.ts'
import { AZURE_REGISTRY_USER } from '../source/tokens/azure-registry.ts'
import type { RepositoryLogins } from '../source/tokens/repository-login.ts'
import type { ControlPlaneState } from './control-plane-state.ts'
import { withoutAbsent } from './without-absent.ts'

/** Bytes of one values file (src/render/helm/limits.ts has the same for files of a tree). */
const MAX_REMOTE_BYTES: number = 5 * 1024 * 1024
/** A slow server of values holds up one application, and not for long. */
const REMOTE_TIMEOUT_MS = 15_000

/**
 * Credentials and trust for a repository on behalf of a project; the password of Azure's registries is asked for with the
 * workload identity (argo-cd v3.5.1 `GetHelmCreds`).
 */
export async function chartLoginFor(
  { state, logins }: ChartLogins,
  project: AppProject | undefined,
  repoURL: string,
): Promise<ChartAccess> {
  const access = chartAccessFor(state, project, repoURL)
  if (access.usesWorkloadIdentity !== true || !isOciRepository(repoURL, access)) return access
  const host = repoURL.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/s, '')
  const registry = { host, plainHttp: access.plainHttp === true }
  const password = await logins.registryToken(registry, (address) => ({ ...access, ...trustFor(state, address) }))
  return { ...access, username: AZURE_REGISTRY_USER, password }
}

export interface ChartLogins {
  readonly state: ControlPlaneState
  readonly logins: RepositoryLogins
}

/** Nothing secret for a repository that the project may not use. */
function chartAccessFor(state: ControlPlaneState, project: AppProject | undefined, repoURL: string): ChartAccess {
  const trust = trustFor(state, repoURL)
  if (project !== undefined && !isSourcePermitted(project, { repoURL })) return trust
  const repository = registeredFor(repoURL, project?.metadata.name ?? '', state.registered())
  return { ...trust, ...chartAccessOf(repository) }
}

/** The certificates that are kept for the host of an address. */
export function trustFor(state: Pick<ControlPlaneState, 'tlsCertificates'>, repoURL: string): ChartAccess {
  const certificates = state.tlsCertificates().get(hostOf(repoURL))
  return certificates === undefined ? {} : { caCertificates: certificates }
}

/** What a repository's own fields give access to. */
export function chartAccessOf(repository: Repository): ChartAccess {
  const { username, password, tlsClientCertData, tlsClientCertKey, proxy, noProxy } = repository
  return withoutAbsent<ChartAccess>({
    username,
    password,
    tlsClientCertificate: tlsClientCertData,
    tlsClientKey: tlsClientCertKey,
    proxy,
    noProxy,
    insecure: repository.insecure,
    plainHttp: repository.insecureOCIForceHttp,
    enableOci: repository.enableOCI === true || repository.type === 'oci',
    usesWorkloadIdentity: repository.useAzureWorkloadIdentity,
  })
}

/**
 * Registries are registered with and without `oci://`, and a credential for one folder of a registry is used for what
 * stands below it (argo-cd v3.5.1 reposerver getHelmRepos).
 */
function registeredFor(url: string, project: string, registered: RegisteredRepositories): Repository {
  const plain = url.replace(/^oci:\/\//, '')
  const found = [url, plain, `oci://${plain}`]
    .map((one) => repositoryFor(one, project, registered))
    .find((one) => hasCredentials(one) || one.enableOCI !== undefined)
  if (found !== undefined) return found
  const isRegistry = url.startsWith('oci://') || !/^[a-z][a-z0-9+.-]*:\/\//i.test(url)
  const near = registered.repositories.find((one) => isRegistry && isNear(one, plain, project))
  return near === undefined ? repositoryFor(url, project, registered) : { ...near, url }
}

function hasCredentials({ username, password, tlsClientCertData, useAzureWorkloadIdentity }: Repository): boolean {
  const given = [username, password, tlsClientCertData].some((one) => one !== undefined)
  return given || useAzureWorkloadIdentity === true
}

function isNear(repository: Repository, plain: string, project: string): boolean {
  if (repository.project !== '' && repository.project !== project) return false
  if (repository.enableOCI !== true && repository.type !== 'oci') return false
  const other = repository.url.replace(/^oci:\/\//, '')
  return plain.startsWith(`${other}/`) || other.startsWith(`${plain}/`)
}

function hostOf(url: string): string {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@]*@)?(?<host>[^/:]+)/i.exec(url)?.groups?.['host'] ?? ''
}

/** What charts need to know of the repositories their dependencies are in. */
export function chartRepositories(
  state: ControlPlaneState,
  projectOf: (name: string) => AppProject | undefined,
): ChartRepositories {
  return {
    addressOf: (name, project) =>
      state
        .registered()
        .repositories.find((one) => one.name === name && (one.project === '' || one.project === project))?.url,
    isPermitted: (repoURL, project) => isPermittedSource(projectOf(project), repoURL),
  }
}

function isPermittedSource(project: AppProject | undefined, repoURL: string): boolean {
  return project === undefined || isSourcePermitted(project, { repoURL })
}

/** What is known of repositories that kustomizations name by address. */
export function remoteRules(
  state: ControlPlaneState,
  projectOf: (name: string) => AppProject | undefined,
): AddressRules {
  return {
    isRegistered: (repoURL, project) =>
      state
        .registered()
        .repositories.some(
          (one) => isSameRepository(one.url, repoURL) && (one.project === '' || one.project === project),
        ),
    isPermitted: (repoURL, project) => isPermittedSource(projectOf(project), repoURL),
  }
}

/** Addresses of clouds' metadata services, which hold a machine's credentials: no values file lies there. */
const METADATA_HOSTS = /^(?:169\.254\.\d+\.\d+|\[fe80:|\[fd00:ec2::254\]|metadata\.google\.internal\.?$)/i

/** Values files by URL, with the schemes of `helm.valuesFileSchemes`. Nothing is logged in to. */
export function remoteFiles(schemes: readonly string[]): RemoteFiles {
  return {
    schemes: new Set(schemes),
    async fetch(url, signal) {
      const host = URL.parse(url)?.hostname ?? ''
      if (METADATA_HOSTS.test(host)) throw new CapstanError('forbidden', `${url}: values files are not read from there`)
      const fetched = await download({
        url,
        access: {},
        owner: url,
        maxBytes: MAX_REMOTE_BYTES,
        timeoutMs: REMOTE_TIMEOUT_MS,
        ...(signal === undefined ? {} : { signal }),
      })
      return fetched.isUnchanged ? new Uint8Array() : fetched.bytes
    },
  }
}
