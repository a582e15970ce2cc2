// The kubeconfig and its clusters for the command line: contexts, the manager's account, the first password.
import { readFile } from 'node:fs/promises'
import { sleep, systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { KubeAccess, KubeContextRow, KubeDestination, KubeFlags, ManagerOptions } from '../cli/cluster/access.ts'
import type { KubeClient, ResourceType } from '../kube/client/client.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import { parseKubeConfig } from '../kube/client/kubeconfig-file.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { delimiter, join } from 'node:path'

type Env = Readonly<Record<string, string | undefined>>

export function kubeAccess(env: Env, signal: AbortSignal): KubeAccess {
  const load = ({ kubeconfig, context, proxyUrl }: KubeFlags): ReturnType<typeof loadKubeConfig> =>
    loadKubeConfig({
      env,
      ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
      ...(context === undefined ? {} : { context }),
    }).then((loaded) => ({
      ...loaded,
      transport: { ...loaded.transport, ...(proxyUrl === undefined ? {} : { proxyUrl }) },
    }))
  const withClient = async <T>(flags: KubeFlags, work: (client: KubeClient) => Promise<T>): Promise<T> => {
    const { transport } = await load(flags)
    const client = createClient(httpTransport(transport), { clock: systemClock, userAgent: 'capstan' })
    try {
      return await work(client)
    } finally {
      await client.close()
    }
  }
  return {
    checkImage: (flags, question) =>
      withClient(flags, async (client) => {
        const { checkOn } = await import('./registry-desk.ts')
        return checkOn(client, question, { clock: systemClock, signal })
      }),
    contexts: (flags) => contextsOf(flags, env),
    async destination(flags) {
      return destinationOf((await load(flags)).transport)
    },
    installManager: (flags, options) => withClient(flags, (client) => installManager(client, options, signal)),
    accountToken: (flags, options) =>
      withClient(flags, (client) => accountToken(client, { ...options, namespace: options.systemNamespace }, signal)),
    uninstallManager: (flags) => withClient(flags, uninstallManager),
    publicEndpoint: (flags) => withClient(flags, publicEndpoint),
    initialPassword: (flags) =>
      withClient(flags, async (client) => {
        const secret = await find(client, 'Secret', '', {
          namespace: flags.namespace,
          name: 'argocd-initial-admin-secret',
        })
        const data = textField(objectField(secret, 'data'), 'password')
        return data === undefined ? undefined : new Secret(Buffer.from(data, 'base64').toString())
      }),
  }
}

/** Rows of every context whose cluster there is (cmd/util/cluster.go PrintKubeContexts). */
async function contextsOf({ kubeconfig }: KubeFlags, env: Env): Promise<readonly KubeContextRow[]> {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).find((path) => path !== '')
  const path = kubeconfig ?? listed ?? join(env['HOME'] ?? '.', '.kube', 'config')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  const file = parseKubeConfig(text, path)
  return [...file.contexts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { fields }]) => {
      const cluster = typeof fields['cluster'] === 'string' ? fields['cluster'] : ''
      const server = file.clusters.get(cluster)?.fields['server']
      return typeof server === 'string' ? [{ isCurrent: name === file.currentContext, name, cluster, server }] : []
    })
}

type Transport = Awaited<ReturnType<typeof loadKubeConfig>>['transport']

function destinationOf({
  server,
  insecure,
  tlsServerName,
  ca,
  clientCertificate,
  clientKey,
  proxyUrl,
}: Transport): KubeDestination {
  // prettier-ignore
  return {
    server,
    insecure: insecure === true,
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined ? {} : { certificate: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  }
}

const ACCOUNT = 'argocd-manager'
const ROLE = 'argocd-manager-role'
const BINDING = 'argocd-manager-role-binding'
const RBAC = 'rbac.authorization.k8s.io'
const ALL_RESOURCES = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }
const ALL_ADDRESSES = { nonResourceURLs: ['*'], verbs: ['*'] }

async function installManager(client: KubeClient, options: ManagerOptions, signal: AbortSignal): Promise<Secret> {
  const { systemNamespace: namespace, namespaces, tell } = options
  const isNew = await createUnlessThere(client, ['ServiceAccount', ''], { metadata: { name: ACCOUNT, namespace } })
  tell(`ServiceAccount "${ACCOUNT}" ${isNew ? 'created' : 'already exists'} in namespace "${namespace}"`)
  const subjects = [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }]
  const scopes = namespaces.length === 0 ? [undefined] : namespaces
  for (const scope of scopes) {
    const prefix = scope === undefined ? 'Cluster' : ''
    const rules = scope === undefined ? [ALL_RESOURCES, ALL_ADDRESSES] : [ALL_RESOURCES]
    const place = scope === undefined ? {} : { namespace: scope }
    const roleRef = { apiGroup: RBAC, kind: `${prefix}Role`, name: ROLE }
    const objects = [
      [`${prefix}Role`, { metadata: { name: ROLE, ...place }, rules }],
      [`${prefix}RoleBinding`, { metadata: { name: BINDING, ...place }, roleRef, subjects }],
    ] as const
    for (const [kind, object] of objects) {
      const isCreated = await upsert(client, [kind, RBAC], object)
      const where = scope === undefined ? '' : `${scope}/`
      tell(`${kind} "${where}${object.metadata.name}" ${isCreated ? 'created' : 'updated'}`)
    }
  }
  return accountToken(client, { account: ACCOUNT, namespace, tell }, signal)
}

interface TokenOf {
  readonly account: string
  readonly namespace: string
  readonly tell: (text: string) => void
}

/** How long the cluster may take to put the token there (common.BearerTokenTimeout). */
const TOKEN_TIMEOUT_MS = 30_000
const POLL_MS = 100

/** A Secret that the cluster fills with a token that does not expire. */
async function accountToken(
  client: KubeClient,
  { account, namespace, tell }: TokenOf,
  signal: AbortSignal,
): Promise<Secret> {
  // prettier-ignore
  const name = `${account}-long-lived-token`
  const isNew = await createUnlessThere(client, ['Secret', ''], {
    metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': account } },
    type: 'kubernetes.io/service-account-token',
  })
  tell(`${isNew ? 'Created' : 'Using existing'} bearer token secret "${name}" for ServiceAccount "${account}"`)
  const endMs = systemClock.now() + TOKEN_TIMEOUT_MS
  for (;;) {
    const secret = await find(client, 'Secret', '', { namespace, name })
    const token = textField(objectField(secret, 'data'), 'token')
    if (token !== undefined) return new Secret(Buffer.from(token, 'base64').toString())
    if (systemClock.now() > endMs)
      throw new CapstanError('timeout', `the cluster gave service account "${account}" no token in Secret ${namespace}/${name}`) // prettier-ignore
    await sleep(systemClock, POLL_MS, signal)
  }
}

async function uninstallManager(client: KubeClient): Promise<void> {
  const objects = [
    ['ClusterRoleBinding', RBAC, { name: BINDING }],
    ['ClusterRole', RBAC, { name: ROLE }],
    ['ServiceAccount', '', { name: ACCOUNT, namespace: 'kube-system' }],
  ] as const
  for (const [kind, group, place] of objects) {
    await client.delete({ type: await typeOf(client, kind, group), ...place })
  }
}

async function publicEndpoint(
  client: KubeClient,
): Promise<{ readonly server: string; readonly ca?: string } | undefined> {
  // prettier-ignore
  const info = await find(client, 'ConfigMap', '', { namespace: 'kube-public', name: 'cluster-info' })
  const text = textField(objectField(info, 'data'), 'kubeconfig')
  if (text === undefined) return undefined
  const parsed: unknown = parseYaml(text)
  const clusters = objectField(parsed, 'clusters')
  const cluster = objectField(Array.isArray(clusters) ? clusters[0] : undefined, 'cluster')
  const server = textField(cluster, 'server')
  const ca = textField(cluster, 'certificate-authority-data')
  if (server === undefined) return undefined
  return { server, ...(ca === undefined ? {} : { ca: Buffer.from(ca, 'base64').toString() }) }
}

async function typeOf(client: KubeClient, kind: string, group: string): Promise<ResourceType> {
  const type = await client.resourceOf({ group, kind })
  if (type === undefined) throw new CapstanError('not-found', `the cluster serves no ${kind}`)
  return type
}

async function find(
  client: KubeClient,
  kind: string,
  group: string,
  place: { readonly namespace: string; readonly name: string },
): Promise<KubeObject | undefined> {
  // prettier-ignore
  return client.get({ type: await typeOf(client, kind, group), ...place })
}

type Draft = JsonObject & { readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string } }
type Kind = readonly [kind: string, group: string]

async function createUnlessThere(client: KubeClient, [kind, group]: Kind, draft: Draft): Promise<boolean> {
  const type = await typeOf(client, kind, group)
  const found = await client.get({ type, ...draft.metadata })
  if (found !== undefined) return false
  await client.create(type, completed(type, draft))
  return true
}

async function upsert(client: KubeClient, kind: Kind, draft: Draft): Promise<boolean> {
  if (await createUnlessThere(client, kind, draft)) return true
  const type = await typeOf(client, ...kind)
  await client.update({ type, ...draft.metadata }, completed(type, draft))
  return false
}

function completed({ group, version, kind }: ResourceType, draft: Draft): KubeObject {
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, ...draft }
}

function objectField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function textField(value: unknown, name: string): string | undefined {
  const found = objectField(value, name)
  return typeof found === 'string' && found !== '' ? found : undefined
}
