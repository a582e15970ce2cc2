// Azure DevOps: repositories of a team project, and pull requests of a repository.
import { CapstanError } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import type { GeneratorContext } from '../contract.ts'
import { attempt, failed } from '../failure.ts'
import { fieldAt, integerAt, listAt, namesAt, part, textAt } from './answer-fields.ts'
import { secretAt } from './credentials.ts'
import { type ForgeRepository, hasLabels, type PullRequestForge, RepositoryNotFound, type ScmForge } from './forge.ts'
import { ForgeApi, ForgeError, garbage, type Paging, type Query } from './forge-api.ts'
import { basicLogin } from './logins.ts'

type ScmSpec = Message<'SCMProviderGeneratorAzureDevOps'>
type PullRequestSpec = Message<'PullRequestGeneratorAzureDevOps'>

const PUBLIC_API = 'https://dev.azure.com'
const VERSION = { 'api-version': '7.1' }
/** Pull requests a page; more are not given. */
const PULL_REQUESTS = 1_000
const BRANCH_PREFIX = 'refs/heads/'

const ALL: Paging = {
  entries: (json) => (Array.isArray(Object(json).value) ? listAt(json, 'value') : undefined),
  next: () => undefined,
}
const PULL_REQUEST_PAGES: Paging = {
  entries: ALL.entries,
  next: ({ page, count }) => (count < PULL_REQUESTS ? undefined : { $skip: page * PULL_REQUESTS }),
}

export async function azureDevOpsForge(spec: ScmSpec, context: GeneratorContext): Promise<ScmForge> {
  const { organization, teamProject, accessTokenRef, allBranches = false, api: named = '' } = spec
  const token = await attempt('error fetching Azure Devops access token', () => secretAt(accessTokenRef, context))
  if (token === undefined || token.reveal().trim() === '') {
    throw new CapstanError('bad-input', 'error initializing Azure Devops service: no access token provided')
  }
  const api = new ForgeApi(context, { baseUrl: baseOf(named, organization), headers: basicLogin('', token) })
  const place = `${part(teamProject)}/_apis/git/repositories`
  return {
    async listRepositories() {
      const found = await api.list(place, VERSION, ALL)
      return found.map((one) => repositoryOf(one, organization)).filter(isComplete)
    },
    branchesOf: (repository) => branchesOf(api, `${place}/${part(repository.repository)}`, { repository, allBranches }),
    async hasPath({ repositoryId, branch }, path) {
      const query = { ...VERSION, path, 'versionDescriptor.version': shortBranch(branch) }
      const item = `${place}/${part(String(repositoryId))}/items`
      return (await findKnown(api, item, { query, missing: 'GitItemNotFoundException' })) !== undefined
    },
  }
}

function repositoryOf(json: unknown, organization: string): ForgeRepository {
  return {
    organization,
    repository: textAt(json, 'name'),
    url: textAt(json, 'remoteUrl'),
    branch: textAt(json, 'defaultBranch'),
    sha: '',
    labels: [],
    repositoryId: textAt(json, 'id'),
  }
}

/** One that is empty has no default branch. */
function isComplete({ repository, url, branch, repositoryId }: ForgeRepository): boolean {
  return [repository, url, branch, repositoryId].every((text) => text !== '')
}

async function branchesOf(
  api: ForgeApi,
  place: string,
  { repository, allBranches }: { readonly repository: ForgeRepository; readonly allBranches: boolean },
): Promise<readonly ForgeRepository[]> {
  const name = shortBranch(repository.branch)
  const query = allBranches ? VERSION : { ...VERSION, name }
  const doing = allBranches
    ? `failed getting branches from repository ${repository.repository}`
    : `could not get default branch ${name} (${repository.branch}) from repository ${repository.repository}`
  return attempt(doing, async () => {
    const answer = await findKnown(api, `${place}/stats/branches`, { query, missing: 'GitRepositoryNotFoundException' })
    if (answer === undefined) return []
    const found = allBranches ? listAt(answer.json, 'value') : [answer.json]
    return found.map((one) => {
      const sha = textAt(one, 'commit', 'commitId')
      const branch = textAt(one, 'name')
      if (sha === '' || branch === '') throw garbage(answer, 'names no branch and commit')
      return { ...repository, branch, sha }
    })
  })
}

/** Undefined where the answer is the error that says just this. */
async function findKnown(
  api: ForgeApi,
  path: string,
  { query, missing }: { readonly query: Query; readonly missing: string },
): ReturnType<ForgeApi['find']> {
  try {
    return await api.get(path, query)
  } catch (error) {
    if (error instanceof ForgeError && error.kind === missing) return undefined
    throw error
  }
}

export async function azureDevOpsPullRequests(
  spec: PullRequestSpec,
  context: GeneratorContext,
): Promise<PullRequestForge> {
  const { organization, project, repo, tokenRef, labels: wanted, api: named = '' } = spec
  const token = await attempt('error fetching Secret token', () => secretAt(tokenRef, context))
  const headers = token === undefined ? {} : basicLogin('', token)
  const api = new ForgeApi(context, { baseUrl: baseOf(named, organization), headers })
  return async () => {
    const query = { ...VERSION, $top: PULL_REQUESTS }
    const found = await api
      .list(`${part(project)}/_apis/git/pullrequests`, query, PULL_REQUEST_PAGES)
      .catch((error: unknown) => {
        // Azure DevOps has no one status for it.
        const isUnknown = error instanceof ForgeError && error.message.includes('The following project does not exist')
        throw isUnknown ? new RepositoryNotFound(error) : failed('failed to get pull requests by project', error)
      })
    return found
      .filter((one) => textAt(one, 'repository', 'name') === repo && isWhole(one))
      .map((one) => ({
        number: integerAt(one, 'pullRequestId'),
        title: textAt(one, 'title'),
        branch: textAt(one, 'sourceRefName').replace(BRANCH_PREFIX, ''),
        targetBranch: textAt(one, 'targetRefName').replace(BRANCH_PREFIX, ''),
        headSha: textAt(one, 'lastMergeSourceCommit', 'commitId'),
        labels: namesAt(one, 'labels'),
        author: textAt(one, 'createdBy', 'uniqueName').split('@', 1)[0] ?? '',
      }))
      .filter(({ labels }) => hasLabels(wanted, labels))
  }
}

function isWhole(json: unknown): boolean {
  const texts = [textAt(json, 'sourceRefName'), textAt(json, 'targetRefName')]
  const commit = textAt(json, 'lastMergeSourceCommit', 'commitId')
  return fieldAt(json, 'pullRequestId') !== undefined && ![...texts, commit].includes('')
}

function baseOf(api: string, organization: string): string {
  return `${(api === '' ? PUBLIC_API : api).replace(/\/+$/, '')}/${part(organization)}`
}

function shortBranch(branch: string): string {
  return branch.replace(BRANCH_PREFIX, '')
}
