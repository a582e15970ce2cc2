// What every role of the control plane stands on: settings and applications as the cluster has them, sources, and rendering.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { followObjects, type FollowedObjects } from '../controllers/applications/followed-objects.ts'
import type { AppProject } from '../crds/app-project.ts'
import { API_GROUP } from '../crds/application.ts'
import type { Desired } from '../desired/contract.ts'
import { createDesired } from '../desired/generate.ts'
import { RenderWorkerPool } from '../desired/worker-pool.ts'
import type { SourceType } from '../render/contract.ts'
import { pluginFolder } from '../render/plugin/plugin-folder.ts'
import { type AccessFor, createPlugins, type Plugins } from '../render/plugin/plugins.ts'
import type { RenderOptions } from '../render/renderer.ts'
import { createChartProvider } from '../source/charts/provider.ts'
import { combineProviders } from '../source/combined-provider.ts'
import { Keyring } from '../source/git/keyring.ts'
import { createGitProvider } from '../source/git/provider.ts'
import type { RefLister, SourceProvider } from '../source/provider.ts'
import { RepositoryLogins } from '../source/tokens/repository-login.ts'
import { readApplicationNamespaces } from './application-namespaces.ts'
import { type ApplicationSetStage, startApplicationSetStage } from './application-set-stage.ts'
import { chartLoginFor, chartRepositories, remoteFiles, remoteRules } from './chart-access.ts'
import { createChartRegistry } from './chart-registry.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { watchControlPlane, type ControlPlaneState } from './control-plane-state.ts'
import { gitAccessFor, type GitAccessSources } from './git-access.ts'
import { signJwt } from './json-web-tokens.ts'
import { gitMetrics } from './process-metrics.ts'
import { createSecretAccess } from './secret-access.ts'
import { signatureKeys } from './signature-keys.ts'
import type { Started } from './started.ts'
import { areSubmodulesWanted, execTimeoutMs } from './tool-environment.ts'
import { untilServed } from './until-served.ts'

export interface Stages {
  readonly followed: FollowedObjects
  readonly state: ControlPlaneState
  readonly sources: SourceProvider & RefLister
  readonly desired: Desired
  readonly plugins: Plugins | undefined
  /** True for other namespaces that may hold Applications; undefined where none may. */
  readonly allowsNamespace: ((namespace: string) => boolean) | undefined
  /** Where access to repositories is looked up. */
  readonly access: GitAccessSources
  readonly applicationSets: ApplicationSetStage
}

/** Started in order; `started` ends them in reverse. */
export async function startStages(options: ControlPlaneOptions, started: Started): Promise<Stages> {
  const { client, namespace, clock, log } = options
  const allowsNamespace = await readApplicationNamespaces(options, process.env)
  const followed = started.add(await follow(options, allowsNamespace), (objects) => objects.stop())
  const { projects } = followed
  const projectOf = (name: string): AppProject | undefined => projects.get(namespace, name)
  const state = started.add(await watchControlPlane({ client, namespace, clock, log, projectOf }), (watched) =>
    watched.stop(),
  )
  const timeoutMs = execTimeoutMs()
  const timeout = timeoutMs === undefined ? {} : { timeoutMs }
  const logins = new RepositoryLogins({ clock, sign: signJwt, environment: process.env })
  const access = { state, logins }
  const git = createGitProvider({
    cacheFolder: join(options.dataDir, 'repositories'),
    clock,
    accessFor: (repoURL, project) => gitAccessFor(access, repoURL, project),
    keyring: new Keyring({
      folder: join(options.dataDir, 'gnupg'),
      keys: () => signatureKeys(state.configMaps, namespace),
    }),
    submodules: { ...remoteRules(state, projectOf), areWanted: areSubmodulesWanted() },
    ...timeout,
    ...gitMetrics(options.metrics),
  })
  const entry = new URL('./render-worker.js', import.meta.url)
  const deadline = timeoutMs === undefined ? {} : { deadlineMs: timeoutMs }
  const workers = new RenderWorkerPool({ entry, clock, maximum: renderThreads(), ...deadline })
  const charts = createChartProvider({
    cacheFolder: join(options.dataDir, 'charts'),
    clock,
    registry: createChartRegistry(clock),
    accessFor: (repoURL, project) => chartLoginFor(access, projectOf(project), repoURL),
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
  const plugins = pluginsOf(options, (repoURL, project) => gitAccessFor(access, repoURL, project))
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
  const applicationSets = await startApplicationSetStage(options, { state, sources, projects, logins }, started)
  return { followed, state, sources, desired, plugins, allowsNamespace, access, applicationSets }
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

function pluginsOf(
  { pluginFolder: folder, clock, log }: ControlPlaneOptions,
  accessFor: AccessFor,
): Plugins | undefined {
  if (folder === undefined) return undefined
  const timeoutMs = execTimeoutMs()
  const timeout = timeoutMs === undefined ? {} : { execTimeoutMs: timeoutMs }
  return createPlugins(pluginFolder({ folder, clock, log, ...timeout }), accessFor)
}

/** Waits for the kinds first: their definitions may have just been made. */
async function follow(
  options: ControlPlaneOptions,
  allowsNamespace: Stages['allowsNamespace'],
): Promise<FollowedObjects> {
  for (const kind of ['Application', 'AppProject']) {
    await untilServed(options.client, { group: API_GROUP, version: 'v1alpha1', kind }, options)
  }
  return followObjects({ ...options, ...(allowsNamespace === undefined ? {} : { allowsNamespace }) })
}
