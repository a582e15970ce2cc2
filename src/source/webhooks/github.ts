// Webhooks of GitHub: pushes, pull requests, and the ping that follows their setup.
import { type Forge, NOT_PARSED, openPost, readJson } from './forge.ts'
import { at, changedFilesOf, listAt, shortRevision, textAt } from './payload.ts'
import { isSigned } from './proof.ts'
import { IGNORED, refused, told, type WebhookResult } from './webhook-event.ts'

/** What of a pull request changes which there are, or what they are deployed from (upstream's githubAllowedPullRequestActions). */
const ACTIONS: ReadonlySet<string> = new Set(['opened', 'closed', 'synchronize', 'labeled', 'reopened', 'unlabeled'])

const READERS: Readonly<Record<string, (payload: unknown) => WebhookResult>> = {
  push: readPush,
  pull_request: readPullRequest,
  ping: () => IGNORED,
}

/** `package` events of the same header are the registry's. */
export const github: Forge = {
  name: 'GitHub',
  isMine: (call) => call.header('x-github-event') !== '' && call.header('x-github-event') !== 'package',
  open: (call, { github: secret }) =>
    openPost(call, () => {
      const event = call.header('x-github-event')
      const read = Object.hasOwn(READERS, event) ? READERS[event] : undefined
      if (read === undefined) return NOT_PARSED
      return (body) => {
        const signature = call.header('x-hub-signature-256')
        if (body !== undefined && secret !== undefined) {
          if (signature === '') return refused('missing X-Hub-Signature-256 Header')
          if (!isSigned(body, signature.replace(/^sha256=/, ''), secret)) return refused('HMAC verification failed')
        }
        return readJson(body, read)
      }
    }),
}

function readPush(payload: unknown): WebhookResult {
  const revision = shortRevision(textAt(payload, 'ref'))
  return told({
    kind: 'push',
    webUrls: [textAt(payload, 'repository', 'html_url')],
    revisions: [revision],
    touchedHead: textAt(payload, 'repository', 'default_branch') === revision,
    changedFiles: changedFilesOf(listAt(payload, 'commits')),
  })
}

function readPullRequest(payload: unknown): WebhookResult {
  if (!ACTIONS.has(textAt(payload, 'action'))) return IGNORED
  const repository = at(payload, 'repository')
  return told({
    kind: 'pull-request',
    forge: 'github',
    apiUrl: textAt(repository, 'url'),
    owner: textAt(repository, 'owner', 'login'),
    repository: textAt(repository, 'name'),
  })
}
