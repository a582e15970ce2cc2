// Follows an application until it is as wanted, printing each change of a resource as it comes.
import type { ApiClient } from '../../api/client/client.ts'
import { sleep } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import type { Application, OperationState } from '../../crds/application.ts'
import type { CliContext } from '../context.ts'
import { formatTable } from '../table.ts'
import { getApplication, watchApplication } from './calls.ts'
import { cellsOf, keyOf, resourceRows, statusRows, type ResourceRow } from './resource-rows.ts'

/** What has to hold before waiting ends; as `argocd app wait` has it. */
export interface WaitFor {
  readonly sync: boolean
  readonly health: boolean
  readonly operation: boolean
  readonly suspended: boolean
  readonly degraded: boolean
  readonly delete: boolean
}

export interface FollowOptions {
  readonly name: string
  readonly waitFor: WaitFor
  /** Seconds; 0 waits for ever. */
  readonly timeoutSeconds: number
  /** Only these resources decide and are printed; all where it is empty. */
  readonly isSelected?: (row: ResourceRow) => boolean
  readonly isQuiet?: boolean
}

/** Between two looks at an application that is being deleted. */
const GONE_POLL_MS = 200

const HEADING = ['TIMESTAMP', 'GROUP', 'KIND', 'NAMESPACE', 'NAME', 'STATUS', 'HEALTH', 'HOOK', 'MESSAGE']
/** Widths of upstream's `waitFormatString`. */
const WIDTHS = [0, 5, 10, 10, 20, 8, 7, 10, 0]

/** Waits until the application is as wanted and gives its last state; throws `timeout` with upstream's text. */
export async function followApplication(
  context: CliContext,
  api: ApiClient,
  options: FollowOptions,
): Promise<Application | undefined> {
  const { name, timeoutSeconds, waitFor } = options
  const timeout = timeoutSeconds > 0 ? [AbortSignal.timeout(timeoutSeconds * 1000)] : []
  const signal = AbortSignal.any([context.signal, ...timeout])
  try {
    if (waitFor.delete) return await untilGone(context, api, name, signal)
    // A name that nothing has is told at once; a stream would wait for it to come.
    await getApplication(api, name, '', signal)
    const print = rowPrinter(context, options)
    for await (const { type, application } of watchApplication(api, name, signal)) {
      if (type === 'DELETED') throw new CapstanError('not-found', `application ${name} was deleted`)
      print(application)
      if (isReached(application, options)) return application
    }
  } catch (error) {
    context.signal.throwIfAborted()
    if (!signal.aborted) throw error
  }
  context.signal.throwIfAborted()
  if (signal.aborted) {
    throw new CapstanError('timeout', `timed out (${timeoutSeconds}s) waiting for app "${name}" match desired state`)
  }
  throw new CapstanError('unavailable', 'the server ended the stream; run the command again')
}

/** Asks again and again: a stream that opens after the deletion would never tell of it. */
async function untilGone(context: CliContext, api: ApiClient, name: string, signal: AbortSignal): Promise<undefined> {
  for (;;) {
    try {
      await getApplication(api, name, '', signal)
    } catch (error) {
      if (error instanceof CapstanError && error.code === 'not-found') return undefined
      throw error
    }
    await sleep(context.clock, GONE_POLL_MS, signal)
  }
}

/** Prints rows that are new or changed, the first of them under a heading. */
function rowPrinter(context: CliContext, options: FollowOptions): (application: Application) => void {
  const printed = new Map<string, string>()
  let heading: readonly (readonly string[])[] = [HEADING]
  return (application) => {
    if (options.isQuiet === true) return
    const rows = selectedRows(application, options).filter((row) => printed.get(keyOf(row)) !== cellsOf(row).join('\t'))
    for (const row of rows) printed.set(keyOf(row), cellsOf(row).join('\t'))
    if (rows.length === 0) return
    const time = timestamp(context.clock.now())
    context.write(formatTable([...heading, ...rows.map((row) => [time, ...cellsOf(row)])].map(padded)))
    heading = []
  }
}

function padded(cells: readonly string[]): readonly string[] {
  return cells.map((cell, column) => cell.padStart(WIDTHS[column] ?? 0))
}

function selectedRows(application: Application, options: FollowOptions): readonly ResourceRow[] {
  return selected(resourceRows(application), options)
}

function selected(rows: readonly ResourceRow[], { isSelected }: FollowOptions): readonly ResourceRow[] {
  return isSelected === undefined ? rows : rows.filter(isSelected)
}

/** Local time with its offset, as Go's time.RFC3339 prints it. */
function timestamp(nowMs: number): string {
  const minutes = -new Date(nowMs).getTimezoneOffset()
  const local = new Date(nowMs + minutes * 60_000).toISOString().slice(0, 19)
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${local}${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

function isReached(application: Application, options: FollowOptions): boolean {
  const { waitFor } = options
  if (waitFor.operation && isOperating(application)) return false
  const rows = selected(statusRows(application), options)
  const isPartial = options.isSelected !== undefined
  const syncs = isPartial ? rows.map(({ status }) => status) : [application.status?.sync?.status]
  const healths = isPartial ? rows.map(({ health }) => health).filter(Boolean) : [application.status?.health?.status]
  if (waitFor.sync && syncs.some((status) => status !== 'Synced')) return false
  return healths.every((health) => isHealthReached(health, waitFor))
}

function isHealthReached(health: string | undefined, { health: healthy, suspended, degraded }: WaitFor): boolean {
  const wanted = [
    ...(healthy ? ['Healthy'] : []),
    ...(suspended ? ['Suspended'] : []),
    ...(degraded ? ['Degraded'] : []),
  ]
  return wanted.length === 0 || wanted.includes(health ?? '')
}

function isOperating(application: Application): boolean {
  const state = application.status?.operationState
  return application.operation !== undefined || (state !== undefined && !isFinished(state))
}

/** Says whether an operation has come to its end. */
export function isFinished({ phase }: OperationState): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Error'
}
