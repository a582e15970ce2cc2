// The repository whose change is previewed, as one side of it: its own address leads to the clone, and its branch to the side's commit.
import { CapstanError } from '../base/errors.ts'
import type { ApplicationSource, ApplicationSpec } from '../crds/application.ts'
import { drySourceOf } from '../desired/hydrated-source.ts'
import { isSameRepository } from '../settings/git-url.ts'
import { assertForeignHost, hostOf } from '../source/addresses.ts'
import type { SourceProvider } from '../source/provider.ts'

export interface Clone {
  /** The folder of the clone. */
  readonly folder: string
  /** Addresses that mean this repository: those of its remotes, and what the person says. */
  readonly addresses: readonly string[]
  /** Branches that the previewed change goes to: sources that follow one of them, or HEAD, see the side's commit. */
  readonly branches: ReadonlySet<string>
  /** The commit of another revision that the clone has; undefined where it has none of that name. */
  readonly resolve: (revision: string) => Promise<string | undefined>
}

type Location = Pick<ApplicationSource, 'repoURL' | 'targetRevision' | 'chart'>

/** Whether a source is of this repository. `git@host:path` and `https://host/path` mean the same here. */
export function isOwn({ addresses }: Pick<Clone, 'addresses'>, { repoURL, chart }: Location): boolean {
  if ((chart ?? '') !== '' || repoURL.startsWith('oci://')) return false
  return addresses.some((address) => isSameRepository(placeOf(address), placeOf(repoURL)))
}

/** Without how it is reached, and by whom. */
function placeOf(address: string): string {
  if (/^(?:file:\/\/|\/)/.test(address)) return address.replace(/^file:\/\//, '').replace(/\/$/, '')
  const path = address.replace(/^(?:https?|ssh|git):\/\//i, '').replace(/^[^@/]*@/, '')
  return path.replace(/^(?<host>[^/:]+):(?:\d+\/)?/, '$<host>/').replace(/\/$/, '')
}

/** Whether a source of this repository follows what is previewed, rather than a tag, a commit or another branch. */
export function follows({ branches }: Pick<Clone, 'branches'>, { targetRevision = '' }: Location): boolean {
  const name = targetRevision.replace(/^refs\/heads\//, '')
  return name === '' || name === 'HEAD' || branches.has(name)
}

/** The sources an application is rendered from: of a hydrated one, the dry ones. */
export function sourcesOf(spec: ApplicationSpec): readonly ApplicationSource[] {
  if (spec.sources !== undefined && spec.sources.length > 0) return spec.sources
  if (spec.sourceHydrator !== undefined) return [drySourceOf(spec.sourceHydrator)]
  return spec.source === undefined ? [] : [spec.source]
}

/** The commits to open sources at: the side's where they follow it, empty for those that say themselves. */
export function revisionsAt(clone: Clone, sources: readonly ApplicationSource[], commit: string): readonly string[] {
  return sources.map((source) => (isOwn(clone, source) && follows(clone, source) ? commit : ''))
}

/** An address of this machine, rather than of a server. */
const FILE_ADDRESS = /^(?:file:|\/)/i

/**
 * A provider that reads this repository from the clone, without the network. Other folders of this machine, and
 * what it or a metadata service serves, are refused: whoever proposes a change would see in its preview what is there.
 */
export function fromClone(clone: Clone, sources: SourceProvider): SourceProvider {
  return {
    ...sources,
    async open(location, options) {
      if (!isOwn(clone, location)) {
        if (location.repoURL !== clone.folder) await requireServer(location)
        return sources.open(location, options)
      }
      const { targetRevision = '' } = location
      const revision = options.revision ?? (await clone.resolve(targetRevision))
      const here = { ...location, repoURL: clone.folder }
      return sources.open(here, revision === undefined ? options : { ...options, revision })
    },
  }
}

async function requireServer({ repoURL }: Location): Promise<void> {
  if (FILE_ADDRESS.test(repoURL)) {
    const advice = 'where it means this repository, give it as --repo-url'
    throw new CapstanError('forbidden', `source ${repoURL}: folders of this machine are not previewed; ${advice}`)
  }
  const host = hostOf(repoURL)
  if (host !== undefined) await assertForeignHost(host, `source ${repoURL}`)
}
