// Bitbucket Cloud: repositories of a workspace, and pull requests of a repository.
import type { Message } from '../../crds/message-type.ts'
import type { GeneratorContext } from '../contract.ts'
import { attempt } from '../failure.ts'
import { integerAt, listAt, part, parts, textAt } from './answer-fields.ts'
import { secretAt } from './credentials.ts'
import { cloneUrl, type ForgeRepository, type PullRequestForge, RepositoryNotFound, type ScmForge } from './forge.ts'
import { ForgeApi, ForgeError, garbage, PAGE_SIZE, type Paging } from './forge-api.ts'
import { basicLogin, loginOf } from './logins.ts'

type ScmSpec = Message<'SCMProviderGeneratorBitbucket'>
type PullRequestSpec = Message<'PullRequestGeneratorBitbucket'>

const PUBLIC_API = 'https://api.bitbucket.org/2.0'

const PAGES: Paging = {
  entries: (json) => (Array.isArray(Object(json).values) ? listAt(json, 'values') : undefined),
  next: ({ answer }) => textAt(answer.json, 'next') || undefined,
}

export interface BitbucketOptions {
  readonly cloneProtocol: string | undefined
  /** BITBUCKET_API_BASE_URL of the process, where upstream's client looks, too. */
  readonly apiBaseUrl: string | undefined
}

export async function bitbucketForge(
  spec: ScmSpec,
  context: GeneratorContext,
  { cloneProtocol, apiBaseUrl }: BitbucketOptions,
): Promise<ScmForge> {
  const { owner, user, appPasswordRef, allBranches = false } = spec
  const password = await attempt('error fetching Bitbucket cloud appPassword', () => secretAt(appPasswordRef, context))
  const headers = basicLogin(user, password)
  const api = new ForgeApi(context, { baseUrl: apiBaseUrl || PUBLIC_API, headers })
  return {
    async listRepositories() {
      const query = { role: 'member', pagelen: PAGE_SIZE }
      const found = await attempt(`error listing repositories for ${owner}`, () =>
        api.list(`repositories/${part(owner)}`, query, PAGES),
      )
      // Empty repositories have no main branch.
      return found
        .filter((one) => textAt(one, 'mainbranch', 'name') !== '')
        .map((one) => repositoryOf(one, owner, cloneProtocol))
    },
    branchesOf: (repository) =>
      attempt(`error listing branches for ${owner}/${repository.repository}`, () =>
        branchesOf(api, repository, allBranches),
      ),
    async hasPath(repository, path) {
      const place = `${placeOf(repository)}/src/${part(repository.sha)}/${parts(path)}`
      return (await api.find(place, { format: 'meta' })) !== undefined
    },
  }
}

function repositoryOf(json: unknown, owner: string, cloneProtocol: string | undefined): ForgeRepository {
  const links = listAt(json, 'links', 'clone').map((link) => [textAt(link, 'name'), textAt(link, 'href')] as const)
  return {
    organization: owner,
    repository: textAt(json, 'slug'),
    url: cloneUrl(cloneProtocol, 'Bitbucket cloud', Object.fromEntries(links)),
    branch: textAt(json, 'mainbranch', 'name'),
    sha: '',
    labels: [],
    repositoryId: textAt(json, 'uuid'),
  }
}

async function branchesOf(
  api: ForgeApi,
  repository: ForgeRepository,
  allBranches: boolean,
): Promise<readonly ForgeRepository[]> {
  const path = `${placeOf(repository)}/refs/branches`
  const found = allBranches
    ? await api.list(path, { pagelen: PAGE_SIZE }, PAGES)
    : [(await api.get(`${path}/${part(repository.branch)}`)).json]
  return found.map((one) => {
    const sha = textAt(one, 'target', 'hash')
    const branch = textAt(one, 'name')
    if (sha === '') throw garbage({ url: path }, `names no commit of branch ${branch}`)
    return { ...repository, branch, sha }
  })
}

function placeOf({ organization, repository }: ForgeRepository): string {
  return `repositories/${part(organization)}/${part(repository)}`
}

export async function bitbucketPullRequests(
  spec: PullRequestSpec,
  context: GeneratorContext,
  apiBaseUrl: string | undefined,
): Promise<PullRequestForge> {
  const { owner, repo, api: named = '' } = spec
  const headers = await loginOf(spec, context)
  const api = new ForgeApi(context, { baseUrl: named || apiBaseUrl || PUBLIC_API, headers })
  return async () => {
    const path = `repositories/${part(owner)}/${part(repo)}/pullrequests`
    const found = await api.list(path, { pagelen: MOST_PULL_REQUESTS }, PAGES).catch((error: unknown) => {
      throw error instanceof ForgeError && error.status === 404 ? new RepositoryNotFound(error) : error
    })
    return found.map((one) => ({
      number: integerAt(one, 'id'),
      title: textAt(one, 'title'),
      branch: textAt(one, 'source', 'branch', 'name'),
      targetBranch: textAt(one, 'destination', 'branch', 'name'),
      headSha: textAt(one, 'source', 'commit', 'hash'),
      labels: undefined,
      author: textAt(one, 'author', 'nickname'),
    }))
  }
}

/** Bitbucket gives no larger pages of pull requests. */
const MOST_PULL_REQUESTS = 50
