// Charts that a chart lists and does not bring: found beside it, or fetched, as `helm dependency build` does.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { ChartFetcher } from '../contract.ts'
import { readArchive } from './archive.ts'
import { isInRange } from './dependencies.ts'
import { readLock, requireInSync } from './lock-file.ts'
import type { LockedDependency } from './lock-file.ts'
import { readMetadata, readRequirements } from './metadata.ts'
import { rulesOf } from './rules.ts'
import type { ChartDependency, ChartMetadata } from './metadata.ts'

/** Whether a chart's apiVersion will do is said when it is built: helm 3 takes any. */
const ANY_VERSION = rulesOf('3')

/** Access to the files around a chart. */
export interface ChartPlace {
  /** A file of the chart by its path in it. */
  readFile(path: string): Promise<{ readonly id: string; readonly bytes: Uint8Array } | undefined>
  /** The files of another chart by a path relative to this one. Throws `bad-input` where there is none. */
  readNeighbour(path: string): Promise<readonly FetchedFile[]>
}

/** A file that is to stand in the chart although its folder does not have it. */
export interface FetchedFile {
  readonly name: string
  readonly id: string
  readonly bytes: Uint8Array
}

export interface FetchedDependencies {
  /** Of the chart's own files those that stay. */
  readonly files: readonly string[]
  readonly added: readonly FetchedFile[]
}

export interface DependencyOptions {
  readonly place: ChartPlace
  /** Files of the chart. */
  readonly files: readonly string[]
  readonly charts: ChartFetcher | undefined
  /** Resolve versions anew where something is missing, whatever the lock says (`--dependency-update`). */
  readonly ignoresLock?: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * The chart's files with what its dependencies lack. Where nothing is missing, or nothing can fetch it, the files stay
 * as they are, and rendering says what is missing. Versions are those of the lock, or the newest in range where there is
 * none (helm v4.2.1 downloader.Manager). Throws a `CapstanError` that begins as Argo CD words it.
 */
export async function fetchDependencies(options: DependencyOptions): Promise<FetchedDependencies> {
  const { files, charts } = options
  const metadata = await metadataOf(options)
  const unchanged = { files, added: [] }
  if (metadata === undefined || metadata.dependencies.length === 0) return unchanged
  if (charts === undefined || (await hasAll(metadata.dependencies, options))) return unchanged
  try {
    return await build(metadata, { ...options, charts })
  } catch (error) {
    throw buildError(error, metadata, charts)
  }
}

async function metadataOf({ place, files }: DependencyOptions): Promise<ChartMetadata | undefined> {
  const main = await place.readFile('Chart.yaml')
  if (main === undefined) return undefined
  const metadata = readMetadata(main.bytes, true, ANY_VERSION)
  const requirements = files.includes('requirements.yaml') ? await place.readFile('requirements.yaml') : undefined
  return requirements === undefined ? metadata : readRequirements(metadata, requirements.bytes)
}

async function hasAll(dependencies: readonly ChartDependency[], options: DependencyOptions): Promise<boolean> {
  const present = await presentCharts(options)
  return dependencies.every(({ name }) => present.has(name))
}

/** Names of the charts in `charts/`: of folders by their Chart.yaml, of archives too. */
async function presentCharts({ place, files }: DependencyOptions): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const path of files) {
    const { archive, folder } = PLACE_IN_CHARTS.exec(path)?.groups ?? {}
    if (folder === undefined && archive === undefined) continue
    const file = await place.readFile(path)
    if (file === undefined) continue
    const metadata = folder === undefined ? archivedMetadata(file) : readMetadata(file.bytes, false, ANY_VERSION)
    if (metadata !== undefined) names.add(metadata.name)
  }
  return names
}

const PLACE_IN_CHARTS = /^charts\/(?:(?<folder>[^/]+)\/Chart\.yaml|(?<archive>[^/]+)\.tgz)$/

function archivedMetadata({
  id,
  bytes,
}: {
  readonly id: string
  readonly bytes: Uint8Array
}): ChartMetadata | undefined {
  const main = readArchive(bytes, id).find(({ name }) => name === 'Chart.yaml')
  return main === undefined ? undefined : readMetadata(main.bytes, false, ANY_VERSION)
}

type BuildOptions = DependencyOptions & { readonly charts: ChartFetcher }

async function build(metadata: ChartMetadata, options: BuildOptions): Promise<FetchedDependencies> {
  const { files } = options
  const wanted = await wantedVersions(metadata, options)
  const added = new Map<string, FetchedFile>()
  for (const dependency of wanted) {
    for (const file of await filesOf(dependency, options)) added.set(file.name, file)
  }
  const local = new Set(wanted.filter(({ repository }) => repository === '').map(({ name }) => name))
  const kept = files.filter((path) => !added.has(path) && !isOutdated(path, local))
  return { files: kept, added: [...added.values()] }
}

/** Archives that were there are outdated, but those of charts that are listed without a repository. */
function isOutdated(path: string, local: ReadonlySet<string>): boolean {
  if (!/^charts\/[^/]+\.tgz$/.test(path)) return false
  return ![...local].some((name) => path.startsWith(`charts/${name}-`))
}

async function wantedVersions(metadata: ChartMetadata, options: BuildOptions): Promise<readonly LockedDependency[]> {
  const { place, files, charts } = options
  const asked = metadata.dependencies.map((entry) => ({ ...entry, repository: addressOf(entry, charts) }))
  const names = metadata.apiVersion === 'v1' ? ['Chart.lock', 'requirements.lock'] : ['Chart.lock']
  const name = names.find((candidate) => files.includes(candidate))
  const file = name === undefined || options.ignoresLock === true ? undefined : await place.readFile(name)
  if (name === undefined || file === undefined) return asked
  const lock = readLock(file.bytes, name)
  requireInSync(metadata, asked, lock)
  return lock.dependencies.map((entry) => ({ ...entry, repository: addressOf(entry, charts) }))
}

/** The address behind `@name` and `alias:name`. */
function addressOf({ repository, name }: LockedDependency, charts: ChartFetcher): string {
  const registered = /^(?:@|alias:)(?<name>.*)$/.exec(repository)?.groups?.['name']
  if (registered === undefined) return repository
  const address = charts.addressOf(registered)
  if (address !== undefined) return address
  const text = `no repository definition for ${repository}, which the dependency ${name} names: register a repository named ${registered}`
  throw new CapstanError('not-found', text)
}

async function filesOf(dependency: LockedDependency, options: BuildOptions): Promise<readonly FetchedFile[]> {
  const { repository, name, version } = dependency
  if (repository === '') return requireLocal(dependency, options)
  if (repository.startsWith('file://')) return neighbour(dependency, options)
  try {
    const fetched = await options.charts.fetch({ repository, name, version }, options.signal)
    const { digest, bytes } = fetched
    return [{ name: `charts/${name}-${fetched.version}.tgz`, id: digest, bytes }]
  } catch (error) {
    if (error instanceof CapstanError && error.code === 'not-found') throw noVersion(dependency, error)
    throw error
  }
}

function noVersion({ name, repository, version }: LockedDependency, cause: CapstanError): CapstanError {
  const text =
    `can't get a valid version for 1 subchart(s): "${name}" (repository "${repository}", version "${version}"). Make sure a ` +
    `matching chart version exists in the repo, or change the version constraint in Chart.yaml (${cause.message})`
  return new CapstanError('not-found', text, { cause })
}

/** A dependency without a repository stands in charts/ already. */
async function requireLocal(dependency: LockedDependency, { place }: DependencyOptions): Promise<[]> {
  const { name, version } = dependency
  const main = await place.readFile(`charts/${name}/Chart.yaml`)
  if (main === undefined) throw new CapstanError('not-found', `directory charts/${name} not found`)
  const found = readMetadata(main.bytes, false, ANY_VERSION).version
  if (isInRange(version, found)) return []
  const text = `dependency ${name} at version ${found} does not satisfy the constraint ${version}`
  throw new CapstanError('bad-input', text)
}

async function neighbour(dependency: LockedDependency, { place }: DependencyOptions): Promise<FetchedFile[]> {
  const { repository, name, version } = dependency
  const files = await place.readNeighbour(repository.slice('file://'.length))
  const main = files.find((file) => file.name === 'Chart.yaml')
  const found = main === undefined ? '' : readMetadata(main.bytes, false, ANY_VERSION).version
  if (!isInRange(version, found)) {
    throw new CapstanError('bad-input', `can't get a valid version for dependency ${name}`)
  }
  return files.map((file) => ({ ...file, name: `charts/${name}/${file.name}` }))
}

function buildError(error: unknown, { dependencies }: ChartMetadata, charts: ChartFetcher): unknown {
  if (!(error instanceof CapstanError)) return error
  const remote = dependencies.map(({ repository }) => repository).filter((one) => /^(?:https|oci):\/\//.test(one))
  const refused = [...new Set(remote)].filter((repository) => !charts.isPermitted(repository))
  if (refused.length > 0) {
    const text = `helm repos ${refused.join(', ')} are not permitted in project: add them to its sourceRepos`
    return new CapstanError('forbidden', text, { cause: error })
  }
  const text = `error building helm chart dependencies: ${messageOf(error)}`
  return new CapstanError(error.code, text, { cause: error })
}
