// Webhooks of Harbor: artifacts that were pushed. It signs nothing; the value of a header is its proof.
import { type Forge, readJson } from './forge.ts'
import { at, listAt, textAt } from './payload.ts'
import { isSameSecret } from './proof.ts'
import { IGNORED, refused, told, type WebhookResult } from './webhook-event.ts'

/** Without a secret nothing of Harbor is taken: its calls have no other mark. */
export const harbor: Forge = {
  name: 'Harbor',
  isMine(call, { harbor: secret }) {
    const given = call.header('authorization')
    return secret !== undefined && given !== '' && isSameSecret(given, secret.reveal())
  },
  open: () => (body) =>
    body === undefined ? refused('the payload is empty or too long') : readJson(body, readArtifact),
}

function readArtifact(payload: unknown): WebhookResult {
  if (textAt(payload, 'type') !== 'PUSH_ARTIFACT') return IGNORED
  for (const resource of listAt(payload, 'event_data', 'resources')) {
    const tag = textAt(resource, 'tag')
    const registry = registryOf(textAt(resource, 'resource_url'))
    if (tag === '' || registry === undefined) continue // pushed by digest alone
    const repository = repositoryOf(at(payload, 'event_data', 'repository'))
    if (repository === undefined) return refused('the payload names no repository')
    return told({ kind: 'artifact', registry, repository, tag })
  }
  return IGNORED
}

function repositoryOf(repository: unknown): string | undefined {
  const full = textAt(repository, 'repo_full_name')
  if (full !== '') return full
  const namespace = textAt(repository, 'namespace')
  const name = textAt(repository, 'name')
  return namespace === '' || name === '' ? undefined : `${namespace}/${name}`
}

/** `host:port/project/name:tag` → `host:port` */
function registryOf(resourceUrl: string): string | undefined {
  const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?<host>[^/?#]+)\/[^?#]/i.exec(resourceUrl)
  return match?.groups?.['host']
}
