// Gitea and Forgejo: repositories of an organization, and pull requests of a repository.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import type { GeneratorContext } from '../contract.ts'
import { attempt } from '../failure.ts'
import { fieldAt, integerAt, part, parts, textAt } from './answer-fields.ts'
import { secretAt } from './credentials.ts'
import { cloneUrl, type ForgeRepository, mapSome, type PullRequestForge, type ScmForge } from './forge.ts'
import { ForgeApi, ForgeError, garbage, LINKED_PAGES } from './forge-api.ts'
import { placeOf, pullRequestsOf } from './github-shape.ts'

type ScmSpec = Message<'SCMProviderGeneratorGitea'>
type PullRequestSpec = Message<'PullRequestGeneratorGitea'>

/** Servers give no more than 50 unless they are set up for it. */
const PAGE = { limit: 50 }

export async function giteaForge(
  spec: ScmSpec,
  context: GeneratorContext,
  cloneProtocol: string | undefined,
): Promise<ScmForge> {
  const { owner, allBranches = false, excludeArchivedRepos = false } = spec
  const api = await openApi(spec, context, 'error fetching Gitea token')
  return {
    async listRepositories() {
      const found = await api.list(`orgs/${part(owner)}/repos`, PAGE, LINKED_PAGES)
      const wanted = found.filter((one) => !excludeArchivedRepos || fieldAt(one, 'archived') !== true)
      return mapSome(wanted, async (one) => {
        const repository = repositoryOf(one, owner, cloneProtocol)
        const labels = await api.list(`${placeOf(repository)}/labels`, PAGE, LINKED_PAGES)
        return { ...repository, labels: labels.map((label) => textAt(label, 'name')) }
      })
    },
    branchesOf: (repository) => branchesOf(api, repository, allBranches),
    async hasPath(repository, path) {
      const answer = await api.find(`${placeOf(repository)}/contents/${parts(path)}`, { ref: repository.branch })
      return answer !== undefined
    },
  }
}

function repositoryOf(json: unknown, owner: string, cloneProtocol: string | undefined): ForgeRepository {
  return {
    organization: owner,
    repository: textAt(json, 'name'),
    // Upstream clones from the address of the page.
    url: cloneUrl(cloneProtocol, 'Gitea', { ssh: textAt(json, 'ssh_url'), https: textAt(json, 'html_url') }),
    branch: textAt(json, 'default_branch'),
    sha: '',
    labels: [],
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
    const found = await api.list(path, PAGE, LINKED_PAGES)
    return found.map((one) => ({ ...repository, branch: textAt(one, 'name'), sha: textAt(one, 'commit', 'id') }))
  }
  const { branch, repository: name } = repository
  const answer = await api.get(`${path}/${part(branch)}`).catch((error: unknown) => {
    if (!(error instanceof ForgeError) || error.status !== 404) throw error
    const text = `got 404 while getting default branch ${JSON.stringify(branch)} for repo ${JSON.stringify(name)} - check your repo config: ${messageOf(error)}`
    throw new CapstanError('not-found', text, { cause: error })
  })
  const sha = textAt(answer.json, 'commit', 'id')
  if (sha === '') throw garbage(answer, 'names no commit')
  return [{ ...repository, sha }]
}

export async function giteaPullRequests(spec: PullRequestSpec, context: GeneratorContext): Promise<PullRequestForge> {
  const api = await openApi(spec, context, 'error fetching Secret token')
  return () => pullRequestsOf(api, spec, { ...PAGE, state: 'open' })
}

interface Access {
  readonly api: string
  readonly tokenRef?: Message<'SecretRef'>
  readonly insecure?: boolean
}

async function openApi(
  { api, tokenRef, insecure = false }: Access,
  context: GeneratorContext,
  doing: string,
): Promise<ForgeApi> {
  const token = await attempt(doing, () => secretAt(tokenRef, context))
  return new ForgeApi(context, {
    baseUrl: `${api.replace(/\/+$/, '')}/api/v1`,
    headers: token === undefined ? {} : { authorization: `token ${token.reveal().trim()}` },
    isInsecure: insecure,
  })
}
