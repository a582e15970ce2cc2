// What the API asks of repositories themselves: does one let us in, which charts and tags has it?
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import type { Repository } from '../settings/repositories.ts'
import type { ChartAccess } from '../source/charts/access.ts'
import { isOciRepository, ociRepository, type OciRegistry } from '../source/charts/oci.ts'
import { ChartRepository } from '../source/charts/repository.ts'
import { GitRepository } from '../source/git/repository.ts'
import { chartAccessOf, trustFor } from './chart-access.ts'
import { createChartRegistry } from './chart-registry.ts'
import { accessOf, type GitAccessSources } from './git-access.ts'

export interface RepositoryQuestions {
  /** Throws, with what to do about it, where a repository with these credentials does not answer. */
  test(repository: Repository, signal: AbortSignal): Promise<void>
  /** Names and versions of a chart repository; none for a registry, which lists no charts. */
  charts(repository: Repository, signal: AbortSignal): Promise<readonly Chart[]>
  /** Tags of an OCI repository. */
  tags(repository: Repository, signal: AbortSignal): Promise<readonly string[]>
}

export interface Chart {
  readonly name: string
  readonly versions: readonly string[]
}

export interface QuestionsOptions {
  readonly clock: Clock
  readonly dataDir: string
  readonly access: GitAccessSources
}

export function createRepositoryQuestions({ clock, dataDir, access }: QuestionsOptions): RepositoryQuestions {
  const registry = createChartRegistry(clock)
  const chartAccess = (repository: Repository): ChartAccess => ({
    ...trustFor(access.state, repository.url),
    ...chartAccessOf(repository),
  })
  const indexed = (repository: Repository): ChartRepository =>
    new ChartRepository({ url: repository.url, clock, access: async () => chartAccess(repository) })

  async function testGit(repository: Repository, signal: AbortSignal): Promise<void> {
    const { url } = repository
    const cacheFolder = join(dataDir, 'repositories')
    const opened = new GitRepository({ url, cacheFolder, clock, access: () => accessOf(access, url, repository) })
    try {
      await opened.refNames(signal)
    } finally {
      await opened.close()
    }
  }

  async function testCharts(repository: Repository, signal: AbortSignal): Promise<void> {
    const held = chartAccess(repository)
    if (isOciRepository(repository.url, held)) return ping(registry, repository, { access: held, signal })
    await indexed(repository).index({ freshness: 'latest', signal })
  }

  return {
    async test(repository, signal) {
      try {
        if (repository.type === 'git') await testGit(repository, signal)
        else await testCharts(repository, signal)
      } catch (error) {
        signal.throwIfAborted()
        const message = `error testing repository connectivity: ${messageOf(error)}`
        throw new CapstanError('unknown', message, { cause: error })
      }
    },
    async charts(repository, signal) {
      if (isOciRepository(repository.url, chartAccess(repository))) return []
      const index = await indexed(repository).index({ freshness: 'latest', signal })
      return index.chartNames().map((name) => ({
        name,
        versions: (index.versionsOf(name) ?? []).map(({ version }) => version),
      }))
    },
    async tags(repository, signal) {
      const place = ociRepository(repository.url)
      if (!URL.canParse(`https://${place}`)) {
        throw new CapstanError(
          'bad-input',
          `${JSON.stringify(repository.url)} is no address of a registry: write oci://host/path`,
        )
      }
      return registry.tags(place, { access: chartAccess(repository), signal })
    },
  }
}

async function ping(
  registry: OciRegistry,
  { url, type }: Repository,
  options: { readonly access: ChartAccess; readonly signal: AbortSignal },
): Promise<void> {
  // Upstream wants the bare host of a registry of charts (`IsHelmOciRepo` of util/helm/client.go, v3.5.1).
  if (type === 'helm' && /^[a-z][a-z0-9+.-]*:\/\//i.test(url) && !url.startsWith('oci://')) {
    throw new CapstanError('bad-input', 'OCI Helm repository URL should include hostname and port only')
  }
  await registry.ping(ociRepository(url), options)
}
