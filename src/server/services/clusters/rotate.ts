// A new token for a destination whose old one may be known to somebody: made, tried, kept, and the old one deleted (util/clusterauth, v3.5.1).
import { sleep } from '../../../base/clock.ts'
import { CapstanError } from '../../../base/errors.ts'
import type { KubeClient, ResourceType } from '../../../kube/client/client.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { parseCluster } from '../../../settings/clusters.ts'
import { readSecret } from '../../../settings/map-reader.ts'
import type { Call } from '../../context.ts'
import { objectField, textField, type RequestFields } from '../fields.ts'
import { isAllowed, wrapErrors, wrapLater } from '../permissions.ts'
import { denied, findClusters, objectOf } from './find.ts'
import { secretOf, storedMessage } from './write.ts'

const POLL_MS = 500
const MAX_POLLS = 60

/** What the token of a ServiceAccount's Secret says of itself. */
interface TokenClaims {
  readonly namespace: string
  readonly secret: string
  readonly account: string
}

/** POST /api/v1/clusters/{id.value}/rotate-auth. */
export async function rotateAuth(request: RequestFields, call: Call): Promise<object> {
  const found = await findClusters(call, request)
  for (const cluster of found) if (!isAllowed(call, 'clusters', 'update', objectOf(cluster))) denied()
  for (const { server = '' } of found) await rotate(server, call)
  return {}
}

async function rotate(server: string, call: Call): Promise<void> {
  const stored = secretOf(server, call)
  const cluster = stored === undefined ? undefined : parseCluster(stored)
  const token = cluster?.connection.bearerToken
  if (stored === undefined || cluster === undefined || token === undefined) {
    throw new CapstanError('bad-input', `Cluster '${server}' does not use bearer token authentication`)
  }
  const claims = wrapErrors('failed to parse service account token', () => readClaims(token.reveal()))
  const client = call.context.connectCluster(cluster)
  try {
    const [secrets, accounts] = await Promise.all([typeOf(client, 'Secret'), typeOf(client, 'ServiceAccount')])
    const words = 'failed to generate new cluster manager secret'
    const fresh = await wrapLater(words, makeToken({ client, secrets, claims }, call))
    await keep(stored, fresh.token, call)
    await forget({ client, secrets, accounts, claims, fresh: fresh.name }, call)
    call.context.log.info('cluster token rotated', { cluster: server, old: claims.secret, new: fresh.name })
  } finally {
    await client.close()
  }
}

/** Unverified: the cluster itself decides about the token (JWT claims of legacy service account tokens). */
function readClaims(token: string): TokenClaims {
  const [, payload = ''] = token.split('.')
  const claims = parse(Buffer.from(payload, 'base64url').toString('utf8'))
  const at = (key: string): string => {
    const value = claims[`kubernetes.io/serviceaccount/${key}`]
    if (typeof value === 'string' && value !== '') return value
    throw new CapstanError('unknown', 'the token names no Secret of a service account: rotate it where it was made')
  }
  return { namespace: at('namespace'), secret: at('secret.name'), account: at('service-account.name') }
}

function parse(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as JsonObject) : {} // it came out of JSON.parse
  } catch {
    return {} // the caller says that it names nothing
  }
}

async function makeToken(
  { client, secrets, claims }: { client: KubeClient; secrets: ResourceType; claims: TokenClaims },
  call: Call,
): Promise<{ readonly name: string; readonly token: string }> {
  const { namespace, secret } = claims
  const old = await client.get({ type: secrets, namespace, name: secret }, call.signal)
  if (old === undefined) throw new CapstanError('unknown', `secrets "${secret}" not found`)
  const { annotations = {} } = old.metadata
  const metadata = { generateName: `${secret.split('-').slice(0, -1).join('-')}-`, namespace, annotations }
  const wanted = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/service-account-token' }
  const { name = '' } = (await client.create(secrets, wanted, { signal: call.signal })).metadata
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    const made = await client.get({ type: secrets, namespace, name }, call.signal)
    const token = made === undefined ? undefined : readSecret(made).text('token')
    if (token !== undefined) return { name, token }
    await sleep(call.context.clock, POLL_MS, call.signal)
  }
  throw new CapstanError('unknown', 'timed out waiting for secret to generate new token')
}

/** The Secret with the new token, once the cluster has taken it. */
async function keep(stored: KubeObject, token: string, call: Call): Promise<void> {
  const message = storedMessage(stored)
  const values = { config: JSON.stringify(withToken(objectField(message, 'config') ?? {}, token)) }
  const { kind, apiVersion, metadata } = stored
  const tried = { apiVersion, kind, metadata, stringData: { server: textField(message, 'server'), ...values } }
  const client = call.context.connectCluster(parseCluster(tried))
  try {
    await wrapLater('failed to get server version', client.serverVersion(call.signal))
  } finally {
    await client.close()
  }
  await call.context.store.change('Secret', metadata.name ?? '', () => ({ values }), call.signal)
}

/** A token is used alone: a client certificate beside it would go on letting in. */
function withToken(config: JsonObject, token: string): JsonObject {
  const { certData: _c, keyData: _k, ...tls } = objectField(config, 'tlsClientConfig') ?? {}
  return { ...config, bearerToken: token, tlsClientConfig: tls }
}

interface Leftover {
  readonly client: KubeClient
  readonly secrets: ResourceType
  readonly accounts: ResourceType
  readonly claims: TokenClaims
  /** Name of the Secret that took the old one's place. */
  readonly fresh: string
}

async function forget({ client, secrets, accounts, claims, fresh }: Leftover, { signal }: Call): Promise<void> {
  const { namespace } = claims
  const ref = { type: accounts, namespace, name: claims.account }
  const account = await client.get(ref, signal)
  if (account !== undefined) {
    const listed = 'secrets' in account && Array.isArray(account.secrets) ? account.secrets : []
    const names = listed.map((item: unknown) => String(Object(item).name))
    const next = [...names.filter((name) => name !== claims.secret && name !== fresh), fresh].map((name) => ({ name }))
    await client.patch(ref, 'merge', { secrets: next }, { signal })
  }
  await client.delete({ type: secrets, namespace, name: claims.secret }, { signal })
}

async function typeOf(client: KubeClient, kind: string): Promise<ResourceType> {
  const type = await client.resourceOf({ group: '', kind })
  if (type === undefined) throw new CapstanError('unavailable', `the cluster serves no ${kind}s`)
  return type
}
