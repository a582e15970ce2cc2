// From registered repositories to what Git needs to get in.
import { repositoryFor, type Repository } from '../settings/repositories.ts'
import type { GitAccess } from '../source/git/access.ts'
import type { ServerTrust } from '../source/http-agents.ts'
import type { GitLogin, RepositoryLogins } from '../source/tokens/repository-login.ts'
import type { ControlPlaneState } from './control-plane-state.ts'
import { withoutAbsent } from './without-absent.ts'

/** Where access is looked up. */
export interface GitAccessSources {
  readonly state: Pick<ControlPlaneState, 'registered' | 'writable' | 'knownHosts' | 'tlsCertificates'>
  readonly logins: RepositoryLogins
}

/** Credentials and trust for a repository on behalf of a project. Throws what a token endpoint said. */
export function gitAccessFor(sources: GitAccessSources, repoURL: string, project: string): Promise<GitAccess> {
  return accessOf(sources, repoURL, repositoryFor(repoURL, project, sources.state.registered()))
}

/** The same for writing hydrated manifests: the credentials labelled `repository-write` and `repo-write-creds` alone. */
export function gitWriteAccessFor(sources: GitAccessSources, repoURL: string, project: string): Promise<GitAccess> {
  return accessOf(sources, repoURL, repositoryFor(repoURL, project, sources.state.writable()))
}

/** What a repository's own fields give access to: `argocd repo add` asks with it before anything is registered. */
export async function accessOf(
  { state, logins }: GitAccessSources,
  repoURL: string,
  repository: Repository,
): Promise<GitAccess> {
  const trustFor = (address: string): ServerTrust =>
    withoutAbsent<ServerTrust>({
      tlsClientCertificate: repository.tlsClientCertData,
      tlsClientKey: repository.tlsClientCertKey,
      proxy: repository.proxy,
      noProxy: repository.noProxy,
      insecure: isInsecure(repository),
      caCertificates: state.tlsCertificates().get(hostOf(address)),
    })
  const login = await logins.loginFor(repoURL, repository, trustFor)
  return withoutAbsent<GitAccess>({
    ...trustFor(repoURL),
    ...fieldsOf(login),
    sshPrivateKey: repository.sshPrivateKey,
    knownHosts: state.knownHosts(),
    lfs: repository.enableLfs,
  })
}

function isInsecure({ insecure, insecureIgnoreHostKey }: Repository): boolean {
  return insecure === true || insecureIgnoreHostKey === true
}

function fieldsOf(login: GitLogin): Pick<GitAccess, 'username' | 'password' | 'bearerToken'> {
  switch (login.kind) {
    case 'basic':
      return { username: login.username, password: login.password }
    case 'bearer':
      return { bearerToken: login.token }
    default:
      return {}
  }
}

function hostOf(repoURL: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(?<host>[^/:]+)/i.exec(repoURL)?.groups?.['host'] ?? ''
}
