// One line of the log for each call: who asked for what, from where, how it ended; nothing secret.
import type { IncomingHttpHeaders } from 'node:http'
import type { Route } from '../api/routes.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import { GRPC_CODE_NAMES, GRPC_CODES } from '../base/grpc-codes.ts'
import type { LogLevel } from '../base/log.ts'
import type { Identity } from './auth/identity.ts'
import type { ServerContext } from './context.ts'

/** How a call came. */
export interface CallOrigin {
  readonly protocol: 'grpc' | 'grpc-web' | 'rest'
  /** Of the peer, which may be a proxy. */
  readonly address: string
  /** What proxies say, and anybody may: `x-forwarded-for`. */
  readonly forwardedFor: string
}

export interface CallRecord {
  asked(request: Readonly<Record<string, unknown>>): void
  by(identity: Identity | undefined): void
  /** Writes the line; the first end is the one that counts. `isGone`: the client left before it. */
  ended(error?: unknown, isGone?: boolean): void
}

/** Of calls that do not exist: their names are anybody's. */
export const NO_RECORD: CallRecord = { asked: () => undefined, by: () => undefined, ended: () => undefined }

type Called = Pick<Route, 'service' | 'method'>

/** Longer texts of callers are cut: they are theirs to choose. */
const MAX_TEXT_LENGTH = 256

/** Calls that change nothing although REST sends them as POST. */
const READING_POSTS: ReadonlySet<string> = new Set([
  'application.ApplicationService/GetManifestsWithFiles',
  'applicationset.ApplicationSetService/Generate',
  'repository.RepositoryService/GetAppDetails',
  'repository.RepositoryService/ValidateAccess',
  'repository.RepositoryService/ValidateWriteAccess',
  'registry.RegistryService/Check',
  'registry.RegistryService/Test',
])
const READING = /^(?:Get|List|Watch|CanI$|Version$|ResourceTree$|ManagedResources$|ServerSideDiff$|PodLogs$|Revision)/

/** Whether a call may change something: it is told of under a message of its own. */
export function isChange({ service, method }: Called): boolean {
  return !READING.test(method) && !READING_POSTS.has(`${service}/${method}`)
}

export function originOf(
  protocol: CallOrigin['protocol'],
  {
    headers,
    socket,
  }: { readonly headers: IncomingHttpHeaders; readonly socket: { readonly remoteAddress?: string | undefined } },
): CallOrigin {
  return { protocol, address: socket.remoteAddress ?? '', forwardedFor: forwardedFor(headers) }
}

function forwardedFor(headers: IncomingHttpHeaders): string {
  const told = headers['x-forwarded-for'] ?? ''
  return Array.isArray(told) ? told.join(', ') : told
}

/** Begins a record; its line is written when the call ends. */
export function recordCall(context: ServerContext, { service, method }: Called, origin: CallOrigin): CallRecord {
  const called = { service, method }
  const startMs = context.clock.now()
  let user = ''
  let about: Readonly<Record<string, string>> = {}
  let isOver = false
  return {
    asked(request) {
      about = subjectOf(context, called, request)
    },
    by(identity) {
      user = identity?.username ?? ''
    },
    ended(error, isGone = false) {
      if (isOver) return
      isOver = true
      const code = isGone ? CANCELED : codeOf(error)
      const fields = {
        ...called,
        ...(user === '' ? {} : { user: short(user) }),
        ...about,
        outcome: outcomeOf(code),
        code: GRPC_CODE_NAMES[code] ?? 'Unknown',
        ms: context.clock.now() - startMs,
        protocol: origin.protocol,
        address: origin.address,
        ...(origin.forwardedFor === '' ? {} : { forwardedFor: short(origin.forwardedFor) }),
        ...(error instanceof CapstanError ? { error: short(withoutUserInfo(messageOf(error))) } : {}),
      }
      context.log[levelOf(code)](isChange(called) ? 'change' : 'finished call', fields)
    },
  }
}

const CANCELED = 1

function codeOf(error: unknown): number {
  if (error === undefined) return 0
  return GRPC_CODES[error instanceof CapstanError ? error.code : 'internal']
}

type Outcome = 'done' | 'refused' | 'failed'

const UNAUTHENTICATED = 16
const PERMISSION_DENIED = 7

function outcomeOf(code: number): Outcome {
  if (code === 0) return 'done'
  return code === UNAUTHENTICATED || code === PERMISSION_DENIED ? 'refused' : 'failed'
}

/** As upstream's server logs the end of calls (go-grpc-middleware `DefaultServerCodeToLevel`). */
function levelOf(code: number): Exclude<LogLevel, 'debug'> {
  switch (GRPC_CODE_NAMES[code]) {
    case 'OK':
    case 'NotFound':
    case 'Canceled':
    case 'AlreadyExists':
    case 'InvalidArgument':
    case 'Unauthenticated':
      return 'info'
    case 'DeadlineExceeded':
    case 'PermissionDenied':
    case 'ResourceExhausted':
    case 'FailedPrecondition':
    case 'Aborted':
    case 'OutOfRange':
    case 'Unavailable':
      return 'warn'
    default:
      return 'error'
  }
}

/** Where requests name what they are about; the first that is there counts. */
const NAMES: readonly string[] = [
  'application.metadata.name',
  'applicationset.metadata.name',
  'applicationSet.metadata.name',
  'project.metadata.name',
  'repo.repo',
  'repo',
  'creds.url',
  'cluster.server',
  'id.value',
  'applicationName',
  'appName',
  'name',
  'username',
  'keyID',
  'url',
  'hostNamePattern',
]
const NAMESPACES: readonly string[] = [
  'application.metadata.namespace',
  'applicationset.metadata.namespace',
  'appNamespace',
  'appsetNamespace',
]
const PROJECTS: readonly string[] = ['application.spec.project', 'repo.project', 'appProject', 'project']

function subjectOf(
  context: ServerContext,
  { service }: Called,
  request: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const first = (paths: readonly string[]): string =>
    paths.map((path) => textAt(request, path)).find((text) => text !== '') ?? ''
  const name = first(service === 'project.ProjectService' ? ['project.metadata.name', 'name', 'project'] : NAMES)
  const namespace = first(NAMESPACES)
  const project = first(PROJECTS) || projectOf(context, service, namespace, name)
  const role = textAt(request, 'role')
  const found = { project, name: withoutUserInfo(name), namespace, role }
  return Object.fromEntries(Object.entries(found).flatMap(([key, text]) => (text === '' ? [] : [[key, short(text)]])))
}

/** Of an application that is named alone; asked before the call may delete it. */
function projectOf(context: ServerContext, service: string, namespace: string, name: string): string {
  if (service !== 'application.ApplicationService' || name === '') return ''
  return context.applications.get(namespace || context.namespace, name)?.spec.project ?? ''
}

function textAt(request: Readonly<Record<string, unknown>>, path: string): string {
  let value: unknown = request
  for (const field of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return ''
    value = (value as Readonly<Record<string, unknown>>)[field]
  }
  return typeof value === 'string' ? value : ''
}

/** Addresses of repositories may carry a password, in which there may be an @ too. */
function withoutUserInfo(text: string): string {
  return text.replaceAll(/(?<=:\/\/)[^/\s]*@/g, '***@')
}

function short(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text
}
