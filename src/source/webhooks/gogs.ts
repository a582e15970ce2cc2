// Webhooks of Gogs, and of Gitea and Forgejo, which send the same headers: pushes.
import { type Forge, NOT_PARSED, openPost, readJson } from './forge.ts'
import { at, changedFilesOf, listAt, shortRevision, textAt } from './payload.ts'
import { isSigned } from './proof.ts'
import { refused, told, type WebhookResult } from './webhook-event.ts'

export const gogs: Forge = {
  name: 'Gogs',
  isMine: (call) => call.header('x-gogs-event') !== '',
  open: (call, { gogs: secret }) =>
    openPost(call, () => {
      if (call.header('x-gogs-event') !== 'push') return NOT_PARSED
      return (body) => {
        if (body !== undefined && secret !== undefined) {
          const signature = call.header('x-gogs-signature')
          if (signature === '') return refused('missing X-Gogs-Signature Header')
          if (!isSigned(body, signature, secret)) return refused('HMAC verification failed')
        }
        return readJson(body, readPush)
      }
    }),
}

function readPush(payload: unknown): WebhookResult {
  const revision = shortRevision(textAt(payload, 'ref'))
  const repository = at(payload, 'repository')
  return told({
    kind: 'push',
    webUrls: repository === undefined ? [] : [textAt(repository, 'html_url')],
    revisions: [revision],
    touchedHead: repository !== undefined && textAt(repository, 'default_branch') === revision,
    changedFiles: changedFilesOf(listAt(payload, 'commits')),
  })
}
