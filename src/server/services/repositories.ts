// repository.RepositoryService: registered repositories, and what an application form asks about one.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import { isSameRepository } from '../../settings/git-url.ts'
import { repositoryFor, type Repository } from '../../settings/repositories.ts'
import type { Call, ServiceHandlers } from '../context.ts'
import { objectField, requiredText, textField, type RequestFields } from './fields.ts'
import { isAllowed, requireAllowed } from './permissions.ts'

export const repositoryService: ServiceHandlers = {
  List: listRepositories,
  ListRepositories: listRepositories,
  Get: getRepository,
  ListRefs: listRefs,
  ListApps: listApps,
  GetAppDetails: getAppDetails,
}

async function listRepositories(_request: RequestFields, call: Call): Promise<unknown> {
  const permitted = call.context.repositories
    .registered()
    .repositories.filter((repository) => isAllowed(call, 'repositories', 'get', rbacName(repository)))
  return { metadata: {}, items: await Promise.all(permitted.map((repository) => describe(repository, call))) }
}

async function getRepository(request: RequestFields, call: Call): Promise<unknown> {
  const url = requiredText(request, 'repo')
  const registered = call.context.repositories.registered()
  const known = registered.repositories.some((repository) => isSameRepository(repository.url, url))
  const repository = repositoryFor(url, textField(request, 'appProject'), registered)
  requireAllowed(call, 'repositories', 'get', rbacName(repository))
  if (!known) throw new CapstanError('not-found', `repo '${url}' not found`)
  return describe(repository, call)
}

/** GET ~/repositories/{repo}/refs: branches and tags, for completion in the form. */
async function listRefs(
  request: RequestFields,
  call: Call,
): Promise<{ branches: readonly string[]; tags: readonly string[] }> {
  const url = permittedUrl(request, call)
  return call.context.repositories.refs(url, textField(request, 'appProject'), call.signal)
}

/** GET ~/repositories/{repo}/apps: folders that look like an application, with their kind. */
async function listApps(request: RequestFields, call: Call): Promise<unknown> {
  const url = permittedUrl(request, call)
  const items = await call.context.repositories.apps(
    { repoURL: url, targetRevision: textField(request, 'revision') },
    textField(request, 'appProject'),
    call.signal,
  )
  return { items }
}

/** POST ~/repositories/{source.repoURL}/appdetails: kind of a path, its values files and parameters. */
async function getAppDetails(request: RequestFields, call: Call): Promise<unknown> {
  const source = objectField(request, 'source')
  if (source === undefined) throw new CapstanError('bad-input', 'source: required')
  const url = permittedUrl({ ...request, repo: source['repoURL'] }, call)
  return call.context.repositories.details({ ...source, repoURL: url }, textField(request, 'appProject'), call.signal)
}

function permittedUrl(request: RequestFields, call: Call): string {
  const url = requiredText(request, 'repo')
  const repository = repositoryFor(url, textField(request, 'appProject'), call.context.repositories.registered())
  requireAllowed(call, 'repositories', 'get', rbacName(repository))
  return url
}

function rbacName({ project, url }: Repository): string {
  return project === '' ? url : `${project}/${url}`
}

/** Upstream's form, without the credentials; whether it answers is asked now. */
async function describe(repository: Repository, call: Call): Promise<Message<'Repository'>> {
  const { url, name, type, project, username, insecure, inheritedCreds } = repository
  return {
    repo: url,
    type,
    ...(name === undefined ? {} : { name }),
    ...(project === '' ? {} : { project }),
    ...(username === undefined ? {} : { username }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(inheritedCreds === undefined ? {} : { inheritedCreds }),
    connectionState: await connectionState(repository, call),
  }
}

async function connectionState({ url, project }: Repository, call: Call): Promise<Message<'ConnectionState'>> {
  const attemptedAt = new Date(call.context.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  try {
    await call.context.repositories.refs(url, project, call.signal)
    return { status: 'Successful', message: '', attemptedAt }
  } catch (error) {
    return { status: 'Failed', message: messageOf(error), attemptedAt }
  }
}
