// From registered repositories to what Git needs to get in.
import type { GitAccess } from '../source/git/access.ts'
import { repositoryFor } from '../settings/repositories.ts'
import type { ControlPlaneState } from './control-plane-state.ts'

/** Credentials and trust for a repository on behalf of a project. */
export function gitAccessFor(state: ControlPlaneState, repoURL: string, project: string): GitAccess {
  const repository = repositoryFor(repoURL, project, state.registered())
  const { username, password, bearerToken, sshPrivateKey, tlsClientCertData, tlsClientCertKey, proxy, noProxy } =
    repository
  return withoutAbsent({
    username,
    password,
    bearerToken,
    sshPrivateKey,
    tlsClientCertificate: tlsClientCertData,
    tlsClientKey: tlsClientCertKey,
    proxy,
    noProxy,
    insecure: repository.insecure === true || repository.insecureIgnoreHostKey === true,
    knownHosts: state.knownHosts(),
    caCertificates: state.tlsCertificates().get(hostOf(repoURL)),
  })
}

type Loose<T> = { readonly [Name in keyof T]: T[Name] | undefined }

function withoutAbsent(access: Loose<GitAccess>): GitAccess {
  return Object.fromEntries(Object.entries(access).filter(([, value]) => value !== undefined))
}

function hostOf(repoURL: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(?<host>[^/:]+)/i.exec(repoURL)?.groups?.['host'] ?? ''
}
