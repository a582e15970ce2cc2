// How an ApplicationSet reads in lines and tables (argo-cd cmd/argocd/commands/applicationset.go, v3.5.1).
import type { ApplicationSet } from '../../crds/application-set.ts'
import type { ApplicationSource, ResourceStatus } from '../../crds/application.ts'
import { formatLines } from '../app/describe.ts'
import { cells, formatTable } from '../table.ts'

/** `namespace/name`. */
export function qualifiedName({ metadata }: ApplicationSet): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

/** What `appset get` prints: lines about the set, then its conditions. */
export function formatSet(set: ApplicationSet): string {
  const conditions = set.status?.conditions ?? []
  const rows = conditions.map(({ type, status, message, lastTransitionTime }) =>
    cells(type, status, message, lastTransitionTime ?? '<nil>'),
  )
  const table =
    rows.length === 0 ? '' : `\n${formatTable([['CONDITION', 'STATUS', 'MESSAGE', 'LAST TRANSITION'], ...rows])}\n`
  return formatLines(headLines(set)) + table
}

function headLines(set: ApplicationSet): readonly (readonly [string, string])[] {
  const { spec } = set.spec.template
  const { server = '', name = '', namespace = '' } = spec.destination
  const sources = sourcesOf(set)
  return [
    ['Name:', qualifiedName(set)],
    ['Project:', spec.project || 'default'],
    ['Server:', server === '' ? name : server],
    ['Namespace:', namespace],
    ['Health Status:', set.status?.health?.status ?? ''],
    [(spec.sources ?? []).length > 0 ? 'Sources:' : 'Source:', ''],
    ...sources.flatMap(sourceLines),
    ['SyncPolicy:', syncPolicyLine(set)],
  ]
}

function sourcesOf({ spec }: ApplicationSet): readonly ApplicationSource[] {
  const { sources = [], source } = spec.template.spec
  return sources.length > 0 ? sources : [source ?? { repoURL: '' }]
}

function sourceLines({ repoURL, targetRevision, path, ref, helm, kustomize }: ApplicationSource): [string, string][] {
  const lines: [string, string | undefined][] = [
    ['  Path:', path],
    ['  Ref:', ref],
    ['  Helm Values:', helm?.valueFiles?.join(',')],
    ['  Name Prefix:', kustomize?.namePrefix],
  ]
  const told = lines.flatMap(([key, value]): [string, string][] => (value ? [[key, value]] : []))
  return [['- Repo:', repoURL ?? ''], ['  Target:', targetRevision ?? ''], ...told]
}

function syncPolicyLine({ spec }: ApplicationSet): string {
  const automated = spec.template.spec.syncPolicy?.automated
  if (automated === undefined || automated.enabled === false) return '<none>'
  return automated.prune === true ? 'Automated (Prune)' : 'Automated'
}

const HEADING = ['NAME', 'PROJECT', 'SYNCPOLICY', 'HEALTH', 'CONDITIONS', 'REPO', 'PATH', 'TARGET']

/** What `appset list` prints. */
export function formatSets(sets: readonly ApplicationSet[]): string {
  return formatTable([HEADING, ...sets.map(listRow)])
}

function listRow(set: ApplicationSet): readonly string[] {
  const { spec, status } = set
  const { project, source } = spec.template.spec
  const { repoURL, path, targetRevision } = sourcesOf(set)[0] ?? source ?? {}
  const health = status?.health?.status
  return cells(qualifiedName(set), project, policyText(set), health, conditionsText(set), repoURL, path, targetRevision)
}

/** As Go prints the message. */
function policyText({ spec }: ApplicationSet): string {
  if (spec.syncPolicy === undefined) return 'nil'
  const { preserveResourcesOnDeletion = false, applicationsSync } = spec.syncPolicy
  const sync = applicationsSync === undefined ? 'nil' : `*${applicationsSync}`
  return `&ApplicationSetSyncPolicy{PreserveResourcesOnDeletion:${preserveResourcesOnDeletion},ApplicationsSync:${sync},}`
}

/** As Go prints the conditions that hold. */
function conditionsText({ status }: ApplicationSet): string {
  const held = (status?.conditions ?? []).filter((condition) => condition.status === 'True')
  const texts = held.map(
    ({ type, message, lastTransitionTime, status: value, reason }) =>
      `{${type} ${message} ${timeText(lastTransitionTime)} ${value} ${reason}}`,
  )
  return `[${texts.join(' ')}]`
}

function timeText(time: string | undefined): string {
  return time === undefined ? '<nil>' : `${time.replace('T', ' ').replace('Z', '')} +0000 UTC`
}

/** What a dry run would do to Applications, by name; empty where the server told nothing of it. */
export function formatPlan(resources: readonly ResourceStatus[]): string {
  const rows = resources.map((resource) =>
    cells(changeWord(resource), `${resource.namespace ?? ''}/${resource.name ?? ''}`),
  )
  return rows.length === 0 ? 'No Applications.\n' : formatTable([['CHANGE', 'APPLICATION'], ...rows])
}

function changeWord({ status, health, requiresPruning }: ResourceStatus): string {
  if (requiresPruning === true) return 'delete'
  if (status === 'Synced') return 'unchanged'
  if (status === 'OutOfSync') return health?.status === 'Missing' ? 'create' : 'change'
  return 'invalid'
}
