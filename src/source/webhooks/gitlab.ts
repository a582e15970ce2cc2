// Webhooks of GitLab: pushes, tags and merge requests, of a project or of the whole system.
import { type Forge, NOT_PARSED, openPost, readJson } from './forge.ts'
import { changedFilesOf, listAt, numberAt, shortRevision, textAt } from './payload.ts'
import { isSameSecret } from './proof.ts'
import { IGNORED, refused, told, type WebhookResult } from './webhook-event.ts'

/** Upstream's gitlabAllowedPullRequestActions. */
const ACTIONS: ReadonlySet<string> = new Set(['open', 'close', 'reopen', 'update', 'merge'])

const READERS: Readonly<Record<string, (payload: unknown) => WebhookResult>> = {
  'Push Hook': readPush,
  'Tag Push Hook': readPush,
  'Merge Request Hook': readMergeRequest,
  'System Hook': readSystemEvent,
}

/** What a hook of the whole system is about. */
const SYSTEM_READERS: Readonly<Record<string, (payload: unknown) => WebhookResult>> = {
  push: readPush,
  tag_push: readPush,
  merge_request: readMergeRequest,
}

export const gitlab: Forge = {
  name: 'GitLab',
  isMine: (call) => call.header('x-gitlab-event') !== '',
  open: (call, { gitlab: secret }) =>
    openPost(call, () => {
      if (secret !== undefined && !isSameSecret(call.header('x-gitlab-token'), secret.reveal())) {
        return refused('X-Gitlab-Token validation failed')
      }
      const event = call.header('x-gitlab-event')
      const read = Object.hasOwn(READERS, event) ? READERS[event] : undefined
      return read === undefined ? NOT_PARSED : (body) => readJson(body, read)
    }),
}

function readPush(payload: unknown): WebhookResult {
  const revision = shortRevision(textAt(payload, 'ref'))
  return told({
    kind: 'push',
    webUrls: [textAt(payload, 'project', 'web_url')],
    revisions: [revision],
    touchedHead: textAt(payload, 'project', 'default_branch') === revision,
    changedFiles: changedFilesOf(listAt(payload, 'commits')),
  })
}

function readMergeRequest(payload: unknown): WebhookResult {
  if (!ACTIONS.has(textAt(payload, 'object_attributes', 'action'))) return IGNORED
  const url = URL.parse(textAt(payload, 'project', 'web_url'))
  return told({
    kind: 'pull-request',
    forge: 'gitlab',
    host: url?.hostname ?? '',
    projectId: numberAt(payload, 'object_attributes', 'target_project_id'),
  })
}

/** Events about users, keys and groups concern nobody here. */
function readSystemEvent(payload: unknown): WebhookResult {
  for (const name of [textAt(payload, 'object_kind'), textAt(payload, 'event_name')]) {
    const read = Object.hasOwn(SYSTEM_READERS, name) ? SYSTEM_READERS[name] : undefined
    if (read !== undefined) return read(payload)
  }
  return IGNORED
}
