// What a cluster serves: reads discovery in its aggregated form, or group by group from servers without it.
import { withAbort } from '../../base/with-abort.ts'
import type { GroupKind } from '../object.ts'
import { KubeError, type ResourceType } from './client.ts'
import type { Requests } from './requests.ts'

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/** Everything a cluster serves, found by group and kind. */
export class Discovery {
  readonly #requests: Requests
  #known: Known | undefined
  #reading: Promise<Known> | undefined

  constructor(requests: Requests) {
    this.#requests = requests
  }

  /** The resource of a kind, of its preferred version unless one is named. A miss reads discovery anew. */
  async find(kind: GroupKind & { readonly version?: string }, signal?: AbortSignal): Promise<ResourceType | undefined> {
    const before = this.#known?.find(kind)
    if (before !== undefined) return before
    // A reading that was under way began before this question: a miss in it proves nothing.
    if (this.#reading !== undefined) {
      const found = (await withAbort(this.#reading, signal)).find(kind)
      if (found !== undefined) return found
    }
    return (await withAbort(this.#read(), signal)).find(kind)
  }

  /** All resources, each in its group's preferred version that has it. */
  async all(signal?: AbortSignal): Promise<readonly ResourceType[]> {
    return (this.#known ?? (await withAbort(this.#read(), signal))).preferred
  }

  /** Forgets what was read: a server said that a resource is gone. */
  invalidate(): void {
    this.#known = undefined
  }

  async #read(): Promise<Known> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  // Shared by many callers, so none of their signals may end it; the request deadline does.
  async #readAll(): Promise<Known> {
    const [core, named] = await Promise.all([this.#readRoot('/api'), this.#readRoot('/apis')])
    const known = new Known([...core, ...named].flat())
    this.#known = known
    return known
  }

  async #readRoot(root: string): Promise<readonly (readonly ResourceType[])[]> {
    const body = asRecord(await this.#requests.send('GET', root, { accept: AGGREGATED }))
    if (body['kind'] === 'APIGroupDiscoveryList') return asArray(body['items']).map(aggregatedGroup)
    const versions =
      root === '/api'
        ? asArray(body['versions']).map((version) => `/api/${asText(version)}`)
        : asArray(body['groups']).flatMap(groupVersionPaths)
    return Promise.all(versions.map((path) => this.#readLegacy(path)))
  }

  async #readLegacy(path: string): Promise<readonly ResourceType[]> {
    try {
      return legacyResources(asRecord(await this.#requests.send('GET', path)))
    } catch (error) {
      // An aggregated API whose server is down must not hide all others (client-go: partial discovery).
      if (error instanceof KubeError && (error.status >= 500 || error.status === 404)) return []
      throw error
    }
  }
}

class Known {
  readonly preferred: readonly ResourceType[]
  readonly #byKind = new Map<string, ResourceType>()
  readonly #byVersion = new Map<string, ResourceType>()

  constructor(resources: readonly ResourceType[]) {
    const preferred = new Map<string, ResourceType>()
    for (const resource of resources) {
      const { group, version, kind } = resource
      setOnce(this.#byKind, `${group}/${kind}`, resource)
      setOnce(this.#byVersion, `${group}/${version}/${kind}`, resource)
      setOnce(preferred, `${group}/${resource.resource}`, resource)
    }
    this.preferred = [...preferred.values()]
  }

  find(kind: GroupKind & { readonly version?: string }): ResourceType | undefined {
    if (kind.version === undefined) return this.#byKind.get(`${kind.group}/${kind.kind}`)
    return this.#byVersion.get(`${kind.group}/${kind.version}/${kind.kind}`)
  }
}

function setOnce<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value)
}

/** apidiscovery/v2: versions stand in order of preference. */
function aggregatedGroup(value: unknown): readonly ResourceType[] {
  const item = asRecord(value)
  const group = asText(asRecord(item['metadata'])['name'])
  return asArray(item['versions']).flatMap((entry) => {
    const version = asRecord(entry)
    return asArray(version['resources']).map((resource) =>
      aggregatedResource(asRecord(resource), group, asText(version['version'])),
    )
  })
}

function aggregatedResource(entry: Readonly<Record<string, unknown>>, group: string, version: string): ResourceType {
  return {
    group,
    version,
    resource: asText(entry['resource']),
    kind: asText(asRecord(entry['responseKind'])['kind']),
    namespaced: entry['scope'] === 'Namespaced',
    verbs: asArray(entry['verbs']).map(asText),
    subresources: asArray(entry['subresources']).map((subresource) => asText(asRecord(subresource)['subresource'])),
  }
}

function groupVersionPaths(value: unknown): string[] {
  const group = asRecord(value)
  const preferred = asText(asRecord(group['preferredVersion'])['groupVersion'])
  const all = asArray(group['versions']).map((version) => asText(asRecord(version)['groupVersion']))
  return [...new Set([preferred, ...all])].filter((version) => version !== '').map((version) => `/apis/${version}`)
}

/** APIResourceList: subresources are rows of their own, `pods/log`. */
function legacyResources(list: Readonly<Record<string, unknown>>): readonly ResourceType[] {
  const groupVersion = asText(list['groupVersion'])
  const slash = groupVersion.indexOf('/')
  const group = slash < 0 ? '' : groupVersion.slice(0, slash)
  const version = groupVersion.slice(slash + 1)
  const rows = asArray(list['resources']).map(asRecord)
  const names = rows.map((row) => asText(row['name']))
  return rows
    .filter((row) => !asText(row['name']).includes('/'))
    .map((row) => {
      const resource = asText(row['name'])
      const prefix = `${resource}/`
      const subresources = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
      const verbs = asArray(row['verbs']).map(asText)
      return {
        group,
        version,
        resource,
        kind: asText(row['kind']),
        namespaced: row['namespaced'] === true,
        verbs,
        subresources,
      }
    })
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  // A JSON object has string keys; anything else reads as an empty one.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
