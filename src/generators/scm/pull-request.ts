// The pull request generator: a parameter set for each open pull request of a repository.
import { CapstanError } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import { type GoRegexp, matchesRegexp } from '../../lang/go/regexp/regexp.ts'
import { type GoValue, strings } from '../../lang/go/values.ts'
import { DEFAULT_SCM_REQUEUE_MS, type Generator, type GeneratorContext, type Parameters } from '../contract.ts'
import { attempt, failed } from '../failure.ts'
import { requireFewParameters } from '../limits.ts'
import { branchSlug } from '../names.ts'
import { appendValues } from '../parameters.ts'
import { type GeneratorSpec, requeueFrom } from '../transform.ts'
import { requireAllowedProvider } from './allowed-providers.ts'
import { azureDevOpsPullRequests } from './azure-devops.ts'
import { bitbucketPullRequests } from './bitbucket.ts'
import { bitbucketServerPullRequests } from './bitbucket-server.ts'
import { type PullRequest, type PullRequestForge, RepositoryNotFound } from './forge.ts'
import { giteaPullRequests } from './gitea.ts'
import { githubPullRequests } from './github.ts'
import { gitlabPullRequests } from './gitlab.ts'
import { compile } from './repository-filters.ts'
import type { ForgeOptions } from './scm-provider.ts'

type PullRequestSpec = GeneratorSpec<'pullRequest'>

/** Parameters by upstream's names (argo-cd v3.5.1 `generators/pull_request.go`). */
export function pullRequestGenerator(options: ForgeOptions): Generator<PullRequestSpec> {
  return {
    async generate(spec, context) {
      const list = await attempt('failed to select pull request service provider', () =>
        openForge(spec, context, options),
      )
      const pullRequests = await listWanted(spec, list)
      requireFewParameters(pullRequests.length, 'pullRequest')
      return pullRequests.map((one) => parametersOf(one, spec, context))
    },
    requeueAfterMs: ({ requeueAfterSeconds }) => requeueFrom(requeueAfterSeconds, DEFAULT_SCM_REQUEUE_MS),
  }
}

/** The first that is named, in upstream's order. */
async function openForge(
  spec: PullRequestSpec,
  context: GeneratorContext,
  { githubTokens, aws }: ForgeOptions,
): Promise<PullRequestForge> {
  const { github, gitlab, gitea, bitbucketServer, bitbucket, azuredevops } = spec
  requireAllowedProvider(customApiOf(spec), context)
  if (github !== undefined) return githubPullRequests(github, context, githubTokens)
  if (gitlab !== undefined) return gitlabPullRequests(gitlab, context)
  if (gitea !== undefined) return giteaPullRequests(gitea, context)
  if (bitbucketServer !== undefined) return bitbucketServerPullRequests(bitbucketServer, context)
  if (bitbucket !== undefined) return bitbucketPullRequests(bitbucket, context, aws.env['BITBUCKET_API_BASE_URL'])
  if (azuredevops !== undefined) return azureDevOpsPullRequests(azuredevops, context)
  throw new CapstanError('bad-input', 'no Pull Request provider implementation configured')
}

function customApiOf(spec: PullRequestSpec): string {
  const { github, gitlab, gitea, bitbucketServer, bitbucket, azuredevops } = spec
  return (github ?? gitlab ?? gitea ?? bitbucketServer ?? bitbucket ?? azuredevops)?.api ?? ''
}

/** Those that fit any filter; all without filters. A repository that is gone has none, where the spec goes on without it. */
async function listWanted(
  { filters = [], continueOnRepoNotFoundError }: PullRequestSpec,
  list: PullRequestForge,
): Promise<readonly PullRequest[]> {
  const compiled = filters.map(compileFilter)
  let found: readonly PullRequest[]
  try {
    found = await list()
  } catch (error) {
    if (error instanceof RepositoryNotFound && continueOnRepoNotFoundError === true) return []
    throw failed('error listing repos', error)
  }
  return compiled.length === 0 ? found : found.filter((one) => compiled.some((filter) => fits(one, filter)))
}

interface Filter {
  readonly branch: GoRegexp | undefined
  readonly targetBranch: GoRegexp | undefined
  readonly title: GoRegexp | undefined
}

function compileFilter(spec: Message<'PullRequestGeneratorFilter'>): Filter {
  return {
    branch: compile('BranchMatch', spec.branchMatch),
    targetBranch: compile('TargetBranchMatch', spec.targetBranchMatch),
    title: compile('TitleMatch', spec.titleMatch),
  }
}

function fits(one: PullRequest, filter: Filter): boolean {
  const isFit = (regexp: GoRegexp | undefined, text: string): boolean =>
    regexp === undefined || matchesRegexp(regexp, text)
  return isFit(filter.branch, one.branch) && isFit(filter.targetBranch, one.targetBranch) && isFit(filter.title, one.title) // prettier-ignore
}

function parametersOf(one: PullRequest, { values }: PullRequestSpec, { renderer }: GeneratorContext): Parameters {
  const parameters: Parameters = new Map<GoValue, GoValue>([
    ['number', one.number.toString()],
    ['title', one.title],
    ['branch', one.branch],
    ['branch_slug', branchSlug(one.branch)],
    ['target_branch', one.targetBranch],
    ['target_branch_slug', branchSlug(one.targetBranch)],
    ['head_sha', one.headSha],
    ['head_short_sha', one.headSha.slice(0, 8)],
    ['head_short_sha_7', one.headSha.slice(0, 7)],
    ['author', one.author],
  ])
  // Flat parameters hold no lists.
  if (renderer.isGoTemplate) parameters.set('labels', strings(one.labels ?? []))
  try {
    appendValues(parameters, values, renderer)
  } catch (error) {
    throw failed('failed to append templated values', error)
  }
  return parameters
}
