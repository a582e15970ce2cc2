// Registers, changes and forgets repositories (server/repository/repository.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { isSameRepository } from '../../../settings/git-url.ts'
import { repositorySecretName } from '../../../settings/names.ts'
import {
  hasOwnCredentials,
  parseRepository,
  type Repository,
  repositoryFor,
  repositoryValues,
  withTemplate,
} from '../../../settings/repositories.ts'
import type { Call, Handler } from '../../context.ts'
import { flagField, objectField, requiredText, textField, type RequestFields } from '../fields.ts'
import { isAllowed, requireAllowed } from '../permissions.ts'
import { REGISTRY_TYPE } from '../../../settings/registries.ts'
import { findRegistry } from '../registries/find.ts'
import {
  asRegistryValues,
  createRegistry,
  deleteRegistry,
  isRegistryMessage,
  replaceRegistry,
  tryRegistry,
} from '../registries/write.ts'
import { findSecret, objectOf, register, type Registry } from './registry.ts'

/** POST ~/repositories (004-43): one that answers with the credentials given is kept; one of a project is not asked. */
export function createRepository(registry: Registry): Handler {
  return async (request, call) => {
    const message = messageOf(request)
    const [url, project] = [requiredText(message, 'repo'), textField(message, 'project')]
    if (isOfRegistry(registry, url, textField(message, 'type'))) {
      await createRegistry(call, asRegistryValues(repositoryValues(message)), flagField(request, 'upsert') === true)
      return { ...shown(message), type: REGISTRY_TYPE }
    }
    requireAllowed(call, registry.resource, 'create', objectOf(project, url))
    const values = repositoryValues(message)
    const repository = repositoryOf(values)
    if (registry.resource === 'write-repositories' && !hasOwnCredentials(repository)) {
      throw new CapstanError('bad-input', 'missing credentials in request')
    }
    if (project === '' || registry.resource === 'write-repositories') {
      const { templates } = registry.registered(call)
      await call.context.repositories.test(withTemplate(repository, templates), call.signal)
    }
    const isUpsert = flagField(request, 'upsert') === true
    const entry = { secretType: registry.secretType, name: repositorySecretName(registry.prefix, url, project), values }
    const upsert = isUpsert ? () => replace(registry, values, call) : undefined
    await register(call, entry, { noun: registry.noun, upsert })
    return shown(message)
  }
}

/** PUT ~/repositories/{repo.repo}: may move it to another project, which needs the right in both. */
export function updateRepository(registry: Registry): Handler {
  return async (request, call) => {
    const message = messageOf(request)
    const [url, project] = [requiredText(message, 'repo'), textField(message, 'project')]
    if (isOfRegistry(registry, url, textField(message, 'type'))) {
      const values = asRegistryValues(repositoryValues(message))
      const address = values['url'] ?? ''
      requireAllowed(call, registry.resource, 'update', objectOf(project, address))
      await tryRegistry(call, values)
      await replaceRegistry(call, values)
      return { ...shown(message), type: REGISTRY_TYPE }
    }
    const current = repositoryFor(url, project, registry.registered(call))
    requireAllowed(call, registry.resource, 'update', objectOf(current.project, current.url))
    requireAllowed(call, registry.resource, 'update', objectOf(project, url))
    await replace(registry, repositoryValues(message), call)
    return shown(message)
  }
}

export function deleteRepository(registry: Registry): Handler {
  return async (request, call) => {
    const found = isRead(registry)
      ? findRegistry(call, textField(request, 'repo'), textField(request, 'appProject'))
      : undefined
    if (found !== undefined) {
      await deleteRegistry(call, found)
      return {}
    }
    const { url, project } = findPermitted(registry, request, call)
    requireAllowed(call, registry.resource, 'delete', objectOf(project, url))
    const secret = findSecret(call, registry, { url, project })
    if (secret === undefined) throw new CapstanError('not-found', `repository "${url}" not found`)
    await call.context.store.deleteSecret(secret, call.signal)
    return {}
  }
}

/** POST ~/repositories/{repo}/validate: asks, and keeps nothing. */
export function validateAccess(registry: Registry): Handler {
  return async (request, call) => {
    const [url, project] = [requiredText(request, 'repo'), textField(request, 'project')]
    const { enableOci, insecureOciForceHttp } = request
    const values = repositoryValues({ ...request, enableOCI: enableOci, insecureOCIForceHttp: insecureOciForceHttp })
    if (isOfRegistry(registry, url, textField(request, 'type'))) {
      const registryValues = asRegistryValues(values)
      requireAllowed(call, registry.resource, 'create', objectOf(project, registryValues['url'] ?? ''))
      await tryRegistry(call, registryValues)
      return {}
    }
    requireAllowed(call, registry.resource, 'create', objectOf(project, url))
    const repository = repositoryOf(values)
    const { templates } = registry.registered(call)
    await call.context.repositories.test(
      isRead(registry) ? withTemplate(repository, templates) : repository,
      call.signal,
    )
    return {}
  }
}

function isRead({ resource }: Registry): boolean {
  return resource === 'repositories'
}

/** Nothing is written to a registry of images: only what is read may be one. */
function isOfRegistry(registry: Registry, url: string, type: string): boolean {
  return isRead(registry) && isRegistryMessage(url, type)
}

/**
 * The one repository a URL means to this caller: the only one there is where no project is named, else that of the project.
 * What the caller may not see is not told apart from what is not there.
 */
export function findPermitted(registry: Registry, request: RequestFields, call: Call): Repository {
  const [url, project] = [textField(request, 'repo'), textField(request, 'appProject')]
  const found = registry
    .registered(call)
    .repositories.filter((one) => isSameRepository(one.url, url))
    .filter((one) => isAllowed(call, registry.resource, 'get', objectOf(one.project, one.url)))
  if (found.length === 0) throw new CapstanError('forbidden', 'permission denied')
  const only = found.length === 1 && project === '' ? found[0] : found.find((one) => one.project === project)
  if (only !== undefined) return only
  throw new CapstanError('unknown', `repository not found for url "${url}" and project "${project}"`)
}

async function replace(registry: Registry, values: ReturnType<typeof repositoryValues>, call: Call): Promise<void> {
  const [url, project] = [values['url'] ?? '', values['project'] ?? '']
  const secret = findSecret(call, registry, { url, project })
  const { store } = call.context
  const { secretType, prefix } = registry
  if (secret === undefined) {
    return store.createSecret(repositorySecretName(prefix, url, project), secretType, { values }, call.signal)
  }
  await store.change('Secret', secret.metadata.name ?? '', () => ({ values }), call.signal)
}

function messageOf(request: RequestFields): JsonObject {
  const message = objectField(request, 'repo')
  if (message === undefined) throw new CapstanError('bad-input', 'missing payload in request')
  return message
}

/** As the settings read it; throws `bad-input` naming what is wrong. */
function repositoryOf(values: ReturnType<typeof repositoryValues>): Repository {
  const metadata = { name: 'request' }
  const stringData = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData }
  return parseRepository(secret)
}

function shown({ repo = '', type, name }: JsonObject): object {
  return { repo, ...(type === undefined ? {} : { type }), ...(name === undefined ? {} : { name }) }
}
