// What people see of a repository.
import type { Message } from '../../../crds/message-type.ts'
import type { Repository } from '../../../settings/repositories.ts'

/** Fields of a repository that are no secret (`Sanitized` of repository_types.go). */
const SHOWN = [
  'type',
  'name',
  // Upstream left it out of late; `argocd repo list` tells by it whether there are credentials (004-48).
  'username',
  'enableLfs',
  'enableOCI',
  'proxy',
  'noProxy',
  'forceHttpBasicAuth',
  'inheritedCreds',
  'githubAppID',
  'githubAppInstallationID',
  'githubAppEnterpriseBaseUrl',
  'useAzureWorkloadIdentity',
  'azureActiveDirectoryEndpoint',
  'azureServicePrincipalClientId',
  'azureServicePrincipalTenantId',
  'depth',
] as const satisfies readonly (keyof Repository)[]

/** Upstream's message without anything secret. */
export function describeFields(repository: Repository): Message<'Repository'> {
  const { url, project, insecure, insecureIgnoreHostKey } = repository
  const present = SHOWN.filter((name) => repository[name] !== undefined)
  return {
    repo: url,
    ...Object.fromEntries(present.map((name) => [name, repository[name]])),
    ...(project === '' ? {} : { project }),
    ...(insecure === true || insecureIgnoreHostKey === true ? { insecure: true } : {}),
  }
}
