// `capstan preview`: sources, rendering and generators of this process, without a cluster or a server.
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { PreviewFlags } from '../cli/preview/command.ts'
import type { ApplicationSet } from '../crds/application-set.ts'
import type { Application } from '../crds/application.ts'
import { createDesired } from '../desired/generate.ts'
import type { GeneratorServices } from '../generators/contract.ts'
import type { PreviewReport } from '../preview/contract.ts'
import { openClone } from '../preview/open-clone.ts'
import { previewChange } from '../preview/preview.ts'
import { follows, fromClone, isOwn, type Clone } from '../preview/repository-side.ts'
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER } from '../settings/clusters.ts'
import { createChartProvider } from '../source/charts/provider.ts'
import { combineProviders } from '../source/combined-provider.ts'
import type { SourceProvider } from '../source/provider.ts'
import { cacheFolder } from './chart-cache.ts'
import { createChartRegistry } from './chart-registry.ts'
import { openRepositories } from './render-remotes.ts'

/** The Kubernetes that charts see unless somebody says otherwise. */
const KUBE_VERSION = '1.36.3'
/** What a pull request names may be anywhere but on this machine, its links and metadata services; nothing is registered here. */
const FOREIGN_ADDRESSES = { isRegistered: () => false, isPermitted: () => true }

/** What the head would change; see `PreviewFlags`. Nothing is written but the cache of other repositories. */
export async function runPreview(folder: string, flags: PreviewFlags, signal: AbortSignal): Promise<PreviewReport> {
  const opened = await openClone({
    folder,
    base: flags.base,
    head: flags.head,
    isMergeBase: flags.mergeBase,
    addresses: flags.repoUrl ?? [],
    branches: flags.branch ?? [],
    signal,
  })
  const { clone, base, head } = opened
  const sources = fromClone(clone, openSources())
  const desired = createDesired({ sources, remoteRules: FOREIGN_ADDRESSES })
  try {
    return await previewChange(
      {
        clone,
        desired,
        openTree: async (commit) => {
          const location = { repoURL: clone.folder, targetRevision: commit }
          return (await sources.open(location, { project: '', revision: commit, freshness: 'cached', signal })).tree
        },
        generate: (set, commit) => generate(set, servicesAt(sources, clone, commit), signal),
        cluster: { kubeVersion: flags.kubeVersion ?? KUBE_VERSION, apiVersions: flags.apiVersions ?? [] },
        folders: flags.path ?? [],
        signal,
      },
      base,
      head,
    )
  } finally {
    await desired.close()
    opened.close()
  }
}

/** Other repositories are read without credentials; what was fetched once is kept for the next time. */
function openSources(): SourceProvider {
  const charts = createChartProvider({
    cacheFolder: join(cacheFolder(), 'charts'),
    clock: systemClock,
    registry: createChartRegistry(systemClock),
    accessFor: () => Promise.resolve({}),
  })
  return combineProviders(openRepositories(FOREIGN_ADDRESSES), charts)
}

/** Generators are loaded with the first ApplicationSet. */
async function generate(
  set: ApplicationSet,
  services: GeneratorServices,
  signal: AbortSignal,
): Promise<readonly Application[]> {
  const { createGeneration } = await import('../generators/generation.ts')
  const generation = createGeneration({ services, nowMs: () => systemClock.now() })
  return generation.generate(set, { signal, isRefresh: false })
}

/** What generators find where there is neither a cluster nor a forge. */
function servicesAt(sources: SourceProvider, clone: Clone, commit: string): GeneratorServices {
  const none = (what: string): Promise<never> =>
    Promise.reject(
      new CapstanError('precondition', `${what}: a preview has none; ask a server (capstan appset generate)`),
    )
  return {
    controlNamespace: 'argocd',
    http: ({ url }) => none(`a request to ${new URL(url).host}`),
    scm: { isEnabled: false, disabledReason: 'a preview asks no forges', allowedProviders: [], isTokenRefStrict: true },
    readSecret: () => Promise.resolve(undefined),
    readConfigMap: () => Promise.resolve(undefined),
    clusterSecrets: () => [],
    clusters: () => [{ name: IN_CLUSTER_NAME, server: IN_CLUSTER_SERVER }],
    listObjects: ({ resource }) => none(`a list of ${resource}`),
    async openTree({ repoURL, revision, project }, signal) {
      const location = { repoURL, targetRevision: revision }
      const at = isOwn(clone, location) && follows(clone, location) ? { revision: commit } : {}
      return (await sources.open(location, { project, freshness: 'cached', signal, ...at })).tree
    },
  }
}
