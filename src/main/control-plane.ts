// The control plane on one cluster: settings, sources, the application engine and the API server, started in order and ended in reverse.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Secret } from '../base/secret.ts'
import { ApplicationEngine } from '../controllers/applications/engine.ts'
import { engineSettings } from '../controllers/applications/engine-settings.ts'
import { followObjects, type FollowedObjects } from '../controllers/applications/followed-objects.ts'
import type { SourceType } from '../render/contract.ts'
import type { RenderOptions } from '../render/renderer.ts'
import type { AppProject } from '../crds/app-project.ts'
import { API_GROUP, type Application } from '../crds/application.ts'
import { createDesired } from '../desired/generate.ts'
import { RenderWorkerPool } from '../desired/worker-pool.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { createJqDeletion } from '../lang/jq/delete.ts'
import type { Informer } from '../kube/client/informer.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import { convertBuiltin } from '../local-cluster/apiserver/conversion.ts'
import { rulesFor } from '../local-cluster/kinds/rules.ts'
import { pluginFolder } from '../render/plugin/plugin-folder.ts'
import { createPlugins, type Plugins } from '../render/plugin/plugins.ts'
import { SECRET_TYPE_LABEL } from '../settings/repositories.ts'
import { createEventRecorder } from '../reconcile/events.ts'
import { requestFor } from '../reconcile/request.ts'
import { startFront, type Front } from '../server/front.ts'
import { pageFiles } from '../server/page.ts'
import { createChartProvider } from '../source/charts/provider.ts'
import { combineProviders } from '../source/combined-provider.ts'
import { createGitProvider } from '../source/git/provider.ts'
import { bootstrapControlPlane } from './bootstrap.ts'
import { chartAccessFor, chartRepositories, remoteFiles, remoteRules } from './chart-access.ts'
import { createChartRegistry } from './chart-registry.ts'
import { watchControlPlane, type ControlPlaneState } from './control-plane-state.ts'
import { gitAccessFor } from './git-access.ts'
import { gitMetrics } from './process-metrics.ts'
import { LuaHost } from './lua-host.ts'
import { createSecretAccess } from './secret-access.ts'
import { createServerContext } from './server-context.ts'
import { untilServed } from './until-served.ts'

export interface ControlPlaneOptions {
  readonly client: KubeClient
  /** Where repositories are cached. */
  readonly dataDir: string
  readonly namespace: string
  readonly port: number
  readonly address: string
  readonly adminPassword?: Secret
  /** Where config management plug-ins stand; absent: there are none. */
  readonly pluginFolder?: string
  /** The cluster's nodes are simulated; people are told wherever they could mistake them for real ones. */
  readonly isSimulated?: boolean
  /** Where figures are told; nowhere by default. */
  readonly metrics?: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

export interface ControlPlane {
  readonly url: string
  readonly applications: Informer<Application>
  stop(): Promise<void>
}

const PAGE = join(import.meta.dirname, '../../dist/ui')

/** Resolves when the API answers and every application is being looked after. A failed start ends what it had begun. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const started = new Started()
  try {
    return await start(options, started)
  } catch (error) {
    await started.stop()
    throw error
  }
}

/** What has been started, ended in reverse. */
class Started {
  readonly #ends: (() => Promise<void>)[] = []

  add<T>(thing: T, end: (thing: T) => Promise<void>): T {
    this.#ends.push(() => end(thing))
    return thing
  }

  async stop(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end()
  }
}

async function start(options: ControlPlaneOptions, started: Started): Promise<ControlPlane> {
  const { client, namespace, clock, log } = options
  const front = started.add(await openFront(options), (opened) => opened.close())
  await bootstrapControlPlane(options)
  const followed = started.add(await follow(options), (objects) => objects.stop())
  const { applications, projects } = followed
  const projectOf = (name: string): AppProject | undefined => projects.get(namespace, name)
  const state = started.add(await watchControlPlane({ client, namespace, clock, log, projectOf }), (watched) =>
    watched.stop(),
  )
  const git = createGitProvider({
    cacheFolder: join(options.dataDir, 'repositories'),
    clock,
    accessFor: async (repoURL, project) => gitAccessFor(state, repoURL, project),
    ...gitMetrics(options.metrics),
  })
  const entry = new URL('./render-worker.js', import.meta.url)
  const workers = new RenderWorkerPool({ entry, clock, maximum: renderThreads() })
  const charts = createChartProvider({
    cacheFolder: join(options.dataDir, 'charts'),
    clock,
    registry: createChartRegistry(clock),
    accessFor: async (repoURL, project) => chartAccessFor(state, projectOf(project), repoURL),
  })
  const sources = combineProviders(git, charts)
  const secrets = started.add(
    createSecretAccess({
      clock,
      log,
      keys: () => state.decryptionKeys(),
      vaults: () => state.vaults(),
      isSopsEnabled: () => state.settings().tools.sopsEnabled,
    }),
    (made) => made.close(),
  )
  const plugins = pluginsOf(options)
  const desired = started.add(
    createDesired({
      sources,
      workers,
      secrets,
      ...(plugins === undefined ? {} : { plugins }),
      disabledTypes: () => disabledTypes(state),
      helmVersion: () => state.settings().tools.helmVersion,
      renderOptions: () => renderOptions(state),
      chartRepositories: chartRepositories(state, projectOf),
      remoteRules: remoteRules(state, projectOf),
      remoteFiles: () => remoteFiles(state.settings().tools.helmValuesFileSchemes),
    }),
    (made) => made.close(),
  )
  const deleteByJq = createJqDeletion()
  const lua = started.add(
    new LuaHost({
      log,
      customizations: () => state.settings().resources.customizations,
      onLoaded: () => engine.onSettings(),
    }),
    (made) => made.close(),
  )
  const engine: ApplicationEngine = started.add(
    new ApplicationEngine({
      client,
      followed,
      ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
      desired,
      events: createEventRecorder({ client, clock, log, component: 'argocd-application-controller' }),
      clock,
      log,
      namespace,
      settings: () =>
        engineSettings(state.settings(), {
          diff: { applyDefaults, deleteByJq, convert: convertBuiltin },
          serverSideDiff: process.env['ARGOCD_APPLICATION_CONTROLLER_SERVER_SIDE_DIFF'] === 'true',
          healthOverride: lua.health(),
          ...waveDelay(),
        }),
      random: Math.random,
    }),
    (made) => made.stop(),
  )
  await lua.ready()
  await engine.start()
  followEngineSettings(state, engine)
  followSecretKeys(state, engine)
  const events = started.add(createEventRecorder({ client, clock, log, component: 'argocd-server' }), (made) =>
    made.flush(),
  )
  front.serve(
    createServerContext({
      ...options,
      applications,
      projects,
      state,
      git: sources,
      desired,
      engine,
      lua,
      events,
      ...(plugins === undefined ? {} : { plugins }),
    }),
  )
  return { url: front.url, applications, stop: () => started.stop() }
}

/** Tools switched off in argocd-cm: their sources count as plain directories. */
function disabledTypes(state: ControlPlaneState): ReadonlySet<SourceType> {
  const { helmEnabled, kustomizeEnabled } = state.settings().tools
  const disabled = new Set<SourceType>()
  if (!helmEnabled) disabled.add('Helm')
  if (!kustomizeEnabled) disabled.add('Kustomize')
  return disabled
}

function renderOptions(state: ControlPlaneState): Omit<RenderOptions, 'helmVersion'> {
  const { kustomizeBuildOptions, kustomizeVersions, jsonnetEnabled } = state.settings().tools
  return {
    kustomizeBuildOptions,
    kustomizeVersions: Object.fromEntries(kustomizeVersions),
    isJsonnetEnabled: jsonnetEnabled,
  }
}

/** This thread keeps a core busy; each that renders holds 30 MB, so more than two wait for a reason. */
function renderThreads(): number {
  return Math.min(2, Math.max(1, availableParallelism() - 1))
}

/** What argocd-cm decides of live objects acts at once: the engine reads everything anew when it changes. */
function followEngineSettings(state: ControlPlaneState, engine: ApplicationEngine): void {
  const decisive = (): string => {
    const { tracking, resources, compare } = state.settings()
    return JSON.stringify([tracking, resources, compare])
  }
  let known = decisive()
  state.configMaps.onChange(() => {
    const now = decisive()
    if (now === known) return
    known = now
    engine.onSettings()
  })
}

function pluginsOf({ pluginFolder: folder, clock, log }: ControlPlaneOptions): Plugins | undefined {
  return folder === undefined ? undefined : createPlugins(pluginFolder({ folder, clock, log }))
}

/** A new key may open what could not be decrypted, another Vault may hold other values: all are looked at again. */
function followSecretKeys(state: ControlPlaneState, engine: ApplicationEngine): void {
  state.secrets.onChange(({ object }) => {
    const type = object.metadata.labels?.[SECRET_TYPE_LABEL]
    if (type !== 'decryption' && type !== 'vault') return
    for (const application of engine.applications()) engine.refresh(requestFor(application), 'latest')
  })
}

/** Opens the port first: a taken one is told before anything is written, and `/healthz` answers while the rest starts. */
async function openFront({ port, address, log }: ControlPlaneOptions): Promise<Front> {
  return startFront({ port, address, log, page: pageFiles(PAGE) })
}

/** Waits for the kinds first: their definitions may have just been made. */
async function follow(options: ControlPlaneOptions): Promise<FollowedObjects> {
  for (const kind of ['Application', 'AppProject']) {
    await untilServed(options.client, { group: API_GROUP, version: 'v1alpha1', kind }, options)
  }
  return followObjects(options)
}

/** The API server's defaults, which a comparison applies to both sides. */
function applyDefaults(object: KubeObject): KubeObject {
  return rulesFor(kindOf(object))?.setDefaults?.(object) ?? object
}

/** ARGOCD_SYNC_WAVE_DELAY in seconds, where it is set. */
function waveDelay(): { readonly waveDelayMs?: number } {
  const text = process.env['ARGOCD_SYNC_WAVE_DELAY']
  const seconds = Number(text)
  return text === undefined || text === '' || !Number.isFinite(seconds) ? {} : { waveDelayMs: seconds * 1000 }
}
