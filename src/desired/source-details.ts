// What a form wants to know about a source before there is an application: kinds of folders, values files, parameters.
import type { ApplicationSource } from '../crds/application.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { detectSourceType } from '../render/detect.ts'
import type { OverSource } from '../render/plugin/plugins.ts'
import type { FileTree } from '../source/file-tree.ts'

/** Folders looked into; a repository with more has applications enough to choose from. */
export const MAX_FOLDERS = 2_000
/** Parameters listed of a chart; more would fill no form. */
export const MAX_PARAMETERS = 1_000

export interface AppFolder {
  readonly type: 'Helm' | 'Kustomize'
  readonly path: string
}

const KUSTOMIZATIONS = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])

/** Folders that hold a chart or a kustomization, as upstream lists them (util/app/discovery `Discover`, v3.5.1), sorted. */
export async function findApps(tree: FileTree, signal?: AbortSignal): Promise<readonly AppFolder[]> {
  const found: AppFolder[] = []
  const waiting = ['']
  let looked = 0
  for (let path = waiting.pop(); path !== undefined && looked < MAX_FOLDERS; path = waiting.pop()) {
    looked++
    const entries = (await tree.readDirectory(path, signal)) ?? []
    const names = entries.filter(({ type }) => type === 'file').map(({ name }) => name)
    if (names.includes('Chart.yaml')) found.push({ type: 'Helm', path: path || '.' })
    else if (names.some((name) => KUSTOMIZATIONS.has(name))) found.push({ type: 'Kustomize', path: path || '.' })
    const below = entries.filter(({ type, name }) => type === 'directory' && !name.startsWith('.'))
    waiting.push(...below.map(({ name }) => (path === '' ? name : `${path}/${name}`)))
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

export interface DescribeOptions {
  /** The plug-ins over the source's files; absent: there are none. */
  readonly plugins?: OverSource
  readonly signal?: AbortSignal
}

/** Upstream's RepoAppDetailsResponse: the kind of a source, and for a chart its values files and parameters. */
export async function describeSource(
  source: ApplicationSource,
  tree: FileTree,
  { plugins, signal }: DescribeOptions = {},
): Promise<object> {
  const type = await detectSourceType(source, tree, {
    ...(signal === undefined ? {} : { signal }),
    ...(plugins === undefined ? {} : { discover: () => plugins.discovers(signal) }),
  })
  if (type === 'Plugin') return { type, plugin: { parametersAnnouncement: (await plugins?.announce(signal)) ?? [] } }
  if (type !== 'Helm') return { type, [type.toLowerCase()]: {} }
  const path = source.path ?? ''
  const entries = (await tree.readDirectory(path, signal)) ?? []
  const valueFiles = entries.map(({ name }) => name).filter((name) => /values.*\.ya?ml$/i.test(name))
  const values = await readValues(tree, path === '' || path === '.' ? 'values.yaml' : `${path}/values.yaml`, signal)
  return { type, helm: { valueFiles, values: values.text, parameters: flatten(values.value) } }
}

async function readValues(
  tree: FileTree,
  path: string,
  signal?: AbortSignal,
): Promise<{ text: string; value: unknown }> {
  const file = await tree.readFile(path, signal)
  if (file === undefined) return { text: '', value: {} }
  const text = new TextDecoder().decode(file.bytes)
  return { text, value: parseYaml(text) }
}

interface Parameter {
  readonly name: string
  readonly value: string
}

/** `image.tag`, `ports[0].name`: leaves of the values by their path, as `--set` would name them. */
function flatten(values: unknown, prefix = ''): readonly Parameter[] {
  if (Array.isArray(values)) {
    return values.flatMap((item, index) => flatten(item, `${prefix}[${index}]`)).slice(0, MAX_PARAMETERS)
  }
  if (typeof values === 'object' && values !== null) {
    return Object.entries(values)
      .flatMap(([key, value]) => {
        const name = key.replaceAll('.', String.raw`\.`)
        return flatten(value, prefix === '' ? name : `${prefix}.${name}`)
      })
      .slice(0, MAX_PARAMETERS)
  }
  const isLeaf =
    prefix !== '' && (typeof values === 'string' || typeof values === 'number' || typeof values === 'boolean')
  return isLeaf ? [{ name: prefix, value: String(values) }] : []
}
