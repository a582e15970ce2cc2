// The discovery documents: aggregated (apidiscovery.k8s.io/v2) and the older ones, group by group.
import type { JsonObject } from '../../kube/object.ts'
import { joinApiVersion } from '../../kube/object.ts'
import type { ServedResource, ServedSubresource } from './contract.ts'

/** Media type of the aggregated documents, as the answer's content type. */
export const AGGREGATED_DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/**
 * The aggregated document of `/api` (core) or `/apis` (named groups). Groups and versions stand in the order of their first resource,
 * except that versions of one group follow Kubernetes' priority (v2, v1, v1beta1) where custom resources mix them.
 */
export function aggregatedDiscovery(resources: readonly ServedResource[], root: 'core' | 'named'): JsonObject {
  const groups = groupResources(resources.filter(({ group }) => (group === '') === (root === 'core')))
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...groups].map(([name, versions]) => ({
      metadata: name === '' ? {} : { name },
      versions: orderedVersions(versions).map(([version, served]) => ({
        version,
        resources: served.map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  }
}

/** `/api` in its old form. `serverAddress` is the `host:port` clients reach the server at. */
export function legacyCoreVersions(serverAddress: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** `/apis` in its old form. */
export function legacyGroupList(resources: readonly ServedResource[]): JsonObject {
  const groups = groupResources(resources.filter(({ group }) => group !== ''))
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [...groups].map(([name, versions]) => groupEntry(name, versions)),
  }
}

/** `/apis/<group>`; undefined where no resource is of the group. */
export function legacyGroup(resources: readonly ServedResource[], group: string): JsonObject | undefined {
  const versions = groupResources(resources.filter((resource) => resource.group === group)).get(group)
  if (versions === undefined || group === '') return undefined
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group, versions) }
}

/** `/api/v1` and `/apis/<group>/<version>`; undefined where nothing is served there. */
export function legacyResourceList(
  resources: readonly ServedResource[],
  group: string,
  version: string,
): JsonObject | undefined {
  const served = resources.filter((resource) => resource.group === group && resource.version === version)
  if (served.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    // The list of the core group is the one document that carries no apiVersion.
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: joinApiVersion(group, version),
    resources: served.flatMap((resource) => [
      legacyResource(resource),
      ...resource.subresources.map((subresource) => legacySubresource(resource, subresource)),
    ]),
  }
}

type Versions = Map<string, ServedResource[]>

function groupResources(resources: readonly ServedResource[]): Map<string, Versions> {
  const groups = new Map<string, Versions>()
  for (const resource of resources) {
    let versions = groups.get(resource.group)
    if (versions === undefined) groups.set(resource.group, (versions = new Map()))
    const served = versions.get(resource.version)
    if (served === undefined) versions.set(resource.version, [resource])
    else served.push(resource)
  }
  return groups
}

function orderedVersions(versions: Versions): readonly (readonly [string, ServedResource[]])[] {
  return [...versions].sort(([a], [b]) => compareVersions(a, b))
}

const VERSION = /^v(?<major>\d+)(?:(?<stage>alpha|beta)(?<minor>\d+))?$/
const STAGES: readonly (string | undefined)[] = ['alpha', 'beta', undefined]

/** Negative when `a` is preferred to `b`: stable before beta before alpha, higher before lower, others last by name (apimachinery `version.CompareKubeAwareVersionStrings`). */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionRank(a), versionRank(b)]
  for (const [index, rank] of left.entries()) {
    const difference = (right[index] ?? 0) - rank
    if (difference !== 0) return difference
  }
  return a < b ? -1 : Number(a > b)
}

/** Stage, major and minor number; all zero where the name is no version of Kubernetes' form. */
function versionRank(version: string): readonly number[] {
  const parts = VERSION.exec(version)?.groups
  if (parts === undefined) return [0, 0, 0]
  return [STAGES.indexOf(parts['stage']) + 1, Number(parts['major']), Number(parts['minor'] ?? 0)]
}

function groupEntry(name: string, versions: Versions): JsonObject {
  const entries = orderedVersions(versions).map(([version]) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: entries, preferredVersion: entries[0] ?? null }
}

function aggregatedResource(resource: ServedResource): JsonObject {
  const { kind, singular, namespaced, verbs, shortNames, categories, subresources } = resource
  return {
    resource: resource.resource,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: {
              group: subresource.group ?? '',
              version: subresource.version ?? '',
              kind: subresource.kind,
            },
            verbs: subresource.verbs,
          })),
        }
      : {}),
  }
}

function legacyResource(resource: ServedResource): JsonObject {
  const { singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash } = resource
  return {
    name: resource.resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(storageVersionHash === undefined ? {} : { storageVersionHash }),
  }
}

function legacySubresource(resource: ServedResource, subresource: ServedSubresource): JsonObject {
  const { group, version, kind, verbs } = subresource
  return {
    name: `${resource.resource}/${subresource.name}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...(group === undefined ? {} : { group }),
    ...(version === undefined ? {} : { version }),
    kind,
    verbs,
  }
}
