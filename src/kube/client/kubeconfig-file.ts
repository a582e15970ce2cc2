// The shape of a kubeconfig file: named clusters, users and contexts, and how several files merge.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import type { YamlValue } from '../../lang/yaml/value.ts'

/** A named cluster, user or context and the file it stands in. */
export interface Entry {
  readonly path: string
  readonly fields: Readonly<Record<string, YamlValue>>
}

export interface KubeConfigFile {
  readonly currentContext: string | undefined
  readonly clusters: ReadonlyMap<string, Entry>
  readonly users: ReadonlyMap<string, Entry>
  readonly contexts: ReadonlyMap<string, Entry>
}

/** A kubeconfig is written by hand and holds a few dozen clusters at most. */
const MAX_TEXT_LENGTH = 8 * 1024 * 1024

/** Parses one file; YAML or JSON. */
export function parseKubeConfig(text: string, path: string): KubeConfigFile {
  const at = `kubeconfig ${path}`
  if (text.length > MAX_TEXT_LENGTH) throw new CapstanError('limit', `${at}: larger than ${MAX_TEXT_LENGTH} characters`)
  const root = parse(text, at)
  const currentContext = root['current-context']
  return {
    currentContext: typeof currentContext === 'string' && currentContext !== '' ? currentContext : undefined,
    clusters: entries(root, 'cluster', path),
    users: entries(root, 'user', path),
    contexts: entries(root, 'context', path),
  }
}

/** The first file that names something wins (client-go tools/clientcmd/loader.go). */
export function mergeKubeConfigs(files: readonly KubeConfigFile[]): KubeConfigFile {
  const latestFirst = files.toReversed()
  return {
    currentContext: files.map((file) => file.currentContext).find((name) => name !== undefined),
    clusters: new Map(latestFirst.flatMap((file) => [...file.clusters])),
    users: new Map(latestFirst.flatMap((file) => [...file.users])),
    contexts: new Map(latestFirst.flatMap((file) => [...file.contexts])),
  }
}

function parse(text: string, at: string): Readonly<Record<string, YamlValue>> {
  let value: YamlValue
  try {
    value = parseYaml(text)
  } catch (error) {
    throw new CapstanError('bad-input', `${at}: ${messageOf(error)}`, { cause: error })
  }
  if (value === null) return {}
  if (!isObject(value)) throw new CapstanError('bad-input', `${at}: not a mapping`)
  return value
}

/** `clusters: [{name, cluster: {...}}]` as a map by name. */
function entries(root: Readonly<Record<string, YamlValue>>, kind: string, path: string): ReadonlyMap<string, Entry> {
  const list = root[`${kind}s`] ?? []
  const at = `kubeconfig ${path}: ${kind}s`
  if (!Array.isArray(list)) throw new CapstanError('bad-input', `${at} must be a list`)
  const found = new Map<string, Entry>()
  for (const [index, item] of list.entries()) {
    const name = isObject(item) ? item['name'] : undefined
    if (!isObject(item) || typeof name !== 'string') {
      throw new CapstanError('bad-input', `${at}[${index}]: name is missing`)
    }
    const fields = item[kind] ?? {}
    if (!isObject(fields))
      throw new CapstanError('bad-input', `${at}[${index}] ${JSON.stringify(name)}: ${kind} must be a mapping`)
    if (!found.has(name)) found.set(name, { path, fields })
  }
  return found
}

function isObject(value: YamlValue): value is Record<string, YamlValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
