// What argocd-secret holds for the server beside accounts: its signing key, certificate and the secrets of webhooks.
import type { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import { readSecret } from './map-reader.ts'

export interface ControlPlaneSecret {
  /** Signs session tokens; absent before the first start. */
  readonly signingKey?: Secret
  /** PEM. */
  readonly tlsCertificate?: string
  readonly tlsKey?: Secret
  readonly webhooks: WebhookSecrets
}

/** Absent: the provider's calls are not checked. */
export interface WebhookSecrets {
  readonly github?: Secret
  readonly gitlab?: Secret
  readonly bitbucketUuid?: Secret
  readonly bitbucketServer?: Secret
  readonly gogs?: Secret
  readonly harbor?: Secret
  readonly azureDevOpsUsername?: Secret
  readonly azureDevOpsPassword?: Secret
}

const WEBHOOK_KEYS: Readonly<Record<keyof WebhookSecrets, string>> = {
  github: 'webhook.github.secret',
  gitlab: 'webhook.gitlab.secret',
  bitbucketUuid: 'webhook.bitbucket.uuid',
  bitbucketServer: 'webhook.bitbucketserver.secret',
  gogs: 'webhook.gogs.secret',
  harbor: 'webhook.harbor.secret',
  azureDevOpsUsername: 'webhook.azuredevops.username',
  azureDevOpsPassword: 'webhook.azuredevops.password',
}

/** Reads argocd-secret (argo-cd v3.5.1 `util/settings/settings.go`). */
export function parseControlPlaneSecret(secret: KubeObject): ControlPlaneSecret {
  const reader = readSecret(secret)
  const signingKey = reader.secret('server.secretkey')
  const tlsCertificate = reader.text('tls.crt')
  const tlsKey = reader.secret('tls.key')
  const webhooks = Object.entries(WEBHOOK_KEYS).flatMap(([name, key]) => {
    const value = reader.secret(key)
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...(signingKey === undefined ? {} : { signingKey }),
    ...(tlsCertificate === undefined ? {} : { tlsCertificate }),
    ...(tlsKey === undefined ? {} : { tlsKey }),
    webhooks: Object.fromEntries(webhooks),
  }
}
