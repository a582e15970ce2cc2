// GitLab: projects of a group, and merge requests of a project.
import type { Message } from '../../crds/message-type.ts'
import { CapstanError } from '../../base/errors.ts'
import type { GeneratorContext } from '../contract.ts'
import { attempt } from '../failure.ts'
import { integerAt, part, textAt, textsAt } from './answer-fields.ts'
import { certificatesAt, secretAt } from './credentials.ts'
import { cloneUrl, type ForgeRepository, type PullRequestForge, RepositoryNotFound, type ScmForge } from './forge.ts'
import { ForgeApi, ForgeError, garbage, LINKED_PAGES, PAGE_SIZE, type Paging } from './forge-api.ts'

type ScmSpec = Message<'SCMProviderGeneratorGitlab'>
type PullRequestSpec = Message<'PullRequestGeneratorGitLab'>

/** The number of the next page stands in a header of its own; instances behind some proxies have but the link. */
const PAGES: Paging = {
  entries: LINKED_PAGES.entries,
  next(seen) {
    const page = seen.answer.headers['x-next-page']
    if (page === undefined) return LINKED_PAGES.next(seen)
    return page === '' ? undefined : { page }
  },
}

export async function gitlabForge(
  spec: ScmSpec,
  context: GeneratorContext,
  cloneProtocol: string | undefined,
): Promise<ScmForge> {
  const { group, allBranches = false } = spec
  const api = await openApi(spec, context, 'error fetching Gitlab token')
  return {
    async listRepositories() {
      const found = await attempt(`error listing projects for ${group}`, () =>
        api.list(`groups/${part(group)}/projects`, queryOf(spec), PAGES),
      )
      return found.map((one) => projectOf(one, cloneProtocol))
    },
    branchesOf: (repository) =>
      attempt(`error listing branches for ${repository.organization}/${repository.repository}`, () =>
        branchesOf(api, repository, allBranches),
      ),
    hasPath: (repository, path) => hasPath(api, repository, path),
  }
}

function queryOf(spec: ScmSpec): Record<string, string | number | boolean> {
  const { includeSubgroups = false, includeSharedProjects = true, includeArchivedRepos = false, topic = '' } = spec
  return {
    per_page: PAGE_SIZE,
    include_subgroups: includeSubgroups,
    with_shared: includeSharedProjects,
    ...(topic === '' ? {} : { topic }),
    ...(includeArchivedRepos ? { archived: true } : {}),
  }
}

function projectOf(json: unknown, cloneProtocol: string | undefined): ForgeRepository {
  const topics = textsAt(json, 'topics')
  const urls = { ssh: textAt(json, 'ssh_url_to_repo'), https: textAt(json, 'http_url_to_repo') }
  return {
    organization: textAt(json, 'namespace', 'full_path'),
    repository: textAt(json, 'path'),
    url: cloneUrl(cloneProtocol, 'Gitlab', urls),
    branch: textAt(json, 'default_branch'),
    sha: '',
    // Before 14.5 they were called tags.
    labels: topics.length === 0 ? textsAt(json, 'tag_list') : topics,
    repositoryId: integerAt(json, 'id'),
  }
}

async function branchesOf(
  api: ForgeApi,
  repository: ForgeRepository,
  allBranches: boolean,
): Promise<readonly ForgeRepository[]> {
  const path = `projects/${repository.repositoryId}/repository/branches`
  if (!allBranches) {
    const answer = await api.find(`${path}/${part(repository.branch)}`)
    return answer === undefined ? [] : [branchOf(answer.json, repository, answer.url)]
  }
  try {
    const found = await api.list(path, { per_page: PAGE_SIZE }, PAGES)
    return found.map((one) => branchOf(one, repository, path))
  } catch (error) {
    if (error instanceof ForgeError && error.status === 404) return []
    throw error
  }
}

function branchOf(json: unknown, repository: ForgeRepository, url: string): ForgeRepository {
  const sha = textAt(json, 'commit', 'id')
  if (sha === '') throw garbage({ url }, 'names no commit')
  return { ...repository, branch: textAt(json, 'name'), sha }
}

/** Files and folders are asked for at different places. */
async function hasPath(api: ForgeApi, { repositoryId, branch }: ForgeRepository, path: string): Promise<boolean> {
  const place = `projects/${repositoryId}/repository`
  try {
    if ((await api.find(`${place}/files/${part(path)}`, { ref: branch })) !== undefined) return true
  } catch (error) {
    // The answer holds the file, which is larger than answers may be: so it is there.
    if (error instanceof CapstanError && error.code === 'limit') return true
    throw error
  }
  const tree = await api.find(`${place}/tree`, { path, ref: branch, per_page: 1 })
  // Old versions answer an empty list for a folder that is not there.
  return Array.isArray(tree?.json) && tree.json.length > 0
}

export async function gitlabPullRequests(spec: PullRequestSpec, context: GeneratorContext): Promise<PullRequestForge> {
  const { project, labels = [], pullRequestState = '' } = spec
  const api = await openApi(spec, context, 'error fetching Secret token')
  return async () => {
    const query = {
      per_page: PAGE_SIZE,
      ...(labels.length === 0 ? {} : { labels: labels.join(',') }),
      ...(pullRequestState === '' ? {} : { state: pullRequestState }),
    }
    const found = await api.list(`projects/${part(project)}/merge_requests`, query, PAGES).catch((error: unknown) => {
      throw error instanceof ForgeError && error.status === 404 ? new RepositoryNotFound(error) : error
    })
    return found.map((one) => ({
      number: integerAt(one, 'iid'),
      title: textAt(one, 'title'),
      branch: textAt(one, 'source_branch'),
      targetBranch: textAt(one, 'target_branch'),
      headSha: textAt(one, 'sha'),
      labels: textsAt(one, 'labels'),
      author: textAt(one, 'author', 'username'),
    }))
  }
}

interface Access {
  readonly api?: string
  readonly tokenRef?: Message<'SecretRef'>
  readonly insecure?: boolean
  readonly caRef?: Message<'ConfigMapKeyRef'>
}

async function openApi(access: Access, context: GeneratorContext, doing: string): Promise<ForgeApi> {
  const { api = '', tokenRef, insecure = false, caRef } = access
  const certificates = await certificatesAt(caRef, context)
  const token = await attempt(doing, () => secretAt(tokenRef, context))
  const base = (api === '' ? 'https://gitlab.com' : api).replace(/\/+$/, '')
  return new ForgeApi(context, {
    baseUrl: base.endsWith('/api/v4') ? base : `${base}/api/v4`,
    headers: token === undefined ? {} : { 'private-token': token.reveal().trim() },
    isInsecure: insecure,
    ...(certificates === undefined ? {} : { certificates }),
  })
}
