// Which repositories and branches an SCM generator takes (argo-cd v3.5.1 `services/scm_provider/utils.go`).
import type { Message } from '../../crds/message-type.ts'
import { compileRegexp, type GoRegexp, matchesRegexp } from '../../lang/go/regexp/regexp.ts'
import { failed } from '../failure.ts'
import { requireFewParameters } from '../limits.ts'
import { type ForgeRepository, mapSome, type ScmForge } from './forge.ts'

type FilterSpec = Message<'SCMProviderGeneratorFilter'>

interface Filter {
  readonly repositoryMatch: GoRegexp | undefined
  readonly labelMatch: GoRegexp | undefined
  readonly branchMatch: GoRegexp | undefined
  readonly pathsExist: readonly string[]
  readonly pathsDoNotExist: readonly string[]
  /** Of a filter that speaks of both, a branch's name and files are known only with the branch. */
  readonly appliesTo: 'repository' | 'branch' | undefined
}

/** Repositories that fit any filter for repositories, then those of their branches that fit any filter for branches. */
export async function selectRepositories(
  forge: ScmForge,
  specs: readonly FilterSpec[],
): Promise<readonly ForgeRepository[]> {
  const filters = specs.map(compileFilter)
  const repositories = await forge.listRepositories()
  const wanted = await fitting(
    forge,
    repositories,
    filters.filter(({ appliesTo }) => appliesTo === 'repository'),
  )
  const branches = (await mapSome(wanted, (one) => forge.branchesOf(one))).flat()
  const selected = await fitting(
    forge,
    branches,
    filters.filter(({ appliesTo }) => appliesTo === 'branch'),
  )
  requireFewParameters(selected.length, 'scmProvider')
  return selected
}

/** Without filters: all. */
async function fitting(
  forge: ScmForge,
  repositories: readonly ForgeRepository[],
  filters: readonly Filter[],
): Promise<readonly ForgeRepository[]> {
  if (filters.length === 0) return repositories
  const fits = await mapSome(repositories, async (one) => {
    for (const filter of filters) if (await matchesFilter(forge, one, filter)) return true
    return false
  })
  return repositories.filter((_, index) => fits[index])
}

async function matchesFilter(forge: ScmForge, one: ForgeRepository, filter: Filter): Promise<boolean> {
  const { repositoryMatch, branchMatch, labelMatch } = filter
  if (repositoryMatch !== undefined && !matchesRegexp(repositoryMatch, one.repository)) return false
  if (branchMatch !== undefined && !matchesRegexp(branchMatch, one.branch)) return false
  if (labelMatch !== undefined && !one.labels.some((label) => matchesRegexp(labelMatch, label))) return false
  for (const path of filter.pathsExist) if (!(await forge.hasPath(one, trimmed(path)))) return false
  for (const path of filter.pathsDoNotExist) if (await forge.hasPath(one, trimmed(path))) return false
  return true
}

function compileFilter(spec: FilterSpec): Filter {
  const { pathsExist, pathsDoNotExist } = spec
  const repositoryMatch = compile('RepositoryMatch', spec.repositoryMatch)
  const labelMatch = compile('LabelMatch', spec.labelMatch)
  const branchMatch = compile('BranchMatch', spec.branchMatch)
  const isOfBranch = [pathsExist, pathsDoNotExist, branchMatch].some((one) => one !== undefined)
  const isOfRepository = repositoryMatch !== undefined || labelMatch !== undefined
  return {
    repositoryMatch,
    labelMatch,
    branchMatch,
    pathsExist: pathsExist ?? [],
    pathsDoNotExist: pathsDoNotExist ?? [],
    appliesTo: isOfBranch ? 'branch' : isOfRepository ? 'repository' : undefined,
  }
}

/** Throws with upstream's text for an expression that is none. */
export function compile(name: string, pattern: string | undefined): GoRegexp | undefined {
  if (pattern === undefined) return undefined
  try {
    return compileRegexp(pattern)
  } catch (error) {
    throw failed(`error compiling ${name} regexp ${JSON.stringify(pattern)}`, error)
  }
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '')
}
