// Projects as people read them: the table of all, the lines of one (cmd/argocd/commands/project.go, v3.5.1).
import type { AppProject, AppProjectSpec } from '../../crds/app-project.ts'
import { formatTable } from '../table.ts'

const HEADING = [
  'NAME',
  'DESCRIPTION',
  'DESTINATIONS',
  'SOURCES',
  'CLUSTER-RESOURCE-WHITELIST',
  'NAMESPACE-RESOURCE-BLACKLIST',
  'SIGNATURE-KEYS',
  'ORPHANED-RESOURCES',
  'DESTINATION-SERVICE-ACCOUNTS',
]
const NONE = '<none>'

export function formatProjects(projects: readonly AppProject[]): string {
  return formatTable([HEADING, ...projects.map(projectRow)])
}

function projectRow({ metadata, spec }: AppProject): readonly string[] {
  return [
    metadata.name ?? '',
    spec.description ?? '',
    countOf(destinations(spec), 'destinations'),
    countOf(spec.sourceRepos, 'repos'),
    countOf(groupKinds(spec.clusterResourceWhitelist), 'resources'),
    numberOf(spec.namespaceResourceBlacklist, 'resources'),
    numberOf(spec.signatureKeys, 'key(s)'),
    orphanedResources(spec),
    countOf(
      (spec.destinationServiceAccounts ?? []).map(
        ({ server, namespace = '', defaultServiceAccount }) => `${server},${namespace},${defaultServiceAccount}`,
      ),
      'destinationServiceAccounts',
    ),
  ]
}

/** Nothing, the one, or how many. */
function countOf(values: readonly string[] = [], what: string): string {
  return values.length === 1 ? (values[0] ?? '') : numberOf(values, what)
}

function numberOf(values: readonly unknown[] = [], what: string): string {
  return values.length === 0 ? NONE : `${values.length} ${what}`
}

function destinations({ destinations: all = [] }: AppProjectSpec): readonly string[] {
  return all.map(({ server = '', namespace = '' }) => `${server},${namespace}`)
}

function groupKinds(kinds: readonly { readonly group?: string; readonly kind?: string }[] = []): readonly string[] {
  return kinds.map(({ group = '', kind = '' }) => `${group}/${kind}`)
}

function orphanedResources({ orphanedResources: settings }: AppProjectSpec): string {
  if (settings === undefined || settings === null) return 'disabled'
  const ignored = settings.ignore?.length ?? 0
  return `enabled (warn=${settings.warn === true}${ignored > 0 ? `, ignored ${ignored}` : ''})`
}

/** A project with what belongs to it alone. */
export interface DetailedProject {
  readonly project: AppProject
  readonly repositories?: readonly { readonly repo: string }[]
  readonly clusters?: readonly { readonly server: string }[]
}

/** Names of the lines stand in a column of this width. */
const LABEL_WIDTH = 29

export function formatProject({ project, repositories = [], clusters = [] }: DetailedProject): string {
  const { metadata, spec } = project
  const keys = (spec.signatureKeys ?? []).map(({ keyID }) => keyID)
  const lines: readonly (readonly [label: string, values: readonly string[]])[] = [
    ['Name:', [metadata.name ?? '']],
    ['Description:', [spec.description ?? '']],
    ['Destinations:', destinations(spec)],
    ['Repositories:', spec.sourceRepos ?? []],
    ['Source Namespaces:', spec.sourceNamespaces ?? []],
    ['Scoped Repositories:', repositories.map(({ repo }) => repo)],
    ['Allowed Cluster Resources:', groupKinds(spec.clusterResourceWhitelist)],
    ['Scoped Clusters:', clusters.map(({ server }) => server)],
    ['Denied Namespaced Resources:', groupKinds(spec.namespaceResourceBlacklist)],
    ['Signature keys:', keys.length === 0 ? [] : [keys.join(', ')]],
    ['Orphaned Resources:', [orphanedResources(spec)]],
  ]
  return lines.map(([label, values]) => formatLine(label, values)).join('')
}

function formatLine(label: string, values: readonly string[]): string {
  return (values.length === 0 ? [NONE] : values)
    .map((value, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${value}\n`)
    .join('')
}
