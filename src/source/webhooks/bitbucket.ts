// Webhooks of Bitbucket Cloud: pushes.
import { type Forge, NOT_PARSED, openPost, readJson } from './forge.ts'
import { listAt, textAt } from './payload.ts'
import { isSameSecret } from './proof.ts'
import { refused, told, type WebhookResult } from './webhook-event.ts'

/** The identifier of the webhook stands for a secret: nothing is signed. */
export const bitbucket: Forge = {
  name: 'Bitbucket',
  isMine: (call) => call.header('x-hook-uuid') !== '',
  open: (call, { bitbucketUuid }) =>
    openPost(call, () => {
      const event = call.header('x-event-key')
      if (event === '') return refused('missing X-Event-Key Header')
      if (bitbucketUuid !== undefined && !isSameSecret(call.header('x-hook-uuid'), bitbucketUuid.reveal())) {
        return refused('UUID verification failed')
      }
      return event === 'repo:push' ? (body) => readJson(body, readPush) : NOT_PARSED
    }),
}

/** It tells neither the files nor the default branch: every application of the repository is looked at. */
function readPush(payload: unknown): WebhookResult {
  const changes = listAt(payload, 'push', 'changes')
  return told({
    kind: 'push',
    webUrls: [textAt(payload, 'repository', 'links', 'html', 'href')],
    // A ref that is gone has no `new`.
    revisions: changes.map((change) => textAt(change, 'new', 'name') || textAt(change, 'old', 'name')),
    touchedHead: true,
    changedFiles: undefined,
  })
}
