// Renders a chart that may look into a cluster: what `lookup` asks is fetched, and the chart rendered again, until it asks for nothing new.
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { RenderFlags } from '../cli/render.ts'
import { createClient } from '../kube/client/create-client.ts'
import type { KubeClient, ResourceType } from '../kube/client/client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import { joinApiVersion, splitApiVersion } from '../kube/object.ts'
import type { LookUpQuery } from '../render/helm/chart-functions.ts'
import { renderChartText, type ChartInput } from '../render/helm/render-chart.ts'

/** Charts ask for what earlier answers named; more than a few rounds are a chart that never ends. */
export const MAX_ROUNDS = 50

/** What `helm template --dry-run=server` prints. */
export async function renderOnCluster(input: ChartInput, flags: RenderFlags, signal: AbortSignal): Promise<string> {
  const loaded = await loadKubeConfig({
    env: process.env,
    ...(flags.kubeconfig === undefined ? {} : { path: flags.kubeconfig }),
    ...(flags.kubeContext === undefined ? {} : { context: flags.kubeContext }),
  })
  const client = createClient(httpTransport(loaded.transport), { clock: systemClock })
  try {
    return await renderWithLookups({ ...input, ...(await capabilitiesOf(client, signal)) }, client, signal)
  } finally {
    await client.close()
  }
}

/** The cluster's own version, and all it serves by group, version and kind. */
async function capabilitiesOf(
  client: KubeClient,
  signal: AbortSignal,
): Promise<Pick<ChartInput, 'kubeVersion' | 'apiVersions'>> {
  const { gitVersion } = await client.serverVersion(signal)
  const names = new Set<string>()
  for (const { group, version, kind } of await client.resources(signal)) {
    const apiVersion = joinApiVersion(group, version)
    names.add(apiVersion).add(`${apiVersion}/${kind}`)
  }
  return { kubeVersion: gitVersion, apiVersions: [...names] }
}

async function renderWithLookups(input: ChartInput, client: KubeClient, signal: AbortSignal): Promise<string> {
  const known = new Map<string, unknown>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const missing = new Map<string, LookUpQuery>()
    const attempt = tryRender(input, (query) => {
      const key = JSON.stringify(query)
      if (!known.has(key)) missing.set(key, query)
      return known.get(key) ?? {}
    })
    if (missing.size === 0) return attempt()
    for (const [key, query] of missing) known.set(key, await find(client, query, signal))
  }
  throw new CapstanError('limit', `the chart's lookups led to new ones more than ${MAX_ROUNDS} times`)
}

/** Renders now; gives or throws the outcome later, as an answer that is missing may be its reason. */
function tryRender(input: ChartInput, lookUp: (query: LookUpQuery) => unknown): () => string {
  try {
    const text = renderChartText({ ...input, lookUp })
    return () => text
  } catch (error) {
    return () => {
      throw error
    }
  }
}

async function find(
  client: KubeClient,
  { apiVersion, kind, namespace, name }: LookUpQuery,
  signal: AbortSignal,
): Promise<unknown> {
  const { group, version } = splitApiVersion(apiVersion)
  const type = await client.resourceOf({ group, kind, version }, signal)
  if (type === undefined) {
    throw new CapstanError('bad-input', `lookup: the cluster serves no ${kind} of ${apiVersion}`)
  }
  if (name === '') return list(client, type, { apiVersion, kind, namespace, signal })
  const place = namespace === '' ? {} : { namespace }
  return (await client.get({ type, name, ...place }, signal)) ?? {}
}

async function list(
  client: KubeClient,
  type: ResourceType,
  wanted: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly signal: AbortSignal
  },
): Promise<unknown> {
  const { apiVersion, kind, namespace, signal } = wanted
  const place = type.namespaced && namespace !== '' ? { namespace } : {}
  const { items, resourceVersion } = await client.list(type, { ...place, signal })
  return { apiVersion, kind: `${kind}List`, metadata: { resourceVersion }, items }
}
