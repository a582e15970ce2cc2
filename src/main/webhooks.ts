// Webhooks of this process: their settings, what they look through, and how controllers are told.
import { annotateApplicationSet, annotateRefresh } from '../server/webhook/annotate.ts'
import type { WebhookAnswerer } from '../server/webhook/answer-webhook.ts'
import type { MovedSource } from '../server/webhook/refresh-plan.ts'
import { createWebhookMetrics, type WebhookMetrics } from '../server/webhook/webhook-metrics.ts'
import type { WebhookEffects, Webhooks, WebhooksOptions } from '../server/webhook/webhooks.ts'
import { resolveReference } from '../settings/control-plane.ts'
import { readSecret } from '../settings/map-reader.ts'
import { parseWebhookSettings, type WebhookSettings } from '../settings/webhooks.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import type { ControlPlaneState } from './control-plane-state.ts'
import type { Stages } from './stages.ts'
import type { Started } from './started.ts'

/** What looks after applications in this process; absent where controllers run elsewhere. */
export interface MovedSources {
  onSourceMoved(repoURL: string): void
}

export interface WebhookParts {
  readonly options: ControlPlaneOptions
  readonly stages: Stages
  readonly started: Started
  readonly engine?: MovedSources | undefined
}

/** Answers POST /api/webhook from now on, for applications and ApplicationSets alike. What reads payloads is loaded with the first. */
export function startWebhooks(parts: WebhookParts): WebhookAnswerer {
  const { metrics } = parts.options
  const running: { webhooks?: Webhooks } = {}
  const told = metrics === undefined ? undefined : createWebhookMetrics(metrics, () => running.webhooks?.waiting ?? 0)
  let loading: Promise<WebhookAnswerer> | undefined
  const load = async (): Promise<WebhookAnswerer> => {
    const [{ Webhooks: Made }, { createWebhookAnswerer }] = await Promise.all([
      import('../server/webhook/webhooks.ts'),
      import('../server/webhook/answer-webhook.ts'),
    ])
    const settings = followSettings(parts.stages.state, parts.options)
    const webhooks = new Made(webhooksOptions(parts, settings, told))
    running.webhooks = webhooks
    parts.started.add(webhooks, (made) => made.close())
    const { log } = parts.options
    return createWebhookAnswerer({ settings, offer: (event) => webhooks.offer(event), log })
  }
  return async (request, response) => (await (loading ??= load()))(request, response)
}

function webhooksOptions(
  { options, stages, engine }: WebhookParts,
  settings: () => WebhookSettings,
  metrics: WebhookMetrics | undefined,
): WebhooksOptions {
  const { clock, log } = options
  const { followed, applicationSets } = stages
  return {
    settings,
    applications: () => followed.applications.list(),
    applicationSets: () => applicationSets.followed.sets.list(),
    effects: effectsOf(options, stages, engine),
    ...(metrics === undefined ? {} : { metrics }),
    clock,
    log,
    random: Math.random,
  }
}

/** A controller in this process is told at once; one elsewhere by an application it looks after, whose refresh finds the ref moved. */
function effectsOf(
  { client }: ControlPlaneOptions,
  { sources }: Stages,
  engine: MovedSources | undefined,
): WebhookEffects {
  const refreshApplication: WebhookEffects['refreshApplication'] = (application, signal) =>
    annotateRefresh(application, { client, signal })
  const lookHere = async ({ repoURL, project }: MovedSource, signal: AbortSignal): Promise<void> => {
    try {
      await sources.listRefs(repoURL, project, signal)
    } finally {
      // Also where it cannot be read: the applications say why.
      if (!signal.aborted) engine?.onSourceMoved(repoURL)
    }
  }
  const lookElsewhere = async ({ followers }: MovedSource, signal: AbortSignal): Promise<void> => {
    for (const follower of followers) await refreshApplication({ ...follower, isHydrated: false }, signal)
  }
  return {
    sourceMoved: engine === undefined ? lookElsewhere : lookHere,
    refreshApplication,
    refreshApplicationSet: (applicationSet, signal) => annotateApplicationSet(applicationSet, { client, signal }),
  }
}

/** Read again only when a Secret or argocd-cm has changed. */
function followSettings(state: ControlPlaneState, { namespace, log }: ControlPlaneOptions): () => WebhookSettings {
  let known: WebhookSettings | undefined
  const forget = (): void => {
    known = undefined
  }
  // Both informers end with the state, and these listeners with them.
  state.secrets.onChange(forget)
  state.configMaps.onChange(forget)
  const lookUp: Parameters<typeof resolveReference>[1] = (name) => {
    const secret = state.secrets.get(namespace, name)
    return secret === undefined ? undefined : { reader: readSecret(secret), labels: secret.metadata.labels ?? {} }
  }
  return () =>
    (known ??= parseWebhookSettings({
      configMap: state.configMaps.get(namespace, 'argocd-cm'),
      secret: state.secrets.get(namespace, 'argocd-secret'),
      resolve: (reference) => resolveReference(reference, lookUp),
      warn: (message) => log.warn(message),
    }))
}
