// repocreds.RepoCredsService: credentials for all repositories under a URL (server/repocreds/repocreds.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { isSameRepository } from '../../../settings/git-url.ts'
import { readSecret } from '../../../settings/map-reader.ts'
import { repositorySecretName, type RepositorySecretPrefix } from '../../../settings/names.ts'
import { parseCredentialTemplate, templateValues } from '../../../settings/repositories.ts'
import type { Call, Handler, ServiceHandlers } from '../../context.ts'
import { flagField, objectField, textField, type RequestFields } from '../fields.ts'
import { isAllowed, requireAllowed } from '../permissions.ts'
import { register } from './registry.ts'

interface Templates {
  readonly resource: 'repositories' | 'write-repositories'
  readonly secretType: string
  readonly prefix: RepositorySecretPrefix
}

const READ: Templates = { resource: 'repositories', secretType: 'repo-creds', prefix: 'creds' }
const WRITE: Templates = { resource: 'write-repositories', secretType: 'repo-write-creds', prefix: 'creds-write' }

export const repositoryCredentialsService: ServiceHandlers = {
  ListRepositoryCredentials: list(READ),
  ListWriteRepositoryCredentials: list(WRITE),
  CreateRepositoryCredentials: create(READ),
  CreateWriteRepositoryCredentials: create(WRITE),
  UpdateRepositoryCredentials: update(READ),
  UpdateWriteRepositoryCredentials: update(WRITE),
  DeleteRepositoryCredentials: remove(READ),
  DeleteWriteRepositoryCredentials: remove(WRITE),
}

/** URLs and user names; nothing secret. */
function list(templates: Templates): Handler {
  return async (_request, call) => {
    const items = call.context.store
      .secretsOfType(templates.secretType)
      .map(parseCredentialTemplate)
      .filter(({ url }) => isAllowed(call, templates.resource, 'get', url))
      .map(({ url, username = '', type, enableOCI = false }) => ({ url, username, type, enableOCI }))
    return { metadata: {}, items }
  }
}

function create(templates: Templates): Handler {
  return async (request, call) => {
    const message = messageOf(request)
    const url = textField(message, 'url')
    requireAllowed(call, templates.resource, 'create', url)
    if (url === '') throw new CapstanError('bad-input', 'must specify URL')
    const values = templateValues(message)
    const name = repositorySecretName(templates.prefix, url)
    const upsert = async (): Promise<void> => {
      requireAllowed(call, templates.resource, 'update', url)
      await replace(templates, values, call)
    }
    const isUpsert = flagField(request, 'upsert') === true
    const entry = { secretType: templates.secretType, name, values }
    await register(call, entry, { noun: 'repository credentials', upsert: isUpsert ? upsert : undefined })
    return { url }
  }
}

function update(templates: Templates): Handler {
  return async (request, call) => {
    const message = messageOf(request)
    const url = textField(message, 'url')
    requireAllowed(call, templates.resource, 'update', url)
    await replace(templates, templateValues(message), call)
    return { url }
  }
}

function remove(templates: Templates): Handler {
  return async (request, call) => {
    const url = textField(request, 'url')
    requireAllowed(call, templates.resource, 'delete', url)
    const secret = secretOf(templates, url, call)
    if (secret === undefined) throw new CapstanError('not-found', `repository credentials "${url}" not found`)
    await call.context.store.deleteSecret(secret, call.signal)
    return {}
  }
}

async function replace(templates: Templates, values: ReturnType<typeof templateValues>, call: Call): Promise<void> {
  const url = values['url'] ?? ''
  const secret = secretOf(templates, url, call)
  const { store } = call.context
  if (secret !== undefined) {
    return store.change('Secret', secret.metadata.name ?? '', () => ({ values }), call.signal)
  }
  const name = repositorySecretName(templates.prefix, url)
  await store.createSecret(name, templates.secretType, { values }, call.signal)
}

/** Only the very one: upstream also changes and deletes the template of a shorter URL, which nobody has named. */
function secretOf({ secretType }: Templates, url: string, call: Call): KubeObject | undefined {
  return call.context.store
    .secretsOfType(secretType)
    .find((secret) => isSameRepository(readSecret(secret).text('url') ?? '', url))
}

function messageOf(request: RequestFields): JsonObject {
  const message = objectField(request, 'creds')
  if (message === undefined) throw new CapstanError('bad-input', 'missing payload in request')
  return message
}
