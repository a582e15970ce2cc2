// repository.RepositoryService: registered repositories, and what an application form asks about one (server/repository/repository.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import type { Message } from '../../../crds/message-type.ts'
import { isSourcePermitted } from '../../../policy/project-rules.ts'
import type { RegistryCredential } from '../../../settings/registry-credential.ts'
import { repositoryFor, type Repository, withTemplate } from '../../../settings/repositories.ts'
import type { Call, Handler, ServiceHandlers } from '../../context.ts'
import { flagField, objectField, requiredText, textField, type RequestFields } from '../fields.ts'
import { isAllowed, requireAllowed } from '../permissions.ts'
import { registryAsRepository, registryState } from '../registries/describe.ts'
import { findRegistry, permittedRegistries } from '../registries/find.ts'
import { describeFields } from './describe.ts'
import { isKnownSource } from './known-source.ts'
import { objectOf, READ, type Registry, WRITE } from './registry.ts'
import { createRepository, deleteRepository, findPermitted, updateRepository, validateAccess } from './write.ts'

/** Old and new names of the same calls stand side by side, as upstream has both. */
export const repositoryService: ServiceHandlers = {
  List: list(READ),
  ListRepositories: list(READ),
  ListWriteRepositories: list(WRITE),
  Get: get(READ),
  GetWrite: get(WRITE),
  ListRefs: listRefs,
  ListOCITags: listTags,
  ListApps: listApps,
  GetAppDetails: getAppDetails,
  GetHelmCharts: getCharts,
  Create: createRepository(READ),
  CreateRepository: createRepository(READ),
  CreateWriteRepository: createRepository(WRITE),
  Update: updateRepository(READ),
  UpdateRepository: updateRepository(READ),
  UpdateWriteRepository: updateRepository(WRITE),
  Delete: deleteRepository(READ),
  DeleteRepository: deleteRepository(READ),
  DeleteWriteRepository: deleteRepository(WRITE),
  ValidateAccess: validateAccess(READ),
  ValidateWriteAccess: validateAccess(WRITE),
}

function list(registry: Registry): Handler {
  return async (request, call) => {
    const isFresh = flagField(request, 'forceRefresh') === true
    const permitted = registry
      .registered(call)
      .repositories.filter(({ project, url }) => isAllowed(call, registry.resource, 'get', objectOf(project, url)))
      .toSorted((a, b) => (`${a.project}/${a.url}` < `${b.project}/${b.url}` ? -1 : 1))
    const described = permitted.map((one) => describe(registry, one, { call, isFresh }))
    const registries = registry === READ ? permittedRegistries(call).filter(({ source }) => !source.isAdopted) : []
    const others = registries.map((one) => describeAsRepository(one, { call, isFresh }))
    return { metadata: {}, items: await Promise.all([...described, ...others]) }
  }
}

function get(registry: Registry): Handler {
  return async (request, call) => {
    const found =
      registry === READ ? findRegistry(call, textField(request, 'repo'), textField(request, 'appProject')) : undefined
    const isFresh = flagField(request, 'forceRefresh') === true
    if (found !== undefined) return describeAsRepository(found, { call, isFresh })
    return describe(registry, findPermitted(registry, request, call), { call, isFresh })
  }
}

/** GET ~/repositories/{repo}/refs: branches and tags, for completion in the form. */
async function listRefs(request: RequestFields, call: Call): Promise<object> {
  const { url } = permittedRepository(request, call)
  return call.context.repositories.refs(url, textField(request, 'appProject'), call.signal)
}

async function listTags(request: RequestFields, call: Call): Promise<object> {
  const repository = permittedRepository(request, call)
  return { branches: [], tags: await call.context.repositories.tags(repository, call.signal) }
}

async function getCharts(request: RequestFields, call: Call): Promise<object> {
  const repository = permittedRepository(request, call)
  return { items: await call.context.repositories.charts(repository, call.signal) }
}

/** GET ~/repositories/{repo}/apps: folders that look like an application, with their kind. */
async function listApps(request: RequestFields, call: Call): Promise<object> {
  const { url } = permittedRepository(request, call)
  const [project, name] = [textField(request, 'appProject'), textField(request, 'appName')]
  const mayUse = ['create', 'update'].some((action) => isAllowed(call, 'applications', action, `${project}/${name}`))
  if (!mayUse) throw new CapstanError('forbidden', 'permission denied')
  requirePermittedSource(url, project, call)
  const location = { repoURL: url, targetRevision: textField(request, 'revision') }
  return { items: await call.context.repositories.apps(location, project, call.signal) }
}

/** POST ~/repositories/{source.repoURL}/appdetails: kind of a path, its values files and parameters. */
async function getAppDetails(request: RequestFields, call: Call): Promise<unknown> {
  const source = objectField(request, 'source')
  if (source === undefined) throw new CapstanError('bad-input', 'missing payload in request')
  const { url } = permittedRepository({ ...request, repo: source['repoURL'] }, call)
  const [project, name] = [textField(request, 'appProject'), textField(request, 'appName')]
  requireAllowed(call, 'applications', 'get', `${project}/${name}`)
  const application = applicationOf(name, call)
  if (application === undefined) requireAllowed(call, 'applications', 'create', `${project}/${name}`)
  else if ((application.spec.project || 'default') !== project || !isKnownSource(application, source)) {
    throw new CapstanError('forbidden', 'permission denied')
  }
  requirePermittedSource(url, project, call)
  return call.context.repositories.details({ ...source, repoURL: url }, project, call.signal)
}

function applicationOf(name: string, call: Call): ReturnType<Call['context']['applications']['get']> {
  const [first = '', ...rest] = name.split('/')
  const [namespace, plain] = rest.length === 0 ? [call.context.namespace, first] : [first, rest.join('/')]
  return call.context.applications.get(namespace, plain)
}

function permittedRepository(request: RequestFields, call: Call): Repository {
  const url = requiredText(request, 'repo')
  const repository = repositoryFor(url, textField(request, 'appProject'), call.context.repositories.registered())
  requireAllowed(call, 'repositories', 'get', objectOf(repository.project, repository.url))
  return { ...repository, url }
}

/** Nobody learns of a repository by a project that may not use it. */
function requirePermittedSource(repoURL: string, name: string, call: Call): void {
  const project = call.context.effectiveProject(name)
  if (project === undefined) throw new CapstanError('not-found', `appprojects.argoproj.io "${name}" not found`)
  if (isSourcePermitted(project, { repoURL })) return
  throw new CapstanError('forbidden', `repository '${repoURL}' not permitted in project '${name}'`)
}

interface Asked {
  readonly call: Call
  /** Whether it answers is asked now, not up to a minute ago. */
  readonly isFresh: boolean
}

async function describe(
  registry: Registry,
  repository: Repository,
  { call, isFresh }: Asked,
): Promise<Message<'Repository'>> {
  const known = withTemplate(repository, registry.registered(call).templates)
  const connectionState = await call.context.repositories.connection(known, isFresh, call.signal)
  return { ...describeFields(known), connectionState }
}

async function describeAsRepository(
  credential: RegistryCredential,
  { call, isFresh }: Asked,
): Promise<Message<'Repository'>> {
  return { ...registryAsRepository(credential), connectionState: await registryState(call, credential, isFresh) }
}
