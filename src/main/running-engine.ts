// The application engine on the stages of this process, with the Lua of its settings; it follows both until it is stopped.
import { ApplicationEngine } from '../controllers/applications/engine.ts'
import type { ClusterRecord } from '../controllers/applications/cluster-client.ts'
import { engineSettings } from '../controllers/applications/engine-settings.ts'
import { ProjectController } from '../controllers/projects/project-controller.ts'
import { createJqDeletion } from '../lang/jq/delete.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import { rulesFor } from '../local-cluster/kinds/rules.ts'
import { createEventRecorder } from '../reconcile/events.ts'
import { requestFor } from '../reconcile/request.ts'
import { SECRET_TYPE_LABEL } from '../settings/repositories.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import type { ControlPlaneState } from './control-plane-state.ts'
import { LuaHost } from './lua-host.ts'
import { createPullSecrets, lazyIssuer } from './pull-secrets.ts'
import { startRegistryManager } from './registry-manager.ts'
import { startHydrator } from './running-hydrator.ts'
import { isGpgEnabled, signatureKeys } from './signature-keys.ts'
import type { Stages } from './stages.ts'
import type { Started } from './started.ts'

export interface RunningEngine {
  readonly engine: ApplicationEngine
  readonly lua: LuaHost
}

/** Resolves when every application is being looked after. */
export async function startEngine(
  options: ControlPlaneOptions,
  stages: Stages,
  started: Started,
  isOurs?: (cluster: ClusterRecord | undefined) => boolean,
): Promise<RunningEngine> {
  const { client, namespace, clock, log } = options
  const { followed, state, desired, allowsNamespace } = stages
  const deleteByJq = createJqDeletion()
  const lua = started.add(
    new LuaHost({
      log,
      customizations: () => state.settings().resources.customizations,
      onLoaded: () => engine.onSettings(),
    }),
    (made) => made.close(),
  )
  const permitted = allowsNamespace === undefined ? {} : { allowsNamespace }
  const events = createEventRecorder({ client, clock, log, component: 'argocd-application-controller' })
  const issuer = started.add(lazyIssuer({ clock, env: process.env }), (made) => made.close())
  const pullSecrets = started.add(
    createPullSecrets({
      client,
      clock,
      log,
      namespace,
      events,
      issuer,
      followed,
      isOurs,
      secrets: state.secrets,
      configMaps: state.configMaps,
      ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    }),
    (made) => made.stop(),
  )
  const engine: ApplicationEngine = started.add(
    new ApplicationEngine({
      client,
      followed,
      ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
      metricsLabels: options.metricsLabels ?? [],
      clusterMetricsLabels: options.clusterMetricsLabels ?? [],
      ...(options.measure === undefined ? {} : { measure: options.measure }),
      desired,
      events,
      clock,
      log,
      namespace,
      ...permitted,
      settings: () =>
        engineSettings(state.settings(), {
          diff: { applyDefaults, deleteByJq },
          healthOverride: lua.health(),
          repositoriesOf: (project) => repositoriesOf(state, project),
          gpgEnabled: isGpgEnabled(process.env),
          ...waveDelay(),
        }),
      ...(isOurs === undefined ? {} : { isOurs }),
      pullSecrets: pullSecrets.port,
      random: Math.random,
    }),
    (made) => made.stop(),
  )
  await lua.ready()
  await engine.start()
  pullSecrets.start(engine)
  if (isOurs?.(undefined) !== false) {
    // Of several controllers that of the first shard does it.
    const { secrets, configMaps } = state
    started.add(startRegistryManager({ client, clock, log, namespace, issuer, secrets, configMaps }), (stop) => stop())
  }
  const { applications, projects } = followed
  started
    .add(new ProjectController({ client, clock, log, namespace, applications, projects, ...permitted }), (made) =>
      made.stop(),
    )
    .start()
  const ends = [
    followEngineSettings(state, engine),
    followSecretKeys(state, engine),
    followProjects(state, engine, namespace),
  ]
  started.add(ends, async (all) => {
    for (const end of all) end()
  })
  startHydrator(options, { stages, engine, isOurs }, started)
  return { engine, lua }
}

/** What argocd-cm decides of live objects acts at once: the engine reads everything anew when it changes. */
function followEngineSettings(state: ControlPlaneState, engine: ApplicationEngine): () => void {
  const decisive = (): string => {
    const { tracking, resources, compare, inClusterEnabled } = state.settings()
    return JSON.stringify([tracking, resources, compare, inClusterEnabled])
  }
  let known = decisive()
  return state.configMaps.onChange(() => {
    const now = decisive()
    if (now === known) return
    known = now
    engine.onSettings()
  })
}

/** What is registered for one project alone is permitted there by that. */
function repositoriesOf(state: ControlPlaneState, project: string): readonly string[] {
  return state
    .registered()
    .repositories.filter((repository) => repository.project !== '' && repository.project === project)
    .map(({ url }) => url)
}

/** Global projects, repositories that belong to a project, and keys of signatures decide what applications may do. */
function followProjects(state: ControlPlaneState, engine: ApplicationEngine, namespace: string): () => void {
  const decisive = (): string => {
    const owned = state.registered().repositories.filter(({ project }) => project !== '')
    const { globalProjects, impersonation } = state.settings()
    const keys = signatureKeys(state.configMaps, namespace)
    return JSON.stringify([globalProjects, impersonation, owned.map(({ url, project }) => [url, project]), keys])
  }
  let known = decisive()
  const look = (): void => {
    const now = decisive()
    if (now === known) return
    known = now
    engine.onProjects()
  }
  const ends = [state.configMaps.onChange(look), state.secrets.onChange(look)]
  return () => {
    for (const end of ends) end()
  }
}

/** A new key may open what could not be decrypted, another Vault may hold other values: all are looked at again. */
function followSecretKeys(state: ControlPlaneState, engine: ApplicationEngine): () => void {
  return state.secrets.onChange(({ object }) => {
    const type = object.metadata.labels?.[SECRET_TYPE_LABEL]
    if (type !== 'decryption' && type !== 'vault') return
    for (const application of engine.applications()) engine.refresh(requestFor(application), 'latest')
  })
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
