// The control plane on one cluster, whole in one process: settings, sources, the application engine and the API server, started in order and ended in reverse.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Wire } from '../base/web-socket.ts'
import { createViews } from '../controllers/applications/views.ts'
import { createEventRecorder } from '../reconcile/events.ts'
import { createCertificates } from '../server/certificates.ts'
import { startFront, type Front } from '../server/front.ts'
import { pageFiles } from '../server/page.ts'
import type { ServerContext } from '../server/context.ts'
import type { SettingsStore } from '../server/settings-store.ts'
import type { Terminals } from '../server/terminal/open-terminal.ts'
import { readConfigMap } from '../settings/map-reader.ts'
import { startApplicationSets } from './application-sets.ts'
import { badgeAnswerer } from './badges.ts'
import { bootstrapControlPlane } from './bootstrap.ts'
import type { ControlPlane, ControlPlaneOptions } from './control-plane-options.ts'
import { notifyOnDemand } from './notify-on-demand.ts'
import { startEngine } from './running-engine.ts'
import { servedApplicationSets } from './served-application-sets.ts'
import { engineClusters } from './served-clusters.ts'
import { createServerContext, type ServerContextOptions } from './server-context.ts'
import { createDefaultsAnswerer } from '../server/status/page-defaults.ts'
import { statusAnswerer } from './status.ts'
import { createSingleSignOn } from './single-sign-on.ts'
import { startStages, type Stages } from './stages.ts'
import { Started } from './started.ts'
import { VERSION } from './version.ts'
import { type MovedSources, startWebhooks } from './webhooks.ts'

export type { ControlPlane, ControlPlaneOptions } from './control-plane-options.ts'

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

async function start(options: ControlPlaneOptions, started: Started): Promise<ControlPlane> {
  const front = started.add(await openFront(options), (opened) => opened.close())
  await bootstrapControlPlane(options)
  const stages = await startStages(options, started)
  const { engine, lua } = await startEngine(options, stages, started)
  startApplicationSets(options, stages, started)
  started.add(notifyOnDemand(options, stages, true), (stop) => stop())
  const maskedAnnotations = (): ReadonlySet<string> => new Set(stages.state.settings().resources.maskedAnnotations)
  const views = createViews(engine, { maskedAnnotations })
  serveApi({ options, stages, started, front, engine }, { views, destinations: engineClusters(engine), lua })
  return { url: front.url, applications: stages.followed.applications, stop: () => started.stop() }
}

/** What a process that answers people and clients has started before it does. */
export interface Serving {
  readonly options: ControlPlaneOptions
  readonly stages: Stages
  readonly started: Started
  readonly front: Front
  /** Absent where controllers run elsewhere. */
  readonly engine?: MovedSources
}

/** Answers from now on; what is told of applications and clusters comes from this process' engine or from controllers elsewhere. */
export function serveApi(
  { options, stages, started, front, engine }: Serving,
  told: Pick<ServerContextOptions, 'views' | 'destinations' | 'lua'>,
): void {
  const { client, clock, log } = options
  const { followed, state, sources, desired, plugins, access } = stages
  const events = started.add(createEventRecorder({ client, clock, log, component: 'argocd-server' }), (made) =>
    made.flush(),
  )
  const signOn = createSingleSignOn({ state, clock, log })
  const context = createServerContext({
    ...options,
    ...told,
    federated: signOn.federated,
    applications: followed.applications,
    projects: followed.projects,
    applicationSets: servedApplicationSets(options, stages),
    state,
    git: sources,
    access,
    desired,
    events,
    ...(stages.allowsNamespace === undefined ? {} : { allowsNamespace: stages.allowsNamespace }),
    ...(plugins === undefined ? {} : { plugins }),
  })
  const parameter = (name: string): string => serverParameter(options, context.store, name)
  const certificates = createCertificates({ ...context, isInsecure: () => parameter('insecure') === 'true' })
  const rootPath = parameter('rootpath')
  // As upstream: a root path is the base, too.
  const base = rootPath === '' ? parameter('basehref') : rootPath
  const terminals = lazyTerminals(context)
  const answerers = {
    '/api/webhook': startWebhooks({ options, stages, started, engine }),
    '/api/badge': badgeAnswerer(options, stages),
    '/api/capstan/status': statusAnswerer(context),
    '/api/capstan/page': createDefaultsAnswerer(context.store),
    ...signOn.answerers(context, base),
    '/swagger.json': async (_request: IncomingMessage, response: ServerResponse) => sendSwagger(response, base),
    '/terminal': (request: IncomingMessage, response: ServerResponse) => terminals.answer(request, response),
  }
  const upgraders = { '/terminal': (request: IncomingMessage, wire: Wire) => terminals.upgrade(request, wire) }
  front.serve(context, { certificates, rootPath, base, answerers, upgraders })
}

/** What the API looks like, for programs that make clients of it; the same for everybody. */
async function sendSwagger(response: ServerResponse, base: string): Promise<void> {
  const { swaggerDocument } = await import('../api/swagger.ts')
  const basePath = `/${base.replace(/^\/+|\/+$/g, '')}`
  response.writeHead(200, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' })
  response.end(JSON.stringify(swaggerDocument({ version: VERSION, basePath })))
}

/** Loaded with the first terminal that is asked for. */
function lazyTerminals(context: ServerContext): Terminals {
  let made: Promise<Terminals> | undefined
  const load = async (): Promise<Terminals> => {
    const { createTerminals } = await import('../server/terminal/open-terminal.ts')
    return createTerminals(context)
  }
  const terminals = (): Promise<Terminals> => (made ??= load())
  return {
    answer: async (request, response) => (await terminals()).answer(request, response),
    upgrade: async (request, wire) => (await terminals()).upgrade(request, wire),
  }
}

/** The server's settings that flags name. */
export function serverParametersOf(flags: {
  readonly insecure?: boolean
  readonly rootpath?: string
  readonly basehref?: string
}): Readonly<Record<string, string>> {
  const { insecure, rootpath, basehref } = flags
  return {
    ...(insecure === true ? { insecure: 'true' } : {}),
    ...(rootpath === undefined ? {} : { rootpath }),
    ...(basehref === undefined ? {} : { basehref }),
  }
}

/** A setting of the server: a flag's, else the environment's, else that of argocd-cmd-params-cm, as upstream has it. */
function serverParameter({ serverParameters }: ControlPlaneOptions, store: SettingsStore, name: string): string {
  const told = serverParameters?.[name] ?? process.env[`ARGOCD_SERVER_${name.toUpperCase()}`]
  if (told !== undefined && told !== '') return told
  const configMap = store.find('ConfigMap', 'argocd-cmd-params-cm')
  return (configMap === undefined ? undefined : readConfigMap(configMap).text(`server.${name}`)) ?? ''
}

/** Opens the port first: a taken one is told before anything is written, and `/healthz` answers while the rest starts. */
export async function openFront({ port, address, log }: ControlPlaneOptions): Promise<Front> {
  return startFront({ port, address, log, page: pageFiles(PAGE) })
}
