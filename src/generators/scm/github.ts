// GitHub and GitHub Enterprise: repositories of an organization, and pull requests of a repository.
import type { Message } from '../../crds/message-type.ts'
import type { GithubApp } from '../../source/tokens/github-app.ts'
import type { Secret } from '../../base/secret.ts'
import type { GeneratorContext } from '../contract.ts'
import { attempt } from '../failure.ts'
import { fieldAt, integerAt, part, parts, textAt, textsAt } from './answer-fields.ts'
import { githubAppAt, secretAt } from './credentials.ts'
import { cloneUrl, type ForgeRepository, type PullRequestForge, type ScmForge } from './forge.ts'
import { ForgeApi, garbage, LINKED_PAGES, PAGE_SIZE } from './forge-api.ts'
import { placeOf, pullRequestsOf } from './github-shape.ts'

/** A token of an app's installation for an organization or user; `main/` passes it in. */
export type GithubTokens = (app: GithubApp, owner: string) => Promise<Secret>

type ScmSpec = Message<'SCMProviderGeneratorGithub'>
type PullRequestSpec = Message<'PullRequestGeneratorGithub'>

const PUBLIC_API = 'https://api.github.com'

export async function githubForge(
  spec: ScmSpec,
  context: GeneratorContext,
  { cloneProtocol, tokens }: { readonly cloneProtocol: string | undefined; readonly tokens: GithubTokens },
): Promise<ScmForge> {
  const { organization, allBranches = false, excludeArchivedRepos = false } = spec
  const api = await openApi({ ...spec, owner: organization }, context, tokens)
  return {
    async listRepositories() {
      const found = await attempt(`error listing repositories for ${organization}`, () =>
        api.list(`orgs/${part(organization)}/repos`, { per_page: PAGE_SIZE }, LINKED_PAGES),
      )
      return found
        .filter((one) => !excludeArchivedRepos || fieldAt(one, 'archived') !== true)
        .map((one) => repositoryOf(one, cloneProtocol))
    },
    branchesOf: (repository) =>
      attempt(`error listing branches for ${repository.organization}/${repository.repository}`, () =>
        branchesOf(api, repository, allBranches),
      ),
    async hasPath(repository, path) {
      const answer = await api.find(`${placeOf(repository)}/contents/${parts(path)}`, { ref: repository.branch })
      return answer !== undefined
    },
  }
}

function repositoryOf(json: unknown, cloneProtocol: string | undefined): ForgeRepository {
  return {
    organization: textAt(json, 'owner', 'login'),
    repository: textAt(json, 'name'),
    url: cloneUrl(cloneProtocol, 'GitHub', { ssh: textAt(json, 'ssh_url'), https: textAt(json, 'clone_url') }),
    branch: textAt(json, 'default_branch'),
    sha: '',
    labels: textsAt(json, 'topics'),
    repositoryId: integerAt(json, 'id'),
  }
}

async function branchesOf(
  api: ForgeApi,
  repository: ForgeRepository,
  allBranches: boolean,
): Promise<readonly ForgeRepository[]> {
  const path = `${placeOf(repository)}/branches`
  if (allBranches) {
    const found = await api.list(path, { per_page: PAGE_SIZE }, LINKED_PAGES)
    return found.map((one) => ({ ...repository, branch: textAt(one, 'name'), sha: textAt(one, 'commit', 'sha') }))
  }
  // A default branch that is not there: the repository is empty.
  const answer = await api.find(`${path}/${part(repository.branch)}`)
  if (answer === undefined) return []
  const sha = textAt(answer.json, 'commit', 'sha')
  if (sha === '') throw garbage(answer, 'names no commit')
  return [{ ...repository, branch: textAt(answer.json, 'name'), sha }]
}

export async function githubPullRequests(
  spec: PullRequestSpec,
  context: GeneratorContext,
  tokens: GithubTokens,
): Promise<PullRequestForge> {
  const api = await openApi(spec, context, tokens)
  return () => pullRequestsOf(api, spec, { per_page: PAGE_SIZE })
}

interface Access {
  readonly owner: string
  readonly api?: string
  readonly tokenRef?: Message<'SecretRef'>
  readonly appSecretName?: string
}

/** An app where one is named, else a token, else as anybody. */
async function openApi(
  { owner, api = '', tokenRef, appSecretName = '' }: Access,
  context: GeneratorContext,
  tokens: GithubTokens,
): Promise<ForgeApi> {
  const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }
  if (appSecretName === '') {
    const token = await attempt('error fetching Github token', () => secretAt(tokenRef, context))
    const login = token === undefined ? {} : { authorization: `Bearer ${token.reveal().trim()}` }
    return new ForgeApi(context, { baseUrl: apiOf(api), headers: { ...headers, ...login } })
  }
  const app = await attempt('error fetching Github app secret', () => githubAppAt(appSecretName, context))
  const baseUrl = api === '' ? (app.baseUrl ?? '') : api
  const token = await tokens(baseUrl === '' ? app : { ...app, baseUrl }, owner)
  return new ForgeApi(context, {
    baseUrl: apiOf(baseUrl),
    headers: { ...headers, authorization: `Bearer ${token.reveal()}` },
  })
}

/** Enterprise answers below /api/v3, whether or not the address says so (go-github `WithEnterpriseURLs`). */
function apiOf(api: string): string {
  if (api === '') return PUBLIC_API
  const base = api.replace(/\/+$/, '')
  const host = URL.parse(base)?.hostname ?? ''
  const isComplete = base.endsWith('/api/v3') || host.startsWith('api.') || host.includes('.api.')
  return isComplete ? base : `${base}/api/v3`
}
