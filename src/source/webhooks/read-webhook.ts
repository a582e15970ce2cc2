// From a call to what it tells: the forge whose headers it has checks its proof and reads its payload.
import { CapstanError } from '../../base/errors.ts'
import type { WebhookSecrets } from '../../settings/control-plane-secret.ts'
import { azureDevOps } from './azure-devops.ts'
import { bitbucketServer } from './bitbucket-server.ts'
import { bitbucket } from './bitbucket.ts'
import type { Forge, Opened, WebhookBody, WebhookCall } from './forge.ts'
import { ghcr } from './ghcr.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { gogs } from './gogs.ts'
import { harbor } from './harbor.ts'
import { refused, type WebhookResult } from './webhook-event.ts'

/** In upstream's order (argo-cd v3.5.1 `util/webhook/webhook.go` NewHandler): Gogs sends GitHub's headers, too. */
const FORGES: readonly Forge[] = [azureDevOps, gogs, github, gitlab, bitbucket, bitbucketServer, ghcr, harbor]

export interface OpenedWebhook {
  /** For the log: whose call it is. */
  readonly forge: string
  /** Settled by its headers, or to be given its body. */
  readonly opened: Opened
}

/** Undefined where no forge sends such headers. */
export function openWebhook(call: WebhookCall, secrets: WebhookSecrets): OpenedWebhook | undefined {
  const forge = FORGES.find((one) => one.isMine(call, secrets))
  if (forge === undefined) return undefined
  const opened = forge.open(call, secrets)
  if (typeof opened !== 'function') return { forge: forge.name, opened }
  return { forge: forge.name, opened: (body) => readBody(opened, body) }
}

/** A payload of another shape than its forge sends is refused. */
function readBody(read: (body: WebhookBody) => WebhookResult, body: WebhookBody): WebhookResult {
  try {
    return read(body)
  } catch (error) {
    if (error instanceof CapstanError) return refused(error.message)
    throw error
  }
}
