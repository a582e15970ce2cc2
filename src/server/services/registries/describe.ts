// What people see of a registry credential: nothing of it is secret.
import type { Message } from '../../../crds/message-type.ts'
import type { RegistryCredential, RegistryLogin } from '../../../settings/registry-credential.ts'
import type { Call, RegistryUse } from '../../context.ts'
import { isAllowed } from '../permissions.ts'

type ConnectionState = Message<'ConnectionState'>

/** Our message Registry, without the state of its connection. */
export async function describeRegistry(call: Call, credential: RegistryCredential): Promise<object> {
  const { id, address, name, project, kind, login, isInsecure, options, source, tokenHosts } = credential
  return {
    id,
    address,
    kind,
    ...describeLogin(login),
    ...(name === undefined ? {} : { name }),
    ...(project === '' ? {} : { project }),
    ...(isInsecure ? { insecure: true } : {}),
    ...(options.isPropagated ? {} : { disabled: true }),
    ...(options.serviceAccounts === undefined ? {} : { serviceAccounts: options.serviceAccounts }),
    ...(source.isAdopted ? { adopted: true } : {}),
    ...(tokenHosts.length === 0 ? {} : { tokenHosts }),
    usage: await describeUse(call, credential),
  }
}

/** Upstream's message Repository, which `argocd repo list` shows with a type of its own. */
export function registryAsRepository({
  address,
  name,
  project,
  login,
  isInsecure,
}: RegistryCredential): Message<'Repository'> {
  const { username } = describeLogin(login)
  return {
    repo: address,
    type: 'registry',
    ...(name === undefined ? {} : { name }),
    // `argocd repo list` tells by it whether there are credentials.
    username: username ?? login.kind,
    ...(project === '' ? {} : { project }),
    ...(isInsecure ? { insecure: true } : {}),
  }
}

/** What a login of the last minute has shown, or one now with `isFresh`. */
export function registryState(call: Call, credential: RegistryCredential, isFresh: boolean): Promise<ConnectionState> {
  return call.context.registries.connection(credential, isFresh, call.signal)
}

interface DescribedLogin {
  readonly identity: string
  readonly username?: string
  readonly region?: string
  readonly roleArns?: readonly string[]
}

function describeLogin(login: RegistryLogin): DescribedLogin {
  switch (login.kind) {
    case 'static':
      return { identity: 'password', username: login.username }
    case 'ecr':
    case 'ecr-public': {
      const { accessKeyId, roles } = login.aws
      return {
        identity: accessKeyId === undefined ? 'control-plane' : 'access-key',
        ...(accessKeyId === undefined ? {} : { username: accessKeyId }),
        ...(login.kind === 'ecr' ? { region: login.region } : {}),
        ...(roles.length === 0 ? {} : { roleArns: roles.map(({ arn }) => arn) }),
      }
    }
    case 'google':
      return { identity: login.serviceAccountKey === undefined ? 'workload-identity' : 'service-account-key' }
    case 'azure':
      return { identity: login.identity, ...(login.clientId === undefined ? {} : { username: login.clientId }) }
  }
}

/** Names of applications that the caller may not see are left out. */
async function describeUse(call: Call, credential: RegistryCredential): Promise<object> {
  const use = call.context.registries.use(credential)
  if (use === undefined) return { state: 'Unused' }
  const names = new Map((await call.context.clusters()).map(({ server = '', name = '' }) => [server, name]))
  const { applications, places, errors, issuedAt, expiresAt, ...rest } = use
  const permitted = applications.filter((name) => maySee(call, name))
  return {
    ...rest,
    state: stateOf(use, call.context.clock.now()),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    errors,
    applications: permitted,
    places: permittedPlaces(call, places, { permitted, names }).map(({ server, namespace }) => ({
      server,
      clusterName: names.get(server) ?? '',
      namespace,
    })),
  }
}

/** Places of applications that the caller may see: other clusters and namespaces are none of theirs. */
function permittedPlaces(
  call: Call,
  places: RegistryUse['places'],
  { permitted, names }: { readonly permitted: readonly string[]; readonly names: ReadonlyMap<string, string> },
): RegistryUse['places'] {
  // The list of applications may have been cut short; who sees all sees the places of the others too.
  if (isAllowed(call, 'applications', 'get', '*')) return places
  const servers = new Map([...names].map(([server, name]) => [name, server]))
  const seen = new Set(permitted.flatMap((full) => placesOf(call, full, servers)))
  return places.filter(({ server, namespace }) => seen.has(placeKey(server, namespace)))
}

/** Where an application puts things: its destination, and the namespaces of its resources. */
function placesOf(call: Call, full: string, servers: ReadonlyMap<string, string>): readonly string[] {
  const application = applicationOf(call, full)
  if (application === undefined) return []
  const { destination } = application.spec
  const server = destination.server || servers.get(destination.name ?? '') || ''
  const namespaces = [destination.namespace, ...(application.status?.resources ?? []).map((one) => one.namespace)]
  return namespaces.map((namespace = '') => placeKey(server, namespace))
}

function placeKey(server: string, namespace: string): string {
  return JSON.stringify([server.replace(/\/+$/, ''), namespace])
}

function stateOf({ expiresAt, errors, namespaceCount }: RegistryUse, nowMs: number): string {
  if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) return 'Expired'
  if (errors.length > 0) return 'Failed'
  return namespaceCount === 0 ? 'Unused' : 'Active'
}

function maySee(call: Call, full: string): boolean {
  const application = applicationOf(call, full)
  if (application === undefined) return false
  const { namespace = '', name = '' } = application.metadata
  const project = application.spec.project || 'default'
  const isOwn = namespace === call.context.namespace
  return isAllowed(call, 'applications', 'get', isOwn ? `${project}/${name}` : `${project}/${namespace}/${name}`)
}

/** By `namespace/name`. */
function applicationOf(call: Call, full: string): ReturnType<Call['context']['applications']['get']> {
  const slash = full.indexOf('/')
  return call.context.applications.get(full.slice(0, slash), full.slice(slash + 1))
}
