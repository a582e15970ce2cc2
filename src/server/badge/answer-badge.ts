// GET /api/badge: an application's or a project's status as a picture, for anybody, where argocd-cm says so.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Application, OperationState } from '../../crds/application.ts'
import { type Badge, badgeSvg } from './badge-svg.ts'

export interface BadgeOptions {
  /** `statusbadge.enabled` */
  readonly isEnabled: () => boolean
  /** Of the control plane. */
  readonly namespace: string
  readonly application: (namespace: string, name: string) => Application | undefined
  readonly applications: (namespace: string) => Iterable<Application>
  /** True for namespaces whose applications are served, the control plane's among them. */
  readonly isNamespaceEnabled: (namespace: string) => boolean
}

/** Never rejects. */
export type BadgeAnswerer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Upstream's colours (argo-cd v3.5.1 `server/badge/color.go`). */
const COLOR = {
  blue: 'rgb(16, 61, 102)',
  green: 'rgb(11, 97, 42)',
  purple: 'rgb(115, 31, 77)',
  orange: 'rgb(189, 115, 0)',
  red: 'rgb(167, 46, 38)',
  grey: 'rgb(41, 52, 61)',
} as const
const HEALTH_COLORS: Readonly<Record<string, string>> = {
  Degraded: COLOR.red,
  Healthy: COLOR.green,
  Missing: COLOR.purple,
  Progressing: COLOR.blue,
  Suspended: COLOR.grey,
  Unknown: COLOR.purple,
}
const SYNC_COLORS: Readonly<Record<string, string>> = {
  Synced: COLOR.green,
  OutOfSync: COLOR.orange,
  Unknown: COLOR.purple,
}
const WIDTH_WITH_REVISION = 192
const WIDTH_WITH_FULL_REVISION = 400
const SHORT_REVISION = 7

interface Status {
  readonly health: string
  readonly sync: string
  readonly name?: string
  readonly revision?: string
}

const UNKNOWN: Status = { health: 'Unknown', sync: 'Unknown' }

export function createBadgeAnswerer(options: BadgeOptions): BadgeAnswerer {
  return async (request, response) => {
    const query = new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '')
    const svg = options.isEnabled() ? enabledBadge(query, options) : badgeSvg(badgeOf(UNKNOWN))
    if (svg === undefined) {
      response.writeHead(400).end()
      return
    }
    response.writeHead(200, {
      'content-type': 'image/svg+xml',
      // A picture that is kept shows what is no longer so.
      'cache-control': 'private, no-store',
      'access-control-allow-origin': '*',
    })
    response.end(request.method === 'HEAD' ? '' : svg)
  }
}

/** Undefined for names that can be none. */
function enabledBadge(query: URLSearchParams, options: BadgeOptions): string | undefined {
  const namespace = query.get('namespace') ?? options.namespace
  const name = query.get('name')
  const projects = query.getAll('project')
  if (!isLabel(namespace) || (name !== null && !isName(name))) return undefined
  const found = options.isNamespaceEnabled(namespace) ? statusOf(namespace, name, options) : undefined
  if (found === undefined) return badgeSvg({ ...badgeOf(UNKNOWN), ...widthOf(query), left: 'Not Found', right: '' })
  if (!projects.every((project) => project === '' || isLabel(project.toLowerCase()))) return undefined
  const status = projects.length === 0 ? found : overProjects(found, options.applications(namespace), projects)
  const title = isTrue(query, 'showAppName') ? status.name : undefined
  return badgeSvg({
    ...badgeOf(status),
    ...revisionOf(status, query),
    ...widthOf(query),
    ...(title === undefined ? {} : { title }),
  })
}

/** Undefined where there is no such application. */
function statusOf(namespace: string, name: string | null, { application }: BadgeOptions): Status | undefined {
  if (name === null) return UNKNOWN
  const found = application(namespace, name)
  if (found === undefined) return undefined
  const { health, sync, operationState } = found.status ?? {}
  return { name, health: health?.status ?? '', sync: sync?.status ?? '', revision: syncedRevision(operationState) }
}

/** Of several sources the first one's. */
function syncedRevision(state: OperationState | undefined): string {
  const { revision = '', revisions = [] } = state?.syncResult ?? {}
  return revisions[0] ?? revision
}

/** One that is not healthy makes all Degraded, one that is not synced all OutOfSync. */
function overProjects(status: Status, applications: Iterable<Application>, projects: readonly string[]): Status {
  const chosen = [...applications].filter(({ spec }) => projects.includes(spec.project || 'default'))
  if (chosen.length === 0) return status
  const isHealthy = chosen.every((one) => one.status?.health?.status === 'Healthy') && status.health !== 'Degraded'
  const isSynced = chosen.every((one) => one.status?.sync?.status === 'Synced') && status.sync !== 'OutOfSync'
  return { ...status, health: isHealthy ? 'Healthy' : 'Degraded', sync: isSynced ? 'Synced' : 'OutOfSync' }
}

function badgeOf({ health, sync }: Status): Badge {
  return {
    left: health,
    leftColor: HEALTH_COLORS[health] ?? COLOR.grey,
    right: sync,
    rightColor: SYNC_COLORS[sync] ?? COLOR.grey,
  }
}

function revisionOf({ revision = '' }: Status, query: URLSearchParams): Pick<Badge, 'revision' | 'width'> {
  if (revision === '' || !isTrue(query, 'revision')) return {}
  if (isTrue(query, 'keepFullRevision') || revision.length <= SHORT_REVISION) {
    return { revision, width: WIDTH_WITH_FULL_REVISION }
  }
  return { revision: revision.slice(0, SHORT_REVISION), width: WIDTH_WITH_REVISION }
}

function widthOf(query: URLSearchParams): Pick<Badge, 'width'> {
  const text = query.get('width') ?? ''
  return /^[+-]?\d{1,9}$/.test(text) ? { width: Number(text) } : {}
}

function isTrue(query: URLSearchParams, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true'
}

/** Names of namespaces and projects. */
function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(text)
}

/** Names of applications: as those of pods. */
function isName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(text)
}
