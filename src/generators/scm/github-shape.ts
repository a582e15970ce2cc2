// What GitHub's API and those made after it (Gitea, Forgejo) have in common: paths of repositories, and pull requests.
import { integerAt, namesAt, part, textAt } from './answer-fields.ts'
import { type ForgeRepository, hasLabels, type PullRequest, RepositoryNotFound } from './forge.ts'
import { type ForgeApi, ForgeError, LINKED_PAGES } from './forge-api.ts'

export function placeOf({ organization, repository }: Pick<ForgeRepository, 'organization' | 'repository'>): string {
  return `repos/${part(organization)}/${part(repository)}`
}

/** Those of a repository that have all the labels. Throws `RepositoryNotFound` where there is no such repository. */
export async function pullRequestsOf(
  api: ForgeApi,
  {
    owner,
    repo,
    labels: wanted,
  }: { readonly owner: string; readonly repo: string; readonly labels?: readonly string[] },
  query: Parameters<ForgeApi['list']>[1],
): Promise<readonly PullRequest[]> {
  const path = `${placeOf({ organization: owner, repository: repo })}/pulls`
  const found = await api.list(path, query, LINKED_PAGES).catch((error: unknown) => {
    throw error instanceof ForgeError && error.status === 404 ? new RepositoryNotFound(error) : error
  })
  return found
    .map((one) => ({
      number: integerAt(one, 'number'),
      title: textAt(one, 'title'),
      branch: textAt(one, 'head', 'ref'),
      targetBranch: textAt(one, 'base', 'ref'),
      headSha: textAt(one, 'head', 'sha'),
      labels: namesAt(one, 'labels'),
      author: textAt(one, 'user', 'login'),
    }))
    .filter(({ labels }) => hasLabels(wanted, labels))
}
