// Service hooks of Azure DevOps: pushes and pull requests, with a user and a password for proof.
import type { WebhookSecrets } from '../../settings/control-plane-secret.ts'
import { type Forge, type WebhookCall, readJson } from './forge.ts'
import { at, listAt, shortRevision, textAt } from './payload.ts'
import { basicCredentials, isSameSecret } from './proof.ts'
import { IGNORED, refused, told, type WebhookResult } from './webhook-event.ts'

const READERS: Readonly<Record<string, (payload: unknown) => WebhookResult>> = {
  'git.push': readPush,
  'git.pullrequest.created': readPullRequest,
  'git.pullrequest.updated': readPullRequest,
  'git.pullrequest.merged': readPullRequest,
  'build.complete': () => IGNORED,
}

/** The kind of event stands in the body alone; the password is looked at before the method, as upstream does. */
export const azureDevOps: Forge = {
  name: 'Azure DevOps',
  isMine: (call) => call.header('x-vss-activityid') !== '',
  open(call, secrets) {
    if (!hasProof(call, secrets)) return refused('basic auth verification failed')
    if (call.method !== 'POST') return refused('invalid HTTP Method')
    return (body) => readJson(body, readEvent)
  },
}

function hasProof(
  call: WebhookCall,
  { azureDevOpsUsername: username, azureDevOpsPassword: password }: WebhookSecrets,
): boolean {
  if (username === undefined && password === undefined) return true
  const given = basicCredentials(call.header('authorization'))
  if (given === undefined) return false
  const isUser = isSameSecret(given.username, username?.reveal() ?? '')
  const isPassword = isSameSecret(given.password, password?.reveal() ?? '')
  return isUser && isPassword
}

function readEvent(payload: unknown): WebhookResult {
  const event = textAt(payload, 'eventType')
  const read = Object.hasOwn(READERS, event) ? READERS[event] : undefined
  return read === undefined ? refused(`unknown event ${event}`) : read(payload)
}

function readPush(payload: unknown): WebhookResult {
  const repository = at(payload, 'resource', 'repository')
  const names = listAt(payload, 'resource', 'refUpdates').map((update) => textAt(update, 'name'))
  return told({
    kind: 'push',
    webUrls: [textAt(repository, 'remoteUrl')],
    revisions: names.map(shortRevision),
    touchedHead: names.includes(textAt(repository, 'defaultBranch')),
    changedFiles: undefined, // not told
  })
}

function readPullRequest(payload: unknown): WebhookResult {
  const repository = at(payload, 'resource', 'repository')
  return told({
    kind: 'pull-request',
    forge: 'azure-devops',
    project: textAt(repository, 'project', 'name'),
    repository: textAt(repository, 'name'),
  })
}
