// registry.RegistryService, which is ours: registry credentials, where they are in use, and what an image would be pulled with.
import { CapstanError } from '../../../base/errors.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { normalizeRegistryAddress, parseRegistryAddress } from '../../../settings/registry-address.ts'
import { parseImageReference } from '../../../registry/image-reference.ts'
import type { RegistryCredential } from '../../../settings/registry-credential.ts'
import type { Call, ServiceHandlers } from '../../context.ts'
import { flagField, objectField, requiredText, textField, type RequestFields } from '../fields.ts'
import { isAllowed, requireAllowed } from '../permissions.ts'
import type { Values } from '../repositories/registry.ts'
import { describeRegistry, registryState } from './describe.ts'
import { permittedRegistries, registryById, RESOURCE } from './find.ts'
import { asRegistryValues, createRegistry, deleteRegistry } from './write.ts'

export const registryService: ServiceHandlers = {
  async List(request, call) {
    const isTest = flagField(request, 'test') === true
    const permitted = permittedRegistries(call)
    // Names of Secrets that cannot be read say nothing of a project: they are for those who see all.
    const seesAll = isAllowed(call, RESOURCE, 'get', '*')
    const problems = seesAll ? call.context.registries.registered().problems : []
    return { items: await Promise.all(permitted.map((one) => shown(call, one, isTest))), problems }
  },
  Get: async (request, call) =>
    shown(call, registryById(call, requiredText(request, 'id')), flagField(request, 'test') === true),
  Test: async (request, call) => shown(call, registryById(call, requiredText(request, 'id')), true),
  async Create(request, call) {
    const values = valuesOf(request)
    const credential = await createRegistry(call, values, flagField(request, 'upsert') === true)
    const connectionState = {
      status: 'Successful',
      message: '',
      attemptedAt: new Date(call.context.clock.now()).toISOString(),
    }
    return { ...(await describeRegistry(call, credential)), connectionState }
  },
  async Delete(request, call) {
    await deleteRegistry(call, registryById(call, requiredText(request, 'id')))
    return {}
  },
  Check: check,
}

async function shown(call: Call, credential: RegistryCredential, isTest: boolean): Promise<object> {
  const described = await describeRegistry(call, credential)
  return isTest ? { ...described, connectionState: await registryState(call, credential, true) } : described
}

/** POST ~/registries/check: reads the pull secrets of an application's destination, and shows of them what is no secret. */
async function check(request: RequestFields, call: Call): Promise<object> {
  const image = requiredText(request, 'image')
  const [name, own] = [requiredText(request, 'application'), textField(request, 'appNamespace')]
  const namespace = own === '' ? call.context.namespace : own
  const application = call.context.applications.get(namespace, name)
  const project = application?.spec.project || 'default'
  const object = namespace === call.context.namespace ? `${project}/${name}` : `${project}/${namespace}/${name}`
  requireAllowed(call, 'applications', 'get', object)
  if (application === undefined) throw new CapstanError('not-found', `applications.argoproj.io "${name}" not found`)
  requireAllowed(call, RESOURCE, 'get', parseRegistryAddress(hostOf(image)).host)
  const destination = application.spec.destination
  const wanted = textField(request, 'namespace') || (destination.namespace ?? '')
  if (wanted !== (destination.namespace ?? '')) {
    throw new CapstanError('forbidden', `application ${name} goes to namespace ${destination.namespace ?? ''}`)
  }
  const { server } = await call.context.clusterOf(destination)
  const serviceAccount = textField(request, 'serviceAccount') || 'default'
  return call.context.registries.check({ image, server, namespace: wanted, serviceAccount }, call.signal)
}

function hostOf(image: string): string {
  return parseImageReference(image).domain
}

/** Fields of RegistryInput that are keys of the Secret by the same name. */
const SAME_KEYS = [
  'name',
  'project',
  'kind',
  'username',
  'password',
  'insecure',
  'awsRegion',
  'awsAccessKeyId',
  'awsSecretAccessKey',
  'awsSessionToken',
  'awsRoleArn',
  'awsExternalId',
  'gcpServiceAccountKey',
  'azureServicePrincipalClientId',
  'azureServicePrincipalClientSecret',
  'azureServicePrincipalTenantId',
  'azureActiveDirectoryEndpoint',
  'useAzureWorkloadIdentity',
  'serviceAccounts',
] as const

function valuesOf(request: RequestFields): Values {
  const input = objectField(request, 'registry')
  if (input === undefined) throw new CapstanError('bad-input', 'missing payload in request')
  const { tokenHosts, disabled } = input
  return asRegistryValues({
    url: normalizeRegistryAddress(requiredText(input, 'address')),
    ...Object.fromEntries(SAME_KEYS.map((key) => [key, textOf(input, key)])),
    tokenHosts: Array.isArray(tokenHosts) && tokenHosts.length > 0 ? tokenHosts.join(',') : null,
    propagate: disabled === true ? 'false' : null,
  })
}

function textOf(input: JsonObject, key: string): string | null {
  const value = input[key]
  if (value === true) return 'true'
  return typeof value === 'string' && value !== '' ? value : null
}
