// What `capstan registry sync` does: reads the configuration, connects, and lets the manager run once.
import { readFile } from 'node:fs/promises'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { RegistrySyncFlags } from '../cli/registry/sync.ts'
import { runManager } from '../controllers/pull-secrets/manager-run.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { inClusterConfig, isInCluster } from '../kube/client/in-cluster.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import type { LoadedKubeConfig } from '../kube/client/loaded-kubeconfig.ts'
import { MAX_CONFIG_LENGTH, readManagerConfig, type ValueReference } from '../pull-secrets/manager-config.ts'
import { createLoginIssuer } from '../registry/issue.ts'
import { readSecret } from '../settings/map-reader.ts'
import { readInputFile, readStandardInput } from './standard-input.ts'

const CONFIG_KEY = 'credentials.yaml'

/** Says each line; answers what went wrong. Throws `bad-input` for a configuration that cannot be read: nothing was done then. */
export async function runRegistrySync(
  flags: RegistrySyncFlags,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const loaded = await clusterOf(flags)
  const client = createClient(httpTransport(loaded.transport), { clock: systemClock })
  const issuer = createLoginIssuer({ clock: systemClock, env: process.env })
  try {
    const namespace = flags.namespace ?? loaded.namespace ?? 'default'
    const text = await configText(flags, client, signal)
    const config = await readManagerConfig(text, (reference) => valueOf(reference, { client, namespace, signal }))
    const result = await runManager({
      client,
      config,
      issuer,
      clock: systemClock,
      random: Math.random(),
      isDryRun: flags.dryRun === true,
      cleansUp: flags.cleanUp,
      say,
      signal,
    })
    return result.failures
  } finally {
    await issuer.close()
    await client.close()
  }
}

/** In a pod its own cluster, whatever else lies about; else as kubectl. */
async function clusterOf({ kubeconfig, context }: RegistrySyncFlags): Promise<LoadedKubeConfig> {
  const { env } = process
  const isTold = kubeconfig !== undefined || context !== undefined || (env['KUBECONFIG'] ?? '') !== ''
  if (!isTold && isInCluster(env)) return inClusterConfig(env)
  return loadKubeConfig({
    env,
    ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
    ...(context === undefined ? {} : { context }),
  })
}

async function configText(
  { config, configSecret }: RegistrySyncFlags,
  client: KubeClient,
  signal: AbortSignal,
): Promise<string> {
  if ((config === undefined) === (configSecret === undefined)) {
    throw new CapstanError('bad-input', 'give either --config or --config-secret')
  }
  if (config !== undefined) return configFile(config)
  const [namespace = '', name = ''] = (configSecret ?? '').split('/')
  return keyOf({ name, key: CONFIG_KEY }, { client, namespace, signal })
}

async function configFile(path: string): Promise<string> {
  try {
    const bytes = await (path === '-' ? readStandardInput(MAX_CONFIG_LENGTH) : readInputFile(path, MAX_CONFIG_LENGTH))
    return Buffer.from(bytes).toString('utf8')
  } catch (error) {
    // Nothing is done, nor cleaned up, without a configuration.
    throw new CapstanError('bad-input', `the configuration ${path} cannot be read`, { cause: error })
  }
}

interface Place {
  readonly client: KubeClient
  readonly namespace: string
  readonly signal: AbortSignal
}

async function valueOf(reference: ValueReference, place: Place): Promise<string> {
  if ('env' in reference) {
    const value = process.env[reference.env]
    if (value === undefined) throw new CapstanError('not-found', `the environment has no ${reference.env}`)
    return value
  }
  if ('file' in reference) return (await readFile(reference.file, 'utf8')).trim()
  return keyOf(reference.secretKeyRef, place)
}

async function keyOf(
  { name, key }: { readonly name: string; readonly key: string },
  { client, namespace, signal }: Place,
): Promise<string> {
  const type = await client.resourceOf({ group: '', kind: 'Secret', version: 'v1' }, signal)
  const secret = type === undefined ? undefined : await client.get({ type, namespace, name }, signal)
  const value = secret === undefined ? undefined : readSecret(secret).text(key)
  if (value === undefined) {
    throw new CapstanError('not-found', `Secret ${namespace}/${name} with the key ${key} is not there`)
  }
  return value
}
