// The API server of the cluster this process runs in, through its pod's service account.
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { CapstanError } from '../../base/errors.ts'
import type { LoadedKubeConfig } from './loaded-kubeconfig.ts'
import { tokenFileHeaders } from './token-file.ts'

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

type Environment = Readonly<Record<string, string | undefined>>

/** Whether the kubelet has told this process where the API server is. */
export function isInCluster(env: Environment): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST']) && Boolean(env['KUBERNETES_SERVICE_PORT'])
}

/** client-go rest.InClusterConfig, v0.36; `folder` is where the service account is mounted. */
export async function inClusterConfig(env: Environment, folder: string = FOLDER): Promise<LoadedKubeConfig> {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT']}`
  const authorize = tokenFileHeaders(join(folder, 'token'))
  const [ca, namespace] = await Promise.all([
    readMounted(join(folder, 'ca.crt')),
    readMounted(join(folder, 'namespace')),
    authorize(),
  ])
  const name = 'in-cluster'
  return {
    transport: { server, ca, authorize },
    context: name,
    cluster: name,
    user: name,
    namespace: namespace.trim(),
    contexts: [name],
  }
}

async function readMounted(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CapstanError('unavailable', `in-cluster configuration: cannot read ${path}`, { cause: error })
  }
}
