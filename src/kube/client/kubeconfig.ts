// From a kubeconfig to the options of a transport: which file, which context, which credentials.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import type { HttpTransportOptions } from './http-transport.ts'
import { inClusterConfig, isInCluster } from './in-cluster.ts'
import type { LoadedKubeConfig } from './loaded-kubeconfig.ts'
import { mergeKubeConfigs, parseKubeConfig, type Entry, type KubeConfigFile } from './kubeconfig-file.ts'
import { pluginCredentials } from './kubeconfig-plugin.ts'
import { tokenFileHeaders } from './token-file.ts'

export interface KubeConfigOptions {
  /** One file, instead of `KUBECONFIG`, `~/.kube/config` or the service account of a pod. */
  readonly path?: string
  /** Instead of `current-context`. */
  readonly context?: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where `.kube/config` is looked for. Default: `HOME` of `env`, else the user's. */
  readonly home?: string
}

/** Reads as kubectl does (client-go tools/clientcmd/loader.go, v0.36). Errors name file, context and field. */
export async function loadKubeConfig(options: KubeConfigOptions): Promise<LoadedKubeConfig> {
  const { env } = options
  const fallback = join(options.home ?? env['HOME'] ?? homedir(), '.kube', 'config')
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  const paths = options.path === undefined ? (listed.length > 0 ? listed : [fallback]) : [options.path]
  const texts = await Promise.all(paths.map((path) => readKubeConfig(path, options.path !== undefined)))
  const files = texts.filter((file) => file !== undefined)
  if (files.length === 0 && options.context === undefined && isInCluster(env)) return inClusterConfig(env)
  if (files.length === 0) {
    throw new CapstanError(
      'not-found',
      `no kubeconfig: ${paths.join(', ')} does not exist; give --kubeconfig or set KUBECONFIG`,
    )
  }
  return resolveContext(mergeKubeConfigs(files), options.context, paths)
}

/** A missing file is passed over unless it was asked for by name. */
async function readKubeConfig(path: string, required: boolean): Promise<KubeConfigFile | undefined> {
  try {
    return parseKubeConfig(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof CapstanError) throw error
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (missing && !required) return undefined
    const what = missing ? 'does not exist' : 'cannot be read'
    throw new CapstanError(missing ? 'not-found' : 'bad-input', `kubeconfig ${path}: ${what}`, { cause: error })
  }
}

async function resolveContext(
  file: KubeConfigFile,
  wanted: string | undefined,
  paths: readonly string[],
): Promise<LoadedKubeConfig> {
  const name = wanted ?? file.currentContext
  const where = paths.join(', ')
  const contexts = [...file.contexts.keys()]
  if (name === undefined) {
    throw new CapstanError(
      'bad-input',
      `kubeconfig ${where}: current-context is not set; choose one of: ${contexts.join(', ')}`,
    )
  }
  const context = file.contexts.get(name)
  if (context === undefined) {
    throw new CapstanError(
      'bad-input',
      `kubeconfig ${where}: context ${JSON.stringify(name)} does not exist; there are: ${contexts.join(', ')}`,
    )
  }
  const at = `kubeconfig ${context.path}: context ${JSON.stringify(name)}`
  const clusterName = textField(context, 'cluster', at) ?? ''
  const userName = textField(context, 'user', at) ?? ''
  const cluster = file.clusters.get(clusterName)
  if (cluster === undefined)
    throw new CapstanError('bad-input', `${at}: cluster ${JSON.stringify(clusterName)} does not exist`)
  const user = file.users.get(userName)
  if (user === undefined && userName !== '') {
    throw new CapstanError('bad-input', `${at}: user ${JSON.stringify(userName)} does not exist`)
  }
  const transport = {
    ...(await clusterOptions(cluster, `${at}: cluster ${JSON.stringify(clusterName)}`)),
    ...(user === undefined ? {} : await userOptions(user, `${at}: user ${JSON.stringify(userName)}`)),
  }
  const namespace = textField(context, 'namespace', at) ?? 'default'
  return { transport, context: name, cluster: clusterName, user: userName, namespace, contexts }
}

async function clusterOptions(cluster: Entry, at: string): Promise<HttpTransportOptions> {
  const server = textField(cluster, 'server', at)
  if (server === undefined) throw new CapstanError('bad-input', `${at}: server is missing`)
  const insecure = cluster.fields['insecure-skip-tls-verify'] === true
  const ca = await pemField(cluster, 'certificate-authority', at)
  if (insecure && ca !== undefined) {
    throw new CapstanError('bad-input', `${at}: insecure-skip-tls-verify and certificate-authority exclude each other`)
  }
  const tlsServerName = textField(cluster, 'tls-server-name', at)
  const proxyUrl = textField(cluster, 'proxy-url', at)
  return {
    server,
    ...(insecure ? { insecure } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  }
}

async function userOptions(user: Entry, at: string): Promise<Partial<HttpTransportOptions>> {
  const certificate = await pemField(user, 'client-certificate', at)
  const key = await pemField(user, 'client-key', at)
  if ((certificate === undefined) !== (key === undefined)) {
    const missing = certificate === undefined ? 'client-certificate' : 'client-key'
    throw new CapstanError('bad-input', `${at}: ${missing} is missing: certificate and key belong together`)
  }
  const tls =
    certificate === undefined || key === undefined ? {} : { clientCertificate: certificate, clientKey: new Secret(key) }
  return { ...tls, ...(await credentials(user, at)) }
}

async function credentials(user: Entry, at: string): Promise<Partial<HttpTransportOptions>> {
  const tokenFile = textField(user, 'tokenFile', at)
  if (tokenFile !== undefined) return { authorize: tokenFileHeaders(resolve(dirname(user.path), tokenFile)) }
  const token = textField(user, 'token', at)
  if (token !== undefined) return { token: new Secret(token) }
  const username = textField(user, 'username', at)
  if (username !== undefined) return { username, password: new Secret(textField(user, 'password', at) ?? '') }
  if (user.fields['exec'] !== undefined || user.fields['auth-provider'] !== undefined)
    return pluginCredentials(user, at)
  return {}
}

/** `<name>-data` in base64 wins over the file `<name>` points at, relative to the kubeconfig. */
async function pemField(entry: Entry, name: string, at: string): Promise<string | undefined> {
  const data = textField(entry, `${name}-data`, at)
  if (data !== undefined) return decodeBase64(data, `${at}: ${name}-data`)
  const path = textField(entry, name, at)
  if (path === undefined) return undefined
  const file = resolve(dirname(entry.path), path)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new CapstanError('bad-input', `${at}: ${name}: cannot read ${file}`, { cause: error })
  }
}

function decodeBase64(data: string, at: string): string {
  const compact = data.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw new CapstanError('bad-input', `${at}: not base64`)
  const text = Buffer.from(compact, 'base64').toString('utf8')
  if (!text.includes('-----BEGIN ')) throw new CapstanError('bad-input', `${at}: holds no PEM block`)
  return text
}

function textField(entry: Entry, name: string, at: string): string | undefined {
  const value = entry.fields[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw new CapstanError('bad-input', `${at}: ${name} must be a text`)
  return value
}
