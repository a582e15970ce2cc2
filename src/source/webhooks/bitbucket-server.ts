// Webhooks of Bitbucket Server: changed refs, and the ping that tests the connection.
import { type Forge, NOT_PARSED, openPost, readJson } from './forge.ts'
import { at, listAt, shortRevision, textAt } from './payload.ts'
import { isSigned } from './proof.ts'
import { IGNORED, refused, told, type WebhookResult } from './webhook-event.ts'

const SIGNATURE_PREFIX = 'sha256='.length

export const bitbucketServer: Forge = {
  name: 'Bitbucket Server',
  isMine: (call) => call.header('x-event-key') !== '',
  open: (call, { bitbucketServer: secret }) =>
    openPost(call, () => {
      const event = call.header('x-event-key')
      if (event === 'diagnostics:ping') return IGNORED
      if (event !== 'repo:refs_changed') return NOT_PARSED
      return (body) => {
        if (body !== undefined && secret !== undefined) {
          const signature = call.header('x-hub-signature')
          if (signature === '') return refused('missing X-Hub-Signature Header')
          if (!isSigned(body, signature.slice(SIGNATURE_PREFIX), secret)) return refused('HMAC verification failed')
        }
        return readJson(body, readRefs)
      }
    }),
}

/** It tells neither the files nor the default branch: every application of the repository is looked at. */
function readRefs(payload: unknown): WebhookResult {
  return told({
    kind: 'push',
    webUrls: cloneUrls(payload),
    revisions: listAt(payload, 'changes').map((change) => shortRevision(textAt(change, 'ref', 'id'))),
    touchedHead: true,
    changedFiles: undefined,
  })
}

function cloneUrls(payload: unknown): readonly string[] {
  const links = at(payload, 'repository', 'links', 'clone')
  if (!Array.isArray(links)) return []
  return links
    .filter((link) => ['http', 'ssh'].includes(textAt(link, 'name')))
    .map((link) => textAt(link, 'href'))
    .filter((href) => href !== '')
}
