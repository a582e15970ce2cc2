// The notification controller on the stages of this process.
import { LruCache } from '../base/lru.ts'
import { Metrics } from '../base/metrics.ts'
import { NotificationController } from '../controllers/notifications/notification-controller.ts'
import { Notifiers } from '../controllers/notifications/notifiers.ts'
import type { Application } from '../crds/application.ts'
import { describeSource } from '../desired/source-details.ts'
import { Informer } from '../kube/client/informer.ts'
import type { KubeObject } from '../kube/object.ts'
import { CONFIG_MAP, SECRET } from '../notifications/config.ts'
import type { AppDetails } from '../notifications/app-details.ts'
import type { SourceFacts } from '../notifications/functions.ts'
import { fieldsOf } from '../notifications/options.ts'
import { createEventRecorder } from '../reconcile/events.ts'
import { runAsLeader } from '../reconcile/leader-election.ts'
import { readConfigMap } from '../settings/map-reader.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import type { Stages } from './stages.ts'
import { Started } from './started.ts'
import { untilAborted } from './until-aborted.ts'

const LEASE = 'argocd-notifications-controller'
/** Threads of chats that are remembered. */
const MAX_REMEMBERED = 10_000

type Options = Pick<ControlPlaneOptions, 'client' | 'namespace' | 'clock' | 'log'>

/** Applications are looked after from now on. */
async function startNotifications(
  options: Options & { readonly metrics: Metrics },
  stages: Stages,
  started: Started,
): Promise<NotificationController> {
  const { client, namespace, clock, log } = options
  const { followed, access, state } = stages
  const isSelfService = isSelfServiceEnabled(stages, namespace)
  const maps = isSelfService ? await followEverywhere(options, started) : ownMaps(stages, namespace)
  const notifiers = new Notifiers({
    namespace,
    isSelfService,
    clock,
    log,
    find: maps.find,
    memory: new LruCache({ maxSize: MAX_REMEMBERED }),
    githubToken: (app, repoURL) => access.logins.githubToken(app, repoURL, () => ({})),
    certificatesOf: (host) =>
      state.tlsCertificates().get(host) ?? state.tlsCertificates().get(host.replace(/:\d+$/, '')),
    environment: process.env,
  })
  const events = started.add(createEventRecorder({ client, clock, log, component: LEASE }), (made) => made.flush())
  const controller = started.add(
    new NotificationController({
      client,
      applications: followed.applications,
      projects: followed.projects,
      notifiers,
      onConfigChange: maps.onChange,
      sourcesOf: (application) => sourcesOf(stages, application),
      events,
      metrics: options.metrics,
      clock,
      log,
      namespace,
    }),
    (made) => made.stop(),
  )
  controller.start()
  return controller
}

/** Sends until the signal. */
export async function runNotifications(options: ControlPlaneOptions, stages: Stages): Promise<void> {
  const started = new Started()
  // Each lead counts for itself: the figures of the last one are not this one's.
  const metrics = new Metrics()
  started.add(options.metrics?.include(metrics), async (leave) => {
    leave?.()
  })
  try {
    await startNotifications({ ...options, metrics }, stages, started)
    await untilAborted(options.signal)
  } finally {
    await started.stop()
  }
}

/** The same where several controllers share the applications: one of them sends, until the lead is lost or the signal. */
export async function leadNotifications(options: ControlPlaneOptions, stages: Stages, identity: string): Promise<void> {
  const { client, clock, log, namespace, signal } = options
  const lead = (leading: AbortSignal): Promise<void> => runNotifications({ ...options, signal: leading }, stages)
  await runAsLeader({ client, clock, log, namespace, name: LEASE, identity, signal, lead })
}

/** As upstream's manifests pass it on: argocd-cmd-params-cm or the environment. */
function isSelfServiceEnabled({ state }: Stages, namespace: string): boolean {
  const told = process.env['ARGOCD_NOTIFICATION_CONTROLLER_SELF_SERVICE_NOTIFICATION_ENABLED']
  const map = state.configMaps.get(namespace, 'argocd-cmd-params-cm')
  const written = map === undefined ? undefined : readConfigMap(map).text('notificationscontroller.selfservice.enabled')
  return (told ?? written) === 'true'
}

interface Maps {
  readonly find: (kind: 'ConfigMap' | 'Secret', namespace: string, name: string) => KubeObject | undefined
  readonly onChange: (listener: () => void) => () => void
}

/** Those of the control plane, which are followed anyway. */
function ownMaps({ state }: Stages, namespace: string): Maps {
  const { configMaps, secrets } = state
  return followed(configMaps, secrets, ({ metadata }) => metadata.namespace === namespace)
}

function followed(configMaps: Informer, secrets: Informer, concerns: (object: KubeObject) => boolean): Maps {
  const listen = (informer: Informer, name: string, listener: () => void): (() => void) =>
    informer.onChange(({ object }) => {
      if (object.metadata.name === name && concerns(object)) listener()
    })
  return {
    find: (kind, place, name) => (kind === 'Secret' ? secrets : configMaps).get(place, name),
    onChange: (listener) => {
      const ends = [listen(configMaps, CONFIG_MAP, listener), listen(secrets, SECRET, listener)]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}

/** Those of every namespace, by their names alone. */
async function followEverywhere({ client, clock, log }: Options, started: Started): Promise<Maps> {
  const follow = async (kind: string, name: string): Promise<Informer> => {
    const type = await client.resourceOf({ group: '', kind })
    if (type === undefined) throw new Error(`the cluster serves no ${kind}s`)
    const informer = new Informer({ client, type, clock, log, fieldSelector: `metadata.name=${name}` })
    started.add(informer, (running) => running.stop())
    informer.start()
    await informer.hasSynced
    return informer
  }
  const [configMaps, secrets] = await Promise.all([follow('ConfigMap', CONFIG_MAP), follow('Secret', SECRET)])
  return followed(configMaps, secrets, () => true)
}

function sourcesOf({ sources }: Stages, { spec }: Application): SourceFacts {
  return {
    commit: (repoURL, revision, project) =>
      sources.revisionMetadata({ repoURL, targetRevision: revision }, { project, revision, freshness: 'cached' }),
    async details() {
      const source = spec.sources?.[0] ?? spec.source ?? { repoURL: '' }
      const { tree } = await sources.open(source, { project: spec.project, freshness: 'cached' })
      const told = await describeSource(source, tree)
      const parameters = source.helm?.parameters ?? []
      const parameterOverrides = parameters.map(({ name = '', value = '' }) => ({ name, value }))
      return { type: '', ...fieldsOf(told), parameterOverrides } satisfies AppDetails
    },
  }
}
