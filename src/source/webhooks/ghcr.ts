// Webhooks of GitHub's container registry: images and charts that were published.
import type { Secret } from '../../base/secret.ts'
import { type Forge, type WebhookBody, type WebhookCall, readJson } from './forge.ts'
import { at, textAt } from './payload.ts'
import { isSigned } from './proof.ts'
import { IGNORED, refused, told, type WebhookResult } from './webhook-event.ts'

/** Signed with the secret of GitHub; unlike a forge's its bad signature is answered 401. */
export const ghcr: Forge = {
  name: 'GHCR',
  isMine: (call) => call.header('x-github-event') === 'package',
  open:
    (call, { github: secret }) =>
    (body) =>
      openBody(call, body, secret),
}

function openBody(call: WebhookCall, body: WebhookBody, secret: Secret | undefined): WebhookResult {
  const bytes = body ?? Buffer.alloc(0)
  if (secret !== undefined) {
    const signature = call.header('x-hub-signature-256')
    if (signature === '') return unauthorized('missing X-Hub-Signature-256 header')
    const isPrefixed = signature.startsWith('sha256=')
    if (!isPrefixed || !isSigned(bytes, signature.slice('sha256='.length), secret)) {
      return unauthorized('signature mismatch')
    }
  }
  return body === undefined ? refused('the payload is empty or too long') : readJson(body, readPackage)
}

function readPackage(payload: unknown): WebhookResult {
  const published = at(payload, 'package')
  const tag = textAt(published, 'package_version', 'container_metadata', 'tag', 'name')
  const isContainer = textAt(published, 'package_type').toLowerCase() === 'container'
  if (textAt(payload, 'action') !== 'published' || !isContainer || tag === '') return IGNORED
  const repository = `${textAt(published, 'owner', 'login')}/${textAt(published, 'name')}`
  return told({ kind: 'artifact', registry: 'ghcr.io', repository, tag })
}

function unauthorized(reason: string): WebhookResult {
  return { outcome: 'unauthorized', reason: `HMAC verification failed: ${reason}` }
}
