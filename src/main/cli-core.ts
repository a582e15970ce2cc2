// `--core`: the API server of this process alone, on loopback, with the rights of the kubeconfig; nobody else is let in.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiClient, type ApiClient } from '../api/client/client.ts'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { GlobalFlags } from '../cli/context.ts'
import { Clusters } from '../controllers/applications/clusters.ts'
import { DEFAULT_SETTINGS } from '../controllers/applications/engine-settings.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import type { ApplicationViews } from '../server/context.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { openFront, serveApi } from './control-plane.ts'
import { LuaHost } from './lua-host.ts'
import { createLogOf } from './process-log.ts'
import { isSharedNamed, openShared } from './role.ts'
import { directClusters, sharedClusters } from './served-clusters.ts'
import { sharedViews } from './shared-views.ts'
import { startStages } from './stages.ts'
import { Started } from './started.ts'

/** Where Argo CD stands unless the context names another namespace than Kubernetes' own default. */
const DEFAULT_NAMESPACE = 'argocd'

/** Commands print what they are asked for. */
const QUIET = { logLevel: 'error', logFormat: 'text' }

/** Starts it and gives a client for it; what it has started ends with the process. */
export async function openCore({ kubeContext }: GlobalFlags, signal: AbortSignal): Promise<ApiClient> {
  const loaded = await loadKubeConfig({
    env: process.env,
    ...(kubeContext === undefined ? {} : { context: kubeContext }),
  })
  const client = createClient(httpTransport(loaded.transport), { clock: systemClock, userAgent: 'capstan' })
  await client.serverVersion(signal)
  const token = randomBytes(32).toString('base64url')
  const options: ControlPlaneOptions = {
    client,
    dataDir: temporaryFolder(),
    namespace: loaded.namespace === 'default' ? DEFAULT_NAMESPACE : loaded.namespace,
    port: 0,
    address: '127.0.0.1',
    letIn: new Secret(token),
    serverParameters: { insecure: 'true' },
    clock: systemClock,
    log: createLogOf(QUIET),
    signal,
  }
  const url = await serve(options)
  return createApiClient({ baseUrl: url, token: new Secret(token), send: fetch })
}

/** Repositories that are looked at are cached as long as the command runs. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-core-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function serve(options: ControlPlaneOptions): Promise<string> {
  const started = new Started()
  const front = started.add(await openFront(options), (opened) => opened.close())
  const stages = await startStages(options, started)
  const { state } = stages
  const clusters = new Clusters({
    ...options,
    settings: () => ({ ...DEFAULT_SETTINGS, inClusterEnabled: state.settings().inClusterEnabled }),
  })
  await clusters.start()
  const customizations = (): ReturnType<typeof state.settings>['resources']['customizations'] =>
    state.settings().resources.customizations
  const lua = new LuaHost({ log: options.log, customizations, onLoaded: () => undefined })
  await lua.ready()
  const redis = { ...QUIET, dataDir: options.dataDir, namespace: options.namespace, address: '', metricsPort: 0 }
  const shared = isSharedNamed(redis) ? await openShared(redis, { log: options.log }) : undefined
  const told =
    shared === undefined
      ? { views: NO_VIEWS, destinations: directClusters(clusters), lua }
      : {
          views: sharedViews(shared.state, options.namespace, options.clock),
          destinations: sharedClusters(clusters, shared.state),
          lua,
        }
  serveApi({ options, stages, started, front }, told)
  return front.url
}

/** Without the controller's Redis nobody here knows what it has compared. */
const NO_VIEWS: ApplicationViews = {
  resourceTree: () => Promise.reject(unknownState()),
  managedResources: () => Promise.reject(unknownState()),
  hideSecrets: () => Promise.reject(unknownState()),
  onTreeChange: () => () => undefined,
}

function unknownState(): CapstanError {
  const why = 'what an application compares to, and the tree of its resources, is known to the controller'
  return new CapstanError('precondition', `${why}: name its Redis (REDIS_SERVER=host:port), or ask its server without --core`) // prettier-ignore
}
