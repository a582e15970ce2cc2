// Settings of webhooks: their secrets in argocd-secret, and what argocd-cm says of payloads and refreshes.
import { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseDurationMs } from '../lang/go/time/duration.ts'
import { parseControlPlaneSecret, type WebhookSecrets } from './control-plane-secret.ts'
import { readConfigMap, type MapReader } from './map-reader.ts'

export interface WebhookSettings {
  readonly secrets: WebhookSecrets
  readonly maxPayloadMegabytes: number
  /** Refreshes beyond the threshold wait for a random part of this; 0: none waits. */
  readonly refreshJitterMs: number
  /** Applications that one event refreshes without waiting. */
  readonly refreshJitterThreshold: number
}

const DEFAULT_PAYLOAD_MEGABYTES = 50
const DEFAULT_JITTER_THRESHOLD = 10

export interface WebhookSources {
  readonly configMap: KubeObject | undefined
  readonly secret: KubeObject | undefined
  /** The value behind `$key` and `$secret:key`. Throws where there is none. */
  readonly resolve: (reference: string) => string
  /** Told of what cannot be read; the default stands in for it. */
  readonly warn: (message: string) => void
}

/** Never throws: a webhook that cannot be set up must not take the others with it (argo-cd v3.5.1 `util/settings/settings.go`). */
export function parseWebhookSettings({ configMap, secret, resolve, warn }: WebhookSources): WebhookSettings {
  const reader = configMap === undefined ? undefined : readConfigMap(configMap)
  const number = (key: string, fallback: number, least: number): number => readNumber(reader, key, { fallback, least, warn }) // prettier-ignore
  return {
    secrets: secret === undefined ? {} : resolveSecrets(parseControlPlaneSecret(secret).webhooks, resolve, warn),
    maxPayloadMegabytes: number('webhook.maxPayloadSizeMB', DEFAULT_PAYLOAD_MEGABYTES, 1),
    refreshJitterMs: readJitter(reader, warn),
    refreshJitterThreshold: number('webhook.refresh.jitter.threshold', DEFAULT_JITTER_THRESHOLD, 0),
  }
}

/** A reference to nothing stays what it is, as upstream's: nobody knows that secret, so nothing passes. */
function resolveSecrets(
  secrets: WebhookSecrets,
  resolve: WebhookSources['resolve'],
  warn: WebhookSources['warn'],
): WebhookSecrets {
  const resolved = Object.entries(secrets).map(([name, value]: [string, Secret]) => {
    try {
      return [name, new Secret(resolve(value.reveal()))] as const
    } catch {
      warn(`the webhook secret ${name} refers to a key that does not exist: add it, or nothing is accepted`)
      return [name, value] as const
    }
  })
  return Object.fromEntries(resolved)
}

interface NumberRule {
  readonly fallback: number
  readonly least: number
  readonly warn: (message: string) => void
}

function readNumber(reader: MapReader | undefined, key: string, { fallback, least, warn }: NumberRule): number {
  const text = reader?.text(key)
  if (text === undefined) return fallback
  const value = Number(text)
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
  warn(`argocd-cm: key ${key} holds ${JSON.stringify(text)}: write a whole number from ${least}; ${fallback} is used`)
  return fallback
}

function readJitter(reader: MapReader | undefined, warn: WebhookSources['warn']): number {
  const text = reader?.text('webhook.refresh.jitter')
  if (text === undefined) return 0
  const duration = parseDurationMs(text.trim())
  if (duration !== undefined && duration >= 0) return duration
  warn(
    `argocd-cm: key webhook.refresh.jitter holds ${JSON.stringify(text)}: write a duration such as 30s; none is used`,
  )
  return 0
}
