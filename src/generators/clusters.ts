// The cluster generator: one parameter set for each registered cluster the selector takes, and the control plane's own.
import { formatLabelSelector, labelSelectorOf, matchesLabels } from '../kube/selector.ts'
import type { KubeObject } from '../kube/object.ts'
import { compareText } from '../lang/go/text.ts'
import type { GoValue } from '../lang/go/values.ts'
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER } from '../settings/clusters.ts'
import type { Generator, Parameters } from './contract.ts'
import { failed } from './failure.ts'
import { sanitizeName } from './names.ts'
import { appendValues, stringMapOf } from './parameters.ts'
import type { GeneratorSpec } from './transform.ts'

type ClusterSpec = GeneratorSpec<'clusters'>

/** In the order of the clusters' names; the in-cluster one last where it has no Secret and nothing is selected by label. */
export const clusterGenerator: Generator<ClusterSpec> = {
  async generate(spec, { services, renderer }) {
    const secrets = services.clusterSecrets()
    const selected = selectedSecrets(spec, secrets)
    const sets = selected.map((secret) => clusterParameters(secret, renderer.isGoTemplate))
    if (!isSelecting(spec) && !selected.some((secret) => dataOf(secret, 'server') === IN_CLUSTER_SERVER)) {
      sets.push(inClusterParameters())
    }
    for (const parameters of sets) {
      try {
        appendValues(parameters, spec.values, renderer)
      } catch (error) {
        throw failed('error appending templated values for cluster', error)
      }
    }
    return spec.flatList === true ? [new Map<GoValue, GoValue>([['clusters', sets]])] : sets
  },
  requeueAfterMs: () => undefined,
}

function isSelecting({ selector }: ClusterSpec): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length > 0 || (selector?.matchExpressions ?? []).length > 0
}

function selectedSecrets(spec: ClusterSpec, secrets: readonly KubeObject[]): readonly KubeObject[] {
  const selector = selectorOf(spec)
  const byName = new Map<string, KubeObject>()
  for (const secret of secrets) {
    if (matchesLabels(selector, secret.metadata.labels)) byName.set(dataOf(secret, 'name') ?? '', secret)
  }
  return [...byName].toSorted(([a], [b]) => compareText(a, b)).map(([, secret]) => secret)
}

function selectorOf({ selector }: ClusterSpec): ReturnType<typeof labelSelectorOf> {
  try {
    return labelSelectorOf(selector ?? {})
  } catch (error) {
    throw failed('error getting cluster secrets: error converting label selector', error)
  }
}

function clusterParameters(secret: KubeObject, isGoTemplate: boolean): Parameters {
  const name = dataOf(secret, 'name') ?? ''
  const parameters: Parameters = new Map<GoValue, GoValue>([
    ['name', name],
    ['nameNormalized', sanitizeName(name)],
    ['server', dataOf(secret, 'server') ?? ''],
    ['project', dataOf(secret, 'project') ?? ''],
  ])
  const { labels = {}, annotations = {} } = secret.metadata
  if (isGoTemplate) {
    const metadata = new Map<GoValue, GoValue>()
    if (Object.keys(annotations).length > 0) metadata.set('annotations', stringMapOf(annotations))
    if (Object.keys(labels).length > 0) metadata.set('labels', stringMapOf(labels))
    parameters.set('metadata', metadata)
    return parameters
  }
  for (const [key, value] of Object.entries(annotations)) parameters.set(`metadata.annotations.${key}`, value)
  for (const [key, value] of Object.entries(labels)) parameters.set(`metadata.labels.${key}`, value)
  return parameters
}

function inClusterParameters(): Parameters {
  return new Map<GoValue, GoValue>([
    ['name', IN_CLUSTER_NAME],
    ['nameNormalized', IN_CLUSTER_NAME],
    ['server', IN_CLUSTER_SERVER],
    ['project', ''],
  ])
}

/** One value of a Secret, decoded; undefined where it has none. */
function dataOf(secret: KubeObject, key: string): string | undefined {
  const data: unknown = 'data' in secret ? secret.data : undefined
  const value: unknown =
    typeof data === 'object' && data !== null && Object.hasOwn(data, key) ? Object(data)[key] : undefined
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined
}

/** The text of a selector, for those who ask a cluster with it. */
export function selectorText(selector: ClusterSpec['selector']): string {
  return formatLabelSelector(labelSelectorOf(selector ?? {}) ?? [])
}
