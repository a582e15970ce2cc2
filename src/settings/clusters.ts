// Destination clusters as typed values from Secrets (argo-cd v3.5.1 `util/db/cluster.go`).
import { messageOf } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import { type MapReader, readSecret } from './map-reader.ts'

export const IN_CLUSTER_SERVER = 'https://kubernetes.default.svc'
export const IN_CLUSTER_NAME = 'in-cluster'

/** How to log in to a cluster; PEM texts, with the base64 of the Secret undone. */
export interface ClusterConnection {
  readonly username?: string
  readonly password?: Secret
  readonly bearerToken?: Secret
  readonly insecure?: boolean
  readonly tlsServerName?: string
  readonly caData?: string
  readonly certData?: string
  readonly keyData?: Secret
  readonly aws?: { readonly clusterName: string; readonly roleARN?: string; readonly profile?: string }
  readonly exec?: ExecProvider
  readonly disableCompression?: boolean
  readonly proxyUrl?: string
}

export interface ExecProvider {
  readonly command: string
  readonly args: readonly string[]
  /** May hold tokens. */
  readonly env: Readonly<Record<string, Secret>>
  readonly apiVersion: string
  readonly installHint?: string
}

export interface Cluster {
  /** URL without a slash at the end. */
  readonly server: string
  readonly name: string
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[]
  /** Cluster-scoped resources too, where namespaces are named. */
  readonly clusterResources: boolean
  readonly shard?: number
  /** Empty: any project may use it. */
  readonly project: string
  readonly connection: ClusterConnection
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** The cluster the control plane runs in, which needs no Secret. */
export const IN_CLUSTER: Cluster = {
  server: IN_CLUSTER_SERVER,
  name: IN_CLUSTER_NAME,
  namespaces: [],
  clusterResources: false,
  project: '',
  connection: {},
  labels: {},
  annotations: {},
}

/** Reads a Secret labelled `cluster`. Throws `bad-input` naming the Secret and the key. */
export function parseCluster(secret: KubeObject): Cluster {
  const reader = readSecret(secret)
  const server = reader.requiredText('server').trim().replace(/\/$/, '')
  const shard = reader.integer('shard')
  return {
    server,
    name: reader.text('name') ?? server,
    namespaces: reader.list('namespaces'),
    clusterResources: reader.boolean('clusterResources') ?? false,
    ...(shard === undefined ? {} : { shard }),
    project: reader.text('project') ?? '',
    connection: parseConnection(reader),
    labels: secret.metadata.labels ?? {},
    annotations: secret.metadata.annotations ?? {},
  }
}

type Fields = Readonly<Record<string, unknown>>

function parseConnection(reader: MapReader): ClusterConnection {
  const config = parseConfig(reader)
  const tls = fieldsAt(config, 'tlsClientConfig')
  const aws = fieldsAt(config, 'awsAuthConfig')
  const exec = fieldsAt(config, 'execProviderConfig')
  return withoutAbsent({
    username: textAt(config, 'username'),
    password: secretAt(config, 'password'),
    bearerToken: secretAt(config, 'bearerToken'),
    insecure: tls['insecure'] === true ? true : undefined,
    tlsServerName: textAt(tls, 'serverName'),
    caData: decoded(textAt(tls, 'caData')),
    certData: decoded(textAt(tls, 'certData')),
    keyData: textAt(tls, 'keyData') === undefined ? undefined : new Secret(decoded(textAt(tls, 'keyData')) ?? ''),
    aws: textAt(aws, 'clusterName') === undefined ? undefined : aws,
    exec: textAt(exec, 'command') === undefined ? undefined : parseExec(exec),
    disableCompression: config['disableCompression'] === true ? true : undefined,
    proxyUrl: textAt(config, 'proxyUrl'),
  })
}

function parseConfig(reader: MapReader): Fields {
  const text = reader.text('config')
  if (text === undefined) return {}
  try {
    const parsed: unknown = JSON.parse(text)
    if (isFields(parsed)) return parsed
  } catch (error) {
    // JSON.parse quotes a piece of the text, and the text holds credentials: say only that it does not parse.
    const isSyntax = error instanceof SyntaxError
    throw reader.wrong(
      'config',
      `is no JSON${isSyntax ? '' : `: ${messageOf(error)}`}: write an object with the connection`,
    )
  }
  throw reader.wrong('config', 'is no JSON object: write an object with the connection')
}

function parseExec(exec: Fields): ExecProvider {
  const env = Object.entries(fieldsAt(exec, 'env')).map(([name, value]) => [name, new Secret(String(value))] as const)
  const args = exec['args']
  const hint = textAt(exec, 'installHint')
  return {
    command: textAt(exec, 'command') ?? '',
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries(env),
    apiVersion: textAt(exec, 'apiVersion') ?? '',
    ...(hint === undefined ? {} : { installHint: hint }),
  }
}

function withoutAbsent(values: Readonly<Record<string, unknown>>): ClusterConnection {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsAt(fields: Fields, key: string): Fields {
  const value = fields[key]
  return isFields(value) ? value : {}
}

function textAt(fields: Fields, key: string): string | undefined {
  const value = fields[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function secretAt(fields: Fields, key: string): Secret | undefined {
  const value = textAt(fields, key)
  return value === undefined ? undefined : new Secret(value)
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8')
}

/** When somebody asked that what is known of a cluster be read anew: an annotation of its Secret. */
export const CLUSTER_REFRESH_ANNOTATION = 'argocd.argoproj.io/refresh'

/** What the Secret of a cluster holds for upstream's message Cluster; null for what the message leaves out (`clusterToSecret`). */
export function clusterValues(message: Fields): Readonly<Record<string, string | null>> {
  const server = (textAt(message, 'server') ?? '').replace(/\/+$/, '')
  const { namespaces, shard, clusterResources } = message
  const listed = Array.isArray(namespaces) ? namespaces.map(String).join(',') : ''
  return {
    server,
    name: textAt(message, 'name') ?? server,
    namespaces: listed === '' ? null : listed,
    config: JSON.stringify({ tlsClientConfig: { insecure: false }, ...fieldsAt(message, 'config') }),
    shard: typeof shard === 'number' ? String(shard) : null,
    clusterResources: clusterResources === true ? 'true' : null,
    project: textAt(message, 'project') ?? null,
  }
}
