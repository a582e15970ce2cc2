// Puts what the control plane needs into its cluster: namespace, resource types, default project, settings, admin account.
import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import { rfc3339Seconds } from '../base/rfc3339.ts'
import { API_GROUP, API_VERSION } from '../crds/application.ts'
import { applicationCrd, applicationSetCrd, appProjectCrd } from '../crds/crd.ts'
import { KubeError, type KubeClient, type ResourceType } from '../kube/client/client.ts'
import { splitApiVersion, type JsonValue, type KubeObject } from '../kube/object.ts'
import { hashPassword, randomPassword } from '../server/auth/passwords.ts'
import { refuseOriginals } from './original-controllers.ts'
import { untilServed } from './until-served.ts'

const MANAGER = 'capstan'
const PART_OF = { 'app.kubernetes.io/part-of': 'argocd' }
/** Config maps that upstream's install manifest brings (manifests/base/config, v3.5.1); scripts expect them to exist. */
const CONFIG_MAPS = [
  'argocd-cm',
  'argocd-rbac-cm',
  'argocd-cmd-params-cm',
  'argocd-ssh-known-hosts-cm',
  'argocd-tls-certs-cm',
  'argocd-gpg-keys-cm',
  'argocd-notifications-cm',
]
/** Length of server.secretkey, as upstream makes it. */
const SIGNING_KEY_BYTES = 32

export interface BootstrapOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly clock: Clock
  /** The first admin password; a random one where it is absent. Later starts ignore it. */
  readonly adminPassword?: Secret
  readonly signal: AbortSignal
}

/** Creates what is missing and leaves alone what exists; safe to repeat and to interrupt. */
export async function bootstrapControlPlane(options: BootstrapOptions): Promise<void> {
  const { client, namespace, signal } = options
  await refuseOriginals(client, namespace, signal)
  await makeNamespace(options)
  for (const crd of [applicationCrd(), appProjectCrd(), applicationSetCrd()]) await makeCrd(client, crd, signal)
  const configMaps = CONFIG_MAPS.map((name) => createMissing(client, configMap(name, namespace), signal))
  await Promise.all([...configMaps, ensureAdmin(options)])
  for (const kind of ['Application', 'AppProject', 'ApplicationSet']) {
    await untilServed(client, { group: API_GROUP, kind, version: splitApiVersion(API_VERSION).version }, options)
  }
  await createMissing(client, defaultProject(namespace), signal)
}

/** An installation may have no right to make namespaces: it stands in one then. Where it does not, the next step says so. */
async function makeNamespace({ client, namespace, signal }: BootstrapOptions): Promise<void> {
  try {
    await createMissing(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, signal)
  } catch (error) {
    if (!isForbidden(error)) throw error
  }
}

/** Who may not make resource types takes those that the cluster serves. */
async function makeCrd(client: KubeClient, crd: KubeObject, signal: AbortSignal): Promise<void> {
  try {
    await applyCrd(client, crd, signal)
  } catch (error) {
    const kind = (crd as KubeObject & { readonly spec: { readonly names: { readonly kind: string } } }).spec.names.kind // made by us
    if (!isForbidden(error) || (await client.resourceOf({ group: API_GROUP, kind }, signal)) === undefined) throw error
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof KubeError && error.status === 403
}

/**
 * Resource types of ours are brought up to date at every start. Those that Argo CD's own install has brought are left as they
 * are: they serve the same version, and it may want them back.
 */
async function applyCrd(client: KubeClient, crd: KubeObject, signal: AbortSignal): Promise<void> {
  const type = await typeOf(client, crd, signal)
  const ref = { type, name: crd.metadata.name ?? '' }
  const existing = await client.get(ref, signal)
  if (existing !== undefined && !isOurs(existing)) return
  // A resource type of ours is plain JSON.
  const patch = crd as unknown as JsonValue
  await client.patch(ref, 'apply', patch, { fieldManager: MANAGER, force: true, signal })
}

function isOurs({ metadata }: KubeObject): boolean {
  return (metadata.managedFields ?? []).some(({ manager }) => manager === MANAGER)
}

async function createMissing(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<void> {
  const type = await typeOf(client, object, signal)
  try {
    await client.create(type, object, { fieldManager: MANAGER, signal })
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
  }
}

async function typeOf(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<ResourceType> {
  const { group, version } = splitApiVersion(object.apiVersion)
  const type = await client.resourceOf({ group, version, kind: object.kind }, signal)
  if (type === undefined)
    throw new KubeError(404, 'NotFound', `the cluster serves no ${object.apiVersion} ${object.kind}`)
  return type
}

function configMap(name: string, namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: PART_OF } }
}

/** Upstream's `default` project allows everything (002-05 names it). */
function defaultProject(namespace: string): KubeObject {
  const spec = {
    sourceRepos: ['*'],
    destinations: [{ namespace: '*', server: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  }
  const project = { apiVersion: API_VERSION, kind: 'AppProject', metadata: { name: 'default', namespace }, spec }
  return project
}

/** Roles that start together write the same Secret: who comes second looks again. */
const ADMIN_ATTEMPTS = 5

/** The admin account's password and the key that signs sessions (004-33). */
async function ensureAdmin(options: BootstrapOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await writeAdmin(options)
      return
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409) || attempt === ADMIN_ATTEMPTS) throw error
    }
  }
}

/** Throws a `KubeError` 409 where somebody else has written meanwhile. */
async function writeAdmin(options: BootstrapOptions): Promise<void> {
  const { client, namespace, clock, signal } = options
  const secretType = await typeOf(client, secret('argocd-secret', namespace, {}), signal)
  const existing = await client.get({ type: secretType, namespace, name: 'argocd-secret' }, signal)
  const data: Readonly<Record<string, unknown>> =
    existing !== undefined && 'data' in existing ? Object(existing.data) : {}
  const missing: Record<string, string> = {}
  if (data['server.secretkey'] === undefined) {
    missing['server.secretkey'] = randomBytes(SIGNING_KEY_BYTES).toString('base64')
  }
  if (data['admin.password'] === undefined) {
    // Stored first: what a kill between the two leaves is the password of the next start.
    const password = options.adminPassword ?? (await storedInitialPassword(options, secretType))
    missing['admin.password'] = await hashPassword(password)
    missing['admin.passwordMtime'] = rfc3339Seconds(clock.now())
  }
  if (existing === undefined) {
    await client.create(secretType, secret('argocd-secret', namespace, missing), { fieldManager: MANAGER, signal })
  } else if (Object.keys(missing).length > 0) {
    await client.patch(
      { type: secretType, namespace, name: 'argocd-secret' },
      'merge',
      // A version that is not the current one is a conflict.
      { metadata: { resourceVersion: existing.metadata.resourceVersion ?? '' }, stringData: missing },
      { signal },
    )
  }
}

/** The password that is shown to people: of several roles that start together, the first stores one and the others take it. */
async function storedInitialPassword(options: BootstrapOptions, type: ResourceType): Promise<Secret> {
  const { client, namespace, signal } = options
  const name = 'argocd-initial-admin-secret'
  const password = randomPassword()
  try {
    await client.create(type, secret(name, namespace, { password: password.reveal() }), { signal })
    return password
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
  }
  const stored = await client.get({ type, namespace, name }, signal)
  const encoded: unknown = stored !== undefined && 'data' in stored ? Object(stored.data)['password'] : undefined
  if (typeof encoded === 'string' && encoded !== '') return new Secret(Buffer.from(encoded, 'base64').toString('utf8'))
  await client.patch({ type, namespace, name }, 'merge', { stringData: { password: password.reveal() } }, { signal })
  return password
}

function secret(name: string, namespace: string, stringData: Readonly<Record<string, string>>): KubeObject {
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: PART_OF },
    type: 'Opaque',
    stringData,
  }
  return object
}
