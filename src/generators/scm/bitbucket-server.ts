// Bitbucket Server and Data Center: repositories of a project, and pull requests of a repository.
import type { Message } from '../../crds/message-type.ts'
import type { GeneratorContext } from '../contract.ts'
import { attempt } from '../failure.ts'
import { fieldAt, integerAt, listAt, part, parts, textAt } from './answer-fields.ts'
import { certificatesAt } from './credentials.ts'
import {
  cloneUrl,
  type ForgeRepository,
  mapSome,
  type PullRequestForge,
  RepositoryNotFound,
  type ScmForge,
} from './forge.ts'
import { ForgeApi, ForgeError, PAGE_SIZE, type Paging } from './forge-api.ts'
import { loginOf } from './logins.ts'

type ScmSpec = Message<'SCMProviderGeneratorBitbucketServer'>
type PullRequestSpec = Message<'PullRequestGeneratorBitbucketServer'>

const PAGES: Paging = {
  entries: (json) => (Array.isArray(Object(json).values) ? listAt(json, 'values') : undefined),
  next({ answer: { json } }) {
    const isLast = fieldAt(json, 'isLastPage') !== false
    return isLast ? undefined : { start: integerAt(json, 'nextPageStart').toString() }
  },
}

export async function bitbucketServerForge(
  spec: ScmSpec,
  context: GeneratorContext,
  cloneProtocol: string | undefined,
): Promise<ScmForge> {
  const { project, allBranches = false } = spec
  const api = await openApi(spec, context)
  return {
    async listRepositories() {
      const found = await attempt(`error listing repositories for ${project}`, () =>
        api.list(`projects/${part(project)}/repos`, { limit: PAGE_SIZE }, PAGES),
      )
      // Lists do not tell the default branch; an empty repository has none.
      const complete = await mapSome(found, (one) => withDefaultBranch(api, repositoryOf(one, cloneProtocol)))
      return complete.filter((one) => one !== undefined)
    },
    branchesOf: (repository) =>
      attempt(`error listing branches for ${repository.organization}/${repository.repository}`, () =>
        branchesOf(api, repository, allBranches),
      ),
    async hasPath(repository, path) {
      const query = { at: repository.branch, type: true, limit: PAGE_SIZE }
      return (await api.find(`${placeOf(repository)}/browse/${parts(path)}`, query)) !== undefined
    },
  }
}

function repositoryOf(json: unknown, cloneProtocol: string | undefined): ForgeRepository {
  const hrefs = new Map(listAt(json, 'links', 'clone').map((link) => [textAt(link, 'name'), textAt(link, 'href')]))
  const urls = { ssh: hrefs.get('ssh') ?? '', https: hrefs.get('http') ?? '' }
  const repository = textAt(json, 'name')
  return {
    organization: textAt(json, 'project', 'key'),
    repository,
    slug: textAt(json, 'slug') || repository,
    url: cloneUrl(cloneProtocol, 'Bitbucket Server', urls),
    branch: '',
    sha: '',
    labels: [],
    repositoryId: integerAt(json, 'id'),
  }
}

async function withDefaultBranch(api: ForgeApi, repository: ForgeRepository): Promise<ForgeRepository | undefined> {
  const answer = await api.find(`${placeOf(repository)}/branches/default`)
  const branch = textAt(answer?.json, 'displayId')
  return branch === '' ? undefined : { ...repository, branch, sha: textAt(answer?.json, 'latestCommit') }
}

async function branchesOf(
  api: ForgeApi,
  repository: ForgeRepository,
  allBranches: boolean,
): Promise<readonly ForgeRepository[]> {
  // Known since the repositories were listed.
  if (!allBranches) return [repository]
  const found = await api.list(`${placeOf(repository)}/branches`, { limit: PAGE_SIZE }, PAGES)
  return found.map((one) => ({
    ...repository,
    branch: textAt(one, 'displayId'),
    sha: textAt(one, 'latestCommit'),
  }))
}

function placeOf({ organization, repository, slug = repository }: ForgeRepository): string {
  return `projects/${part(organization)}/repos/${part(slug)}`
}

export async function bitbucketServerPullRequests(
  spec: PullRequestSpec,
  context: GeneratorContext,
): Promise<PullRequestForge> {
  const { project, repo } = spec
  const api = await openApi(spec, context)
  return async () => {
    const path = `projects/${part(project)}/repos/${part(repo)}/pull-requests`
    const found = await api.list(path, { limit: PAGE_SIZE }, PAGES).catch((error: unknown) => {
      throw error instanceof ForgeError && error.status === 404 ? new RepositoryNotFound(error) : error
    })
    return found.map((one) => ({
      number: integerAt(one, 'id'),
      title: textAt(one, 'title'),
      branch: textAt(one, 'fromRef', 'displayId'),
      targetBranch: textAt(one, 'toRef', 'displayId'),
      headSha: textAt(one, 'fromRef', 'latestCommit'),
      labels: [],
      author: textAt(one, 'author', 'user', 'name'),
    }))
  }
}

type Access = Pick<ScmSpec, 'api' | 'basicAuth' | 'bearerToken' | 'insecure' | 'caRef'>

async function openApi(spec: Access, context: GeneratorContext): Promise<ForgeApi> {
  const certificates = await certificatesAt(spec.caRef, context)
  const login = await loginOf(spec, context)
  const base = spec.api.replace(/\/+$/, '')
  return new ForgeApi(context, {
    baseUrl: `${base.endsWith('/rest') ? base : `${base}/rest`}/api/1.0`,
    // Else a server may take it for a page that somebody was lured to.
    headers: { ...login, 'x-atlassian-token': 'no-check', 'x-requested-with': 'XMLHttpRequest' },
    isInsecure: spec.insecure === true,
    ...(certificates === undefined ? {} : { certificates }),
  })
}
