// Makes the table of built-in resources (node tools/generate-discovery-data.ts [corpus folder]) from the discovery documents of Kubernetes 1.36.3.
//
// Takes discovery-aggregated-v2.json (order of groups and versions) and discovery-legacy.json (hashes of storage versions) of the
// corpus folder `kubernetes-schema`. A server with default flags serves the stable versions alone, which the recorded scenario
// `discovery` confirms, so alpha and beta versions are left out.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const CORPUS =
  process.argv[2] ?? join(process.env['CAPSTAN_CORPUS'] ?? join(ROOT, '../shared/corpus'), 'kubernetes-schema')
const TARGET = join(ROOT, 'src/local-cluster/kinds/generated')
const STABLE = /^v\d+$/

interface AggregatedGroup {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly { readonly version: string }[]
}
interface LegacyResource {
  readonly name: string
  readonly singularName: string
  readonly namespaced: boolean
  readonly group?: string
  readonly version?: string
  readonly kind: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly storageVersionHash?: string
}

function readCorpus<T>(file: string): T {
  // The corpus README fixes the shape of each file.
  return JSON.parse(readFileSync(join(CORPUS, file), 'utf8')) as T
}

/** Resources of one version, each with its subresources inside it, in the order of the document. */
function resourcesOf(group: string, version: string, listed: readonly LegacyResource[]): object[] {
  return listed
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, singularName, storageVersionHash, shortNames = [], categories = [], ...resource }) => ({
      group,
      version,
      kind: resource.kind,
      resource: name,
      singular: singularName,
      namespaced: resource.namespaced,
      verbs: resource.verbs,
      shortNames,
      categories,
      ...(storageVersionHash === undefined ? {} : { storageVersionHash }),
      subresources: listed.filter((other) => other.name.startsWith(`${name}/`)).map(subresourceOf),
    }))
}

/** Group and version are written only where the body is of another group than the resource. */
function subresourceOf({ name, kind, group, version, verbs }: LegacyResource): object {
  const foreign = group === undefined && version === undefined ? {} : { group: group ?? '', version: version ?? '' }
  return { name: name.slice(name.indexOf('/') + 1), kind, ...foreign, verbs }
}

const legacy = readCorpus<Record<string, { resources?: LegacyResource[] }>>('discovery-legacy.json')
const groups = readCorpus<{ items: AggregatedGroup[] }>('discovery-aggregated-v2.json').items
const rows = resourcesOf('', 'v1', legacy['/api/v1']?.resources ?? [])
for (const { metadata, versions } of groups) {
  const group = metadata.name ?? ''
  for (const { version } of versions.filter((candidate) => STABLE.test(candidate.version)))
    rows.push(...resourcesOf(group, version, legacy[`/apis/${group}/${version}`]?.resources ?? []))
}
mkdirSync(TARGET, { recursive: true })
writeFileSync(join(TARGET, 'resources.json'), `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`)
