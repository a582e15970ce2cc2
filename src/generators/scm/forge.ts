// What each forge gives: repositories and their branches, or pull requests.
import { CapstanError } from '../../base/errors.ts'

/** A repository, or one of its branches. */
export interface ForgeRepository {
  readonly organization: string
  readonly repository: string
  /** For cloning. */
  readonly url: string
  /** The default branch until branches have been asked for. */
  readonly branch: string
  /** Empty where the forge does not tell. */
  readonly sha: string
  readonly labels: readonly string[]
  readonly repositoryId: string | bigint
  /** How the API names it, where that is not its name. */
  readonly slug?: string
}

export interface ScmForge {
  listRepositories(): Promise<readonly ForgeRepository[]>
  /** The default branch alone, or all; none of an empty repository. */
  branchesOf(repository: ForgeRepository): Promise<readonly ForgeRepository[]>
  /** Is there a file or folder at the path, on the branch? */
  hasPath(repository: ForgeRepository, path: string): Promise<boolean>
}

export interface PullRequest {
  readonly number: bigint
  readonly title: string
  readonly branch: string
  readonly targetBranch: string
  readonly headSha: string
  /** Undefined where the forge has none. */
  readonly labels: readonly string[] | undefined
  readonly author: string
}

/** Throws `RepositoryNotFound` where the forge knows no such repository. */
export type PullRequestForge = () => Promise<readonly PullRequest[]>

/** So that `continueOnRepoNotFoundError` can tell it from other failures. */
export class RepositoryNotFound extends CapstanError {
  constructor(cause: Error) {
    super('not-found', cause.message, { cause })
    this.name = 'RepositoryNotFound'
  }
}

/** How repositories are cloned; forges name their own words for other protocols. */
export function cloneUrl(
  cloneProtocol: string | undefined,
  forge: string,
  urls: Readonly<Record<string, string>>,
): string {
  const protocol = cloneProtocol === undefined || cloneProtocol === '' ? 'ssh' : cloneProtocol
  const url = Object.hasOwn(urls, protocol) ? urls[protocol] : undefined
  if (url === undefined) throw new CapstanError('bad-input', `unknown clone protocol for ${forge} ${protocol}`)
  return url
}

/** All of the wanted labels are among those given. */
export function hasLabels(wanted: readonly string[] | undefined, given: readonly string[]): boolean {
  return (wanted ?? []).every((label) => given.includes(label))
}

/** Calls that wait for a forge at the same time. */
const AT_ONCE = 5

/** The results in the order of the items; the first failure is thrown, and nothing begun after it. */
export async function mapSome<T, R>(items: readonly T[], call: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  let next = 0
  let hasFailed = false
  const work = async (): Promise<void> => {
    while (next < items.length && !hasFailed) {
      const index = next++
      try {
        results[index] = await call(items[index] as T) // within bounds, see above
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work))
  return results
}
