// Which ApplicationSets a webhook concerns: those whose generators read the repository or its pull requests.
import type { ApplicationSet, ApplicationSetGenerator } from '../../crds/application-set.ts'
import { apiMatcher, repositoryMatcher } from './repository-match.ts'
import { followsRef } from './revision-match.ts'
import type { PullRequestEvent, PushEvent, WebhookEvent } from './webhook-event.ts'

type Test<Generator> = (generator: Generator) => boolean
type Git = NonNullable<ApplicationSetGenerator['git']>
type PullRequest = NonNullable<ApplicationSetGenerator['pullRequest']>
/** A generator at any depth; inside others `matrix` and `merge` stand as plain JSON. */
type AnyGenerator = Omit<ApplicationSetGenerator, 'matrix' | 'merge'> & {
  readonly matrix?: unknown
  readonly merge?: unknown
}

interface Tests {
  readonly git: Test<Git>
  readonly pullRequest: Test<PullRequest>
}

/** A matrix of matrices stops here in upstream's types; deeper ones are not followed. */
const MAX_DEPTH = 3

/**
 * The test for one event (argo-cd v3.5.1 `applicationset/webhook/webhook.go`): generators of Git by URL and revision, those of
 * pull requests by owner and repository, plug-ins with every event, and matrix and merge by what is in them. What the other
 * part of a matrix fills in counts as anything: asking that part here would call the forge's API once more for each event.
 */
export function applicationSetTest(event: WebhookEvent): Test<ApplicationSet> {
  const tests = testsOf(event)
  if (tests === undefined) return () => false
  return ({ spec }) => spec.generators.some((generator) => concernsTop(generator, tests))
}

function testsOf(event: WebhookEvent): Tests | undefined {
  if (event.kind === 'artifact') return undefined
  if (event.kind === 'push') return { git: gitTest(event), pullRequest: () => false }
  return { git: () => false, pullRequest: pullRequestTest(event) }
}

function concernsTop(generator: AnyGenerator, tests: Tests): boolean {
  return generator.plugin !== undefined || concernsNested(generator, tests, 0)
}

function concernsNested(generator: AnyGenerator, tests: Tests, depth: number): boolean {
  const { git, pullRequest } = generator
  if (git !== undefined && tests.git(git)) return true
  if (pullRequest !== undefined && tests.pullRequest(pullRequest)) return true
  if (depth === MAX_DEPTH) return false
  return concernsMatrix(childrenOf(generator.matrix), tests, depth) || concernsMerge(generator, tests, depth)
}

function concernsMatrix(children: readonly AnyGenerator[], tests: Tests, depth: number): boolean {
  const [first, second] = children
  if (first === undefined || second === undefined || children.length > 2) return false
  if (concernsNested(first, tests, depth + 1)) return true
  return second.plugin !== undefined || concernsNested(second, tests, depth + 1)
}

function concernsMerge(generator: AnyGenerator, tests: Tests, depth: number): boolean {
  return childrenOf(generator.merge).some((child) => concernsNested(child, tests, depth + 1))
}

/** The API server has checked the shape of what it stores; nested ones are JSON that only its reader judges. */
function childrenOf(combined: unknown): readonly AnyGenerator[] {
  if (typeof combined !== 'object' || combined === null || !('generators' in combined)) return []
  const { generators } = combined
  return Array.isArray(generators)
    ? generators.filter((one): one is AnyGenerator => typeof one === 'object' && one !== null)
    : []
}

function gitTest(event: PushEvent): Test<Git> {
  const matchers = event.webUrls.flatMap((url) => repositoryMatcher(url) ?? [])
  return (git) => {
    const repoURL = textOf(git.repoURL)
    const revision = textOf(git.revision)
    const isRepository = isTemplated(repoURL) || matchers.some((matches) => matches(repoURL))
    return isRepository && (isTemplated(revision) || followsRef(revision, event))
  }
}

function pullRequestTest(event: PullRequestEvent): Test<PullRequest> {
  switch (event.forge) {
    case 'github': {
      const isApi = apiMatcher(event.apiUrl) ?? (() => false)
      return ({ github }) =>
        github !== undefined &&
        isText(github.owner, event.owner, true) &&
        isText(github.repo, event.repository, true) &&
        (isTemplated(textOf(github.api)) || isApi(textOf(github.api) || 'https://api.github.com/'))
    }
    case 'gitlab':
      return ({ gitlab }) =>
        gitlab !== undefined &&
        isText(gitlab.project, event.projectId) &&
        (isTemplated(textOf(gitlab.api)) ||
          URL.parse(textOf(gitlab.api) || 'https://gitlab.com/')?.hostname === event.host)
    case 'azure-devops':
      return ({ azuredevops }) =>
        azuredevops !== undefined &&
        isText(azuredevops.project, event.project) &&
        isText(azuredevops.repo, event.repository)
  }
}

/** Owners and repositories of GitHub are the same in whatever case. */
function isText(given: unknown, wanted: string, isCaseFree = false): boolean {
  const text = textOf(given)
  if (isTemplated(text)) return true
  return isCaseFree ? text.toLowerCase() === wanted.toLowerCase() : text === wanted
}

/** What stands in a nested generator may be anything. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isTemplated(text: string): boolean {
  return text.includes('{{')
}
