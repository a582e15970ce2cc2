// GET /api/capstan/status: how the process itself is doing, for those who may look after clusters.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { identityOf } from '../auth/caller.ts'
import type { ServerContext } from '../context.ts'
import { tokenOf } from '../rest/cookies.ts'

/** What the process tells of itself; read when asked for. */
export interface ProcessFigures {
  readonly runtime: string
  /** Milliseconds since 1970. */
  readonly startedAtMs: number
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapBytes: number
}

type StatusContext = Pick<
  ServerContext,
  'authenticator' | 'settings' | 'isAllowed' | 'applications' | 'version' | 'metrics'
>

/** The right that is asked for: whoever may change every cluster looks after the installation. */
const RIGHT = ['clusters', 'update', '*'] as const

/**
 * Answers with JSON: `version`, `runtime`, `startedAt`, `cpuSeconds`, `residentBytes`, `heapBytes`, `applications` (`total`, and how
 * many are `running` an operation), and `figures`, Prometheus' text, where metrics are counted. Never rejects.
 */
export function createStatusAnswerer(
  context: StatusContext,
  readProcess: () => ProcessFigures,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    if (request.method !== 'GET') {
      send(response, 405, { message: 'only GET is answered here' })
      return
    }
    try {
      await requireRight(context, request)
      send(response, 200, statusOf(context, readProcess()))
    } catch (error) {
      send(response, statusCodeOf(error), { error: messageOf(error), message: messageOf(error) })
    }
  }
}

async function requireRight(context: StatusContext, request: IncomingMessage): Promise<void> {
  const identity = await identityOf(context, tokenOf(request), false)
  if (identity !== undefined && context.isAllowed(identity, ...RIGHT)) return
  throw new CapstanError('forbidden', `permission denied: ${RIGHT.join(', ')}`)
}

function statusOf({ applications, version, metrics }: StatusContext, figures: ProcessFigures): object {
  const { startedAtMs, ...process } = figures
  const all = [...applications.list()]
  const running = all.filter(({ operation, status }) => {
    return operation !== undefined || status?.operationState?.phase === 'Running'
  })
  return {
    version,
    ...process,
    startedAt: new Date(startedAtMs).toISOString(),
    applications: { total: all.length, running: running.length },
    ...(metrics === undefined ? {} : { figures: metrics.text() }),
  }
}

function statusCodeOf(error: unknown): number {
  if (!(error instanceof CapstanError)) return 500
  if (error.code === 'unauthenticated') return 401
  return error.code === 'forbidden' ? 403 : 500
}

function send(response: ServerResponse, status: number, answer: object): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  response.writeHead(status, headers).end(JSON.stringify(answer))
}
