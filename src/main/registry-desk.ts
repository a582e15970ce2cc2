// What the API asks of registries: whether one takes its login, who uses it, what an image would be pulled with.
import type { Clock } from '../base/clock.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import { pullSecretName } from '../pull-secrets/secret-object.ts'
import { type CredentialUsage, USAGE_LABEL, usageOf } from '../pull-secrets/usage.ts'
import type { CheckedCluster } from '../registry/check-image.ts'
import type { RegistryDesk, RegistryUse } from '../server/context.ts'
import { RegistryStates } from '../server/services/repositories/connection-states.ts'
import type { RegistryCredential } from '../settings/registry-credential.ts'
import type { ControlPlaneState } from './control-plane-state.ts'
import { lazyIssuer } from './pull-secrets.ts'
import type { ServedClusters } from './served-clusters.ts'

export interface RegistryDeskOptions {
  readonly clock: Clock
  readonly state: Pick<ControlPlaneState, 'registries' | 'tlsCertificates' | 'configMaps'>
  readonly destinations: Pick<ServedClusters, 'access'>
}

/** What is asked with is loaded with the first question. */
export function createRegistryDesk({ clock, state, destinations }: RegistryDeskOptions): RegistryDesk {
  const issuer = lazyIssuer({ clock, env: process.env })
  const caOf = (host: string): string | undefined => state.tlsCertificates().get(host)
  const probe = async (credential: RegistryCredential, signal: AbortSignal): Promise<void> => {
    const { probeRegistry } = await import('../registry/probe.ts')
    await probeRegistry(credential, { clock, issuer, caOf }, signal)
  }
  const states = new RegistryStates({ clock, test: probe })
  return {
    registered: () => state.registries(),
    test: probe,
    connection: (credential, isFresh, signal) => states.of(credential, isFresh, signal),
    use: (credential) => useOf(credential, usages(state.configMaps.list()).get(credential.id)),
    async check(question, signal) {
      const { client } = await destinations.access({ server: question.server })
      return checkOn(client, question, { clock, signal })
    },
  }
}

/** Reads ServiceAccount and Secrets of one cluster and asks the registry. */
export async function checkOn(
  cluster: KubeClient,
  question: Parameters<RegistryDesk['check']>[0],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): ReturnType<RegistryDesk['check']> {
  const [{ checkImage }, { RegistryClient }, { isTrustedRealm }] = await Promise.all([
    import('../registry/check-image.ts'),
    import('../registry/registry-client.ts'),
    import('../registry/realm-rules.ts'),
  ])
  const client = new RegistryClient({ clock, allowsRealm: (realm, host) => isTrustedRealm(realm, host) })
  try {
    return await checkImage(question, { cluster: readerOf(cluster, signal), client, signal })
  } finally {
    await client.close()
  }
}

function readerOf(client: KubeClient, signal: AbortSignal): CheckedCluster {
  const read = async (kind: string, namespace: string, name: string): Promise<KubeObject | undefined> => {
    const type = await client.resourceOf({ group: '', version: 'v1', kind })
    return type === undefined ? undefined : client.get({ type, namespace, name }, signal)
  }
  return {
    serviceAccount: (namespace, name) => read('ServiceAccount', namespace, name),
    secret: (namespace, name) => read('Secret', namespace, name),
  }
}

function usages(configMaps: Iterable<KubeObject>): ReadonlyMap<string, CredentialUsage> {
  return usageOf([...configMaps].filter(({ metadata }) => metadata.labels?.[USAGE_LABEL] !== undefined))
}

function useOf(credential: RegistryCredential, usage: CredentialUsage | undefined): RegistryUse | undefined {
  if (usage === undefined) return undefined
  const { applications, namespaces, applicationCount, namespaceCount, expiresAt, renewedAt, errors } = usage
  return {
    secretName: pullSecretName(credential),
    applications,
    places: namespaces.map(({ cluster, namespace }) => ({ server: cluster, namespace })),
    applicationCount,
    namespaceCount,
    errors,
    ...(renewedAt === undefined ? {} : { issuedAt: renewedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}
