// Who one is to a repository's Git server: what its Secret says, or a token asked for with that.
import { sha256Hex } from '../../base/digest.ts'
import type { Secret } from '../../base/secret.ts'
import type { RepositoryCredentials } from '../../settings/repositories.ts'
import { AZURE_DEVOPS_SCOPE, requestPrincipalToken, requestWorkloadToken, type ServicePrincipal } from './azure.ts'
import { armScope, requestRegistryToken, type AzureRegistry } from './azure-registry.ts'
import { GITHUB_TOKEN_USER, GithubAppTokens, type GithubApp } from './github-app.ts'
import { googleUser, requestGoogleToken } from './google.ts'
import { TokenCache, type AccessToken } from './token-cache.ts'
import type { TokenContext, TrustFor } from './token-endpoint.ts'

export type GitLogin =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly kind: 'bearer'; readonly token: Secret }
  | { readonly kind: 'ssh'; readonly sshPrivateKey: Secret }

/** Finds the login of a repository; tokens are shared by all repositories of a credential. */
export class RepositoryLogins {
  readonly #context: TokenContext
  readonly #tokens: TokenCache
  readonly #github: GithubAppTokens

  constructor(context: TokenContext) {
    this.#context = context
    this.#tokens = new TokenCache(context.clock)
    this.#github = new GithubAppTokens(context)
  }

  /** In the order in which upstream takes the kinds (argo-cd v3.5.1 `Repository.GetGitCreds`). Throws what a token endpoint said. */
  async loginFor(repoURL: string, credentials: RepositoryCredentials, trustFor: TrustFor): Promise<GitLogin> {
    const { username = '', password, bearerToken, sshPrivateKey, gcpServiceAccountKey } = credentials
    if (password !== undefined && (bearerToken === undefined || credentials.forceHttpBasicAuth === true)) {
      return { kind: 'basic', username: username || userOf(credentials), password }
    }
    if (bearerToken !== undefined) return { kind: 'bearer', token: bearerToken }
    if (sshPrivateKey !== undefined) return { kind: 'ssh', sshPrivateKey }
    const app = githubAppOf(credentials)
    if (app !== undefined) {
      return { kind: 'basic', username: GITHUB_TOKEN_USER, password: await this.githubToken(app, repoURL, trustFor) }
    }
    if (gcpServiceAccountKey !== undefined) return this.#googleLogin(gcpServiceAccountKey, trustFor)
    if (credentials.useAzureWorkloadIdentity === true) {
      return { kind: 'bearer', token: await this.workloadToken(AZURE_DEVOPS_SCOPE, trustFor) }
    }
    const principal = principalOf(credentials)
    if (principal === undefined) return { kind: 'none' }
    return { kind: 'bearer', token: await this.#principalToken(principal, trustFor) }
  }

  /** A token of an installation, for Git or for GitHub's API. */
  async githubToken(app: GithubApp, repoURL: string, trustFor: TrustFor): Promise<Secret> {
    const place = app.installationId ? String(app.installationId) : repoURL
    const key = ['github', app.id, app.baseUrl ?? '', place, app.privateKey.reveal()]
    return this.#token(key, () => this.#github.request(app, repoURL, trustFor))
  }

  /** A token of this process' workload identity for a resource of Azure. */
  async workloadToken(scope: string, trustFor: TrustFor): Promise<Secret> {
    return this.#token(['azure', scope], () => requestWorkloadToken(scope, trustFor, this.#context))
  }

  /** The password for a registry of Azure's, which goes with `AZURE_REGISTRY_USER`. */
  async registryToken(registry: AzureRegistry, trustFor: TrustFor): Promise<Secret> {
    const ask = async (): Promise<AccessToken> => {
      const arm = await this.workloadToken(armScope(this.#context), trustFor)
      return requestRegistryToken(registry, arm, { ...this.#context, trustFor })
    }
    return this.#token(['azure registry', registry.host], ask)
  }

  async #googleLogin(account: Secret, trustFor: TrustFor): Promise<GitLogin> {
    const username = googleUser(account)
    const ask = (): Promise<AccessToken> => requestGoogleToken(account, trustFor, this.#context)
    return { kind: 'basic', username, password: await this.#token(['google', account.reveal()], ask) }
  }

  #principalToken(principal: ServicePrincipal, trustFor: TrustFor): Promise<Secret> {
    const { tenantId, clientId, clientSecret, activeDirectoryEndpoint = '' } = principal
    const key = ['principal', tenantId, clientId, activeDirectoryEndpoint, clientSecret.reveal()]
    return this.#token(key, () => requestPrincipalToken(principal, trustFor, this.#context))
  }

  async #token(key: readonly (string | number)[], ask: () => Promise<AccessToken>): Promise<Secret> {
    return (await this.#tokens.get(sha256Hex(JSON.stringify(key)), ask)).token
  }
}

/** Upstream's prompt for a login answers so; a header that is forced has the name as it is. */
function userOf({ forceHttpBasicAuth }: RepositoryCredentials): string {
  return forceHttpBasicAuth === true ? '' : GITHUB_TOKEN_USER
}

function githubAppOf(credentials: RepositoryCredentials): GithubApp | undefined {
  const { githubAppID: id = 0, githubAppInstallationID: installationId, githubAppPrivateKey: privateKey } = credentials
  if (id === 0 || privateKey === undefined) return undefined
  const { githubAppEnterpriseBaseUrl: baseUrl } = credentials
  return {
    id,
    privateKey,
    ...(installationId === undefined ? {} : { installationId }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  }
}

function principalOf(credentials: RepositoryCredentials): ServicePrincipal | undefined {
  const {
    azureServicePrincipalClientId: clientId,
    azureServicePrincipalClientSecret: clientSecret,
    azureServicePrincipalTenantId: tenantId,
    azureActiveDirectoryEndpoint: activeDirectoryEndpoint,
  } = credentials
  if (clientId === undefined || clientSecret === undefined || tenantId === undefined) return undefined
  return {
    clientId,
    clientSecret,
    tenantId,
    ...(activeDirectoryEndpoint === undefined ? {} : { activeDirectoryEndpoint }),
  }
}
