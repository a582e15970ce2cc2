// AWS CodeCommit: repositories of an account, all or those with some tags, as AWS' JSON APIs give them.
import { posix } from 'node:path'
import { CapstanError } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import type { GeneratorContext } from '../contract.ts'
import { attempt } from '../failure.ts'
import { fieldAt, listAt, textAt, textsAt } from './answer-fields.ts'
import type { AwsCaller } from './aws-calls.ts'
import { awsRegion, createAwsCaller, type AwsOptions } from './aws-calls.ts'
import { cloneUrl, type ForgeRepository, mapSome, type ScmForge } from './forge.ts'
import { ForgeError, MAX_ENTRIES } from './forge-api.ts'

type ScmSpec = Message<'SCMProviderGeneratorAWSCodeCommit'>

const CODE_COMMIT = { service: 'codecommit', target: 'CodeCommit_20150413' }
const TAGGING = { service: 'tagging', target: 'ResourceGroupsTaggingAPI_20170126' }

/** A path that is asked for in a repository, a commit or a folder that is not there is not there either. */
const NOT_THERE: ReadonlySet<string> = new Set([
  'RepositoryDoesNotExistException',
  'CommitDoesNotExistException',
  'FolderDoesNotExistException',
])

export async function codeCommitForge(
  spec: ScmSpec,
  context: GeneratorContext,
  { cloneProtocol, aws }: { readonly cloneProtocol: string | undefined; readonly aws: AwsOptions },
): Promise<ScmForge> {
  const { role = '', allBranches = false } = spec
  const region = awsRegion(spec.region, aws.env)
  const call = await attempt('error initializing AWS codecommit service', () =>
    createAwsCaller(context, { ...aws, region, role }),
  )
  return {
    async listRepositories() {
      const names = await attempt('failed to list codecommit repository', () => namesOf(call, spec))
      const found = await mapSome(names, (name) => repositoryOf(call, name, cloneProtocol))
      return found.filter((one) => one !== undefined)
    },
    // The commit of a branch would be one more call for each; upstream leaves it out.
    async branchesOf(repository) {
      if (!allBranches) return [repository]
      const input = { repositoryName: repository.repository }
      const branches = await pages(call, 'ListBranches', { input, list: (json) => textsAt(json, 'branches') })
      return branches.map((branch) => ({ ...repository, branch }))
    },
    hasPath: (repository, path) => hasPath(call, repository, path),
  }
}

async function namesOf(call: AwsCaller, { tagFilters = [] }: ScmSpec): Promise<readonly string[]> {
  if (tagFilters.length === 0) {
    const list = (json: unknown): readonly string[] =>
      listAt(json, 'repositories').map((one) => textAt(one, 'repositoryName'))
    return pages(call, 'ListRepositories', { input: {}, list })
  }
  return taggedNames(call, tagFilters)
}

/** Values of one key are alternatives, keys together conditions. */
async function taggedNames(
  call: AwsCaller,
  filters: readonly { readonly key: string; readonly value?: string }[],
): Promise<readonly string[]> {
  const values = new Map<string, string[]>()
  for (const { key, value = '' } of filters) {
    const known = values.get(key) ?? []
    values.set(key, value === '' ? known : [...known, value])
  }
  const tags = Array.from(values, ([Key, Values]) => (Values.length === 0 ? { Key } : { Key, Values }))
  const names: string[] = []
  let token = ''
  do {
    const input = { ResourceTypeFilters: ['codecommit:repository'], TagFilters: tags, PaginationToken: token }
    const json = await call({ ...TAGGING, action: 'GetResources', input })
    for (const one of listAt(json, 'ResourceTagMappingList')) {
      // arn:aws:codecommit:<region>:<account>:<repository>
      const name = textAt(one, 'ResourceARN').split(':').slice(5).join(':')
      if (name !== '') names.push(name)
    }
    requireFew(names)
    token = textAt(json, 'PaginationToken')
  } while (token !== '')
  return names
}

async function pages(
  call: AwsCaller,
  action: string,
  { input, list }: { readonly input: object; readonly list: (json: unknown) => readonly string[] },
): Promise<readonly string[]> {
  const found: string[] = []
  let nextToken: string | undefined
  do {
    const json = await call({ ...CODE_COMMIT, action, input: { ...input, nextToken } })
    for (const one of list(json)) found.push(one)
    requireFew(found)
    nextToken = textAt(json, 'nextToken') || undefined
  } while (nextToken !== undefined)
  return found
}

function requireFew(found: readonly unknown[]): void {
  if (found.length <= MAX_ENTRIES) return
  throw new CapstanError(
    'limit',
    `AWS CodeCommit lists more than ${MAX_ENTRIES} entries: narrow the selection by tagFilters`,
  )
}

/** Undefined for one that has no default branch: nothing was ever pushed to it. */
async function repositoryOf(
  call: AwsCaller,
  repositoryName: string,
  cloneProtocol: string | undefined,
): Promise<ForgeRepository | undefined> {
  const json = await attempt('failed to get codecommit repository', () =>
    call({ ...CODE_COMMIT, action: 'GetRepository', input: { repositoryName } }),
  )
  const metadata = fieldAt(json, 'repositoryMetadata')
  const branch = textAt(metadata, 'defaultBranch')
  if (branch === '') return undefined
  const https = textAt(metadata, 'cloneUrlHttp')
  const fips = cloneProtocol === 'https-fips' ? { 'https-fips': fipsUrl(https) } : {}
  const urls = { ssh: textAt(metadata, 'cloneUrlSsh'), https, ...fips }
  return {
    // There are no organizations.
    organization: textAt(metadata, 'accountId'),
    repository: textAt(metadata, 'repositoryName'),
    url: cloneUrl(cloneProtocol, 'codecommit', urls),
    branch,
    sha: '',
    labels: [],
    repositoryId: textAt(metadata, 'repositoryId'),
  }
}

const HTTPS_PREFIX = 'https://git-codecommit.'
const FIPS_PREFIX = 'https://git-codecommit-fips.'

function fipsUrl(url: string): string {
  if (url.startsWith(FIPS_PREFIX)) return url
  if (url.startsWith(HTTPS_PREFIX)) return url.replace(HTTPS_PREFIX, FIPS_PREFIX)
  const text = `https-fips is provided but repoUrl can't be transformed to FIPS endpoint: the provided https endpoint isn't recognized, cannot be transformed to FIPS endpoint: ${url}`
  throw new CapstanError('bad-input', text)
}

/** Looked for in its folder: a folder's listing is smaller than a file may be. */
async function hasPath(call: AwsCaller, { repository, branch }: ForgeRepository, path: string): Promise<boolean> {
  const whole = posix.resolve('/', path)
  if (whole === '/') return true
  const input = { repositoryName: repository, commitSpecifier: branch, folderPath: posix.dirname(whole) }
  let json: unknown
  try {
    json = await call({ ...CODE_COMMIT, action: 'GetFolder', input })
  } catch (error) {
    if (error instanceof ForgeError && NOT_THERE.has(error.kind.replace(/^.*#/, ''))) return false
    throw error
  }
  const name = posix.basename(whole)
  return ['subModules', 'subFolders', 'files', 'symbolicLinks'].some((list) =>
    listAt(json, list).some((one) => textAt(one, 'relativePath') === name),
  )
}
