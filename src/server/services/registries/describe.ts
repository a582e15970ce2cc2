// What people see of a registry credential: nothing of it is secret.
import { messageOf } from '../../../base/errors.ts'
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
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

/** Logs in now. */
export async function registryState(call: Call, credential: RegistryCredential): Promise<ConnectionState> {
  const attemptedAt = rfc3339Seconds(call.context.clock.now())
  try {
    await call.context.registries.test(credential, call.signal)
    return { status: 'Successful', message: '', attemptedAt }
  } catch (error) {
    return { status: 'Failed', message: `Unable to connect to repository: ${messageOf(error)}`, attemptedAt }
  }
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
  return {
    ...rest,
    state: stateOf(use, call.context.clock.now()),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    errors,
    applications: applications.filter((name) => maySee(call, name)),
    places: places.map(({ server, namespace }) => ({ server, clusterName: names.get(server) ?? '', namespace })),
  }
}

function stateOf({ expiresAt, errors, namespaceCount }: RegistryUse, nowMs: number): string {
  if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) return 'Expired'
  if (errors.length > 0) return 'Failed'
  return namespaceCount === 0 ? 'Unused' : 'Active'
}

function maySee(call: Call, full: string): boolean {
  const slash = full.indexOf('/')
  const [namespace, name] = [full.slice(0, slash), full.slice(slash + 1)]
  const application = call.context.applications.get(namespace, name)
  if (application === undefined) return false
  const project = application.spec.project || 'default'
  const isOwn = namespace === call.context.namespace
  return isAllowed(call, 'applications', 'get', isOwn ? `${project}/${name}` : `${project}/${namespace}/${name}`)
}
