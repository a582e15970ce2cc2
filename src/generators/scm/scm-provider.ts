// The SCM provider generator: a parameter set for each repository of an organization, or for each of its branches.
import { CapstanError } from '../../base/errors.ts'
import type { GoValue } from '../../lang/go/values.ts'
import { DEFAULT_SCM_REQUEUE_MS, type Generator, type GeneratorContext, type Parameters } from '../contract.ts'
import { attempt, failed } from '../failure.ts'
import { sanitizeName } from '../names.ts'
import { appendValues } from '../parameters.ts'
import { type GeneratorSpec, requeueFrom } from '../transform.ts'
import { requireAllowedProvider } from './allowed-providers.ts'
import type { AwsOptions } from './aws-calls.ts'
import { codeCommitForge } from './aws-code-commit.ts'
import { azureDevOpsForge } from './azure-devops.ts'
import { bitbucketForge } from './bitbucket.ts'
import { bitbucketServerForge } from './bitbucket-server.ts'
import type { ForgeRepository, ScmForge } from './forge.ts'
import { giteaForge } from './gitea.ts'
import { githubForge, type GithubTokens } from './github.ts'
import { gitlabForge } from './gitlab.ts'
import { selectRepositories } from './repository-filters.ts'

type ScmSpec = GeneratorSpec<'scmProvider'>

export interface ForgeOptions {
  readonly githubTokens: GithubTokens
  readonly aws: AwsOptions
}

/** Parameters by upstream's names (argo-cd v3.5.1 `generators/scm_provider.go`). */
export function scmProviderGenerator(options: ForgeOptions): Generator<ScmSpec> {
  return {
    async generate(spec, context) {
      requireAllowedProvider(customApiOf(spec), context)
      const forge = await openForge(spec, context, options)
      const repositories = await attempt('error listing repos', () => selectRepositories(forge, spec.filters ?? []))
      return repositories.map((one) => parametersOf(one, spec, context))
    },
    requeueAfterMs: ({ requeueAfterSeconds }) => requeueFrom(requeueAfterSeconds, DEFAULT_SCM_REQUEUE_MS),
  }
}

function customApiOf({ github, gitlab, gitea, bitbucketServer, azureDevOps }: ScmSpec): string {
  return (github ?? gitlab ?? gitea ?? bitbucketServer ?? azureDevOps)?.api ?? ''
}

/** The first that is named, in upstream's order. */
async function openForge(spec: ScmSpec, context: GeneratorContext, options: ForgeOptions): Promise<ScmForge> {
  const { cloneProtocol } = spec
  const { githubTokens, aws } = options
  if (spec.github !== undefined) return githubForge(spec.github, context, { cloneProtocol, tokens: githubTokens })
  if (spec.gitlab !== undefined) return gitlabForge(spec.gitlab, context, cloneProtocol)
  if (spec.gitea !== undefined) return giteaForge(spec.gitea, context, cloneProtocol)
  if (spec.bitbucketServer !== undefined) return bitbucketServerForge(spec.bitbucketServer, context, cloneProtocol)
  if (spec.azureDevOps !== undefined) return azureDevOpsForge(spec.azureDevOps, context)
  if (spec.bitbucket !== undefined) {
    const apiBaseUrl = aws.env['BITBUCKET_API_BASE_URL']
    return bitbucketForge(spec.bitbucket, context, { cloneProtocol, apiBaseUrl })
  }
  if (spec.awsCodeCommit !== undefined) return codeCommitForge(spec.awsCodeCommit, context, { cloneProtocol, aws })
  throw new CapstanError('bad-input', 'no SCM provider implementation configured')
}

function parametersOf(one: ForgeRepository, { values }: ScmSpec, { renderer }: GeneratorContext): Parameters {
  const { isGoTemplate } = renderer
  const parameters: Parameters = new Map<GoValue, GoValue>([
    ['organization', one.organization],
    ['repository', one.repository],
    ['repository_id', isGoTemplate ? one.repositoryId : String(one.repositoryId)],
    ['url', one.url],
    ['branch', one.branch],
    ['sha', one.sha],
    ['short_sha', one.sha.slice(0, 8)],
    ['short_sha_7', one.sha.slice(0, 7)],
    ['labels', one.labels.join(',')],
    ['branchNormalized', sanitizeName(one.branch)],
  ])
  try {
    appendValues(parameters, values, renderer)
  } catch (error) {
    throw failed('failed to append templated values', error)
  }
  return parameters
}
