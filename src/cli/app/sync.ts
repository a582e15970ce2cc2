// `app sync|wait|rollback|terminate-op`: commands that start an operation or wait for one.
import type { Command } from 'commander'
import type { ApiClient } from '../../api/client/client.ts'
import { CapstanError } from '../../base/errors.ts'
import type { Application } from '../../crds/application.ts'
import type { CliContext } from '../context.ts'
import { collect, globalFlags, wholeNumber } from '../flags.ts'
import * as calls from './calls.ts'
import { qualifiedName } from './describe.ts'
import { followApplication, isFinished, type WaitFor } from './follow.ts'
import { formatApplication } from './read.ts'
import { expandSelection, parseResources, selectorOf } from './select-resources.ts'

const UNTIL_OPERATED: WaitFor = {
  sync: false,
  health: false,
  operation: true,
  suspended: false,
  degraded: false,
  delete: false,
}

export function addOperationCommands(app: Command, context: CliContext): void {
  addSync(app, context)
  addWait(app, context)
  addRollback(app, context)
  app
    .command('terminate-op <name>')
    .description('end the running operation')
    .action(async (name: string, _: unknown, command: Command) => {
      const api = await context.api(globalFlags(command))
      await calls.terminateOperation(api, name, context.signal)
      context.write(`Application '${name}' operation terminating\n`)
    })
}

interface SyncFlags {
  readonly prune?: boolean
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly replace?: boolean
  readonly serverSide?: boolean
  readonly applyOutOfSyncOnly?: boolean
  readonly async?: boolean
  readonly timeout: number
  readonly retryLimit: number
  readonly retryBackoffDuration: string
  readonly retryBackoffMaxDuration: string
  readonly retryBackoffFactor: number
  readonly retryRefresh?: boolean
  readonly resource?: readonly string[]
  readonly label?: readonly string[]
  readonly selector?: string
  readonly revision?: string
  readonly strategy?: string
  readonly info?: readonly string[]
}

function addSync(app: Command, context: CliContext): void {
  app
    .command('sync [names...]')
    .description('bring the cluster to what Git says')
    .option('--prune', 'delete what is no longer in Git')
    .option('--dry-run', 'only show what would be done')
    .option('--force', 'delete and create again what cannot be changed')
    .option('--replace', 'replace instead of apply')
    .option('--server-side', 'apply on the server')
    .option('--apply-out-of-sync-only', 'leave alone what is in sync')
    .option('--async', 'do not wait for the end')
    .option('--timeout <seconds>', 'end with an error after this time; 0 waits for ever', wholeNumber, 0)
    .option('--retry-limit <n>', 'times to try again', wholeNumber, 0)
    .option('--retry-backoff-duration <duration>', 'first wait before another try', '5s')
    .option('--retry-backoff-max-duration <duration>', 'longest wait before another try', '3m0s')
    .option('--retry-backoff-factor <n>', 'growth of the wait', wholeNumber, 2)
    .option('--retry-refresh', 'use a newer revision when trying again')
    .option('--resource <resource>', '[!]GROUP:KIND:[NAMESPACE/]NAME (repeatable)', collect)
    .option('--label <label>', 'only resources with this label (repeatable)', collect)
    .option('-l, --selector <labels>', 'applications with these labels')
    .option('--revision <revision>', 'sync to this revision')
    .option('--strategy <strategy>', 'apply|hook')
    .option('--info <key=value>', 'kept with the operation (repeatable)', collect)
    .option('--assumeYes', 'accepted for scripts')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan app sync web\n  capstan app sync web --prune --dry-run\n  capstan app sync web --resource apps:Deployment:web',
    )
    .action(async (names: readonly string[], flags: SyncFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      for (const name of await namesOf(api, names, flags.selector, context)) await syncOne(context, api, name, flags)
    })
}

async function namesOf(
  api: ApiClient,
  names: readonly string[],
  selector: string | undefined,
  context: CliContext,
): Promise<readonly string[]> {
  if (selector === undefined && names.length === 0) {
    throw new CapstanError('bad-input', 'name an application, or choose some with --selector')
  }
  if (selector === undefined) return names
  const found = await calls.listApplications(api, { selector }, context.signal)
  if (found.length === 0) throw new CapstanError('not-found', `no matching apps found for selector: ${selector}`)
  return found.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`)
}

async function syncOne(context: CliContext, api: ApiClient, name: string, flags: SyncFlags): Promise<void> {
  const selected = parseResources(flags.resource ?? [])
  const resources =
    selected.length === 0
      ? undefined
      : expandSelection(selected, await calls.getApplication(api, name, '', context.signal))
  const options = [
    ...(flags.replace === true ? ['Replace=true'] : []),
    ...(flags.serverSide === true ? ['ServerSideApply=true'] : []),
    ...(flags.applyOutOfSyncOnly === true ? ['ApplyOutOfSyncOnly=true'] : []),
  ]
  await calls.syncApplication(
    api,
    name,
    {
      revision: flags.revision,
      prune: flags.prune === true,
      dryRun: flags.dryRun === true,
      strategy: strategyOf(flags),
      resources,
      infos: flags.info?.map(splitInfo),
      retryStrategy: retryOf(flags),
      syncOptions: options.length === 0 ? undefined : { items: options },
    },
    context.signal,
  )
  if (flags.async === true) return
  await reportOperation(context, api, name, { timeoutSeconds: flags.timeout, isDryRun: flags.dryRun === true })
}

function strategyOf({ strategy, force }: SyncFlags): unknown {
  const apply = { force: force === true }
  switch (strategy) {
    case undefined:
    case '':
    case 'hook':
      return { hook: apply }
    case 'apply':
      return { apply }
    default:
      throw new CapstanError('bad-input', `Unknown sync strategy: '${strategy}'`)
  }
}

function retryOf(flags: SyncFlags): unknown {
  if (flags.retryLimit === 0) return undefined
  return {
    limit: flags.retryLimit,
    refresh: flags.retryRefresh === true,
    backoff: {
      duration: flags.retryBackoffDuration,
      maxDuration: flags.retryBackoffMaxDuration,
      factor: flags.retryBackoffFactor,
    },
  }
}

function splitInfo(text: string): { readonly name: string; readonly value: string } {
  const equals = text.indexOf('=')
  if (equals < 1) throw new CapstanError('bad-input', `--info ${text}: write key=value`)
  return { name: text.slice(0, equals), value: text.slice(equals + 1) }
}

/** Waits for the operation, prints what it did, and fails where it failed. */
async function reportOperation(
  context: CliContext,
  api: ApiClient,
  name: string,
  { timeoutSeconds, isDryRun }: { readonly timeoutSeconds: number; readonly isDryRun: boolean },
): Promise<void> {
  await followApplication(context, api, { name, timeoutSeconds, waitFor: UNTIL_OPERATED })
  const application = await calls.getApplication(api, name, isDryRun ? '' : 'normal', context.signal)
  await printFinal(context, api, application)
  requireSuccess(application)
}

function requireSuccess(application: Application): void {
  const state = application.status?.operationState
  if (state === undefined || !isFinished(state) || state.phase === 'Succeeded') return
  throw new CapstanError('precondition', `Operation has completed with phase: ${state.phase}`)
}

type WaitFlags = {
  readonly [Name in keyof WaitFor]?: boolean
} & { readonly timeout: number; readonly resource?: readonly string[]; readonly selector?: string }

function addWait(app: Command, context: CliContext): void {
  app
    .command('wait [names...]')
    .description('wait until applications are synced and healthy')
    .option('--sync', 'wait until synced')
    .option('--health', 'wait until healthy')
    .option('--operation', 'wait until no operation runs')
    .option('--suspended', 'wait until suspended')
    .option('--degraded', 'wait until degraded')
    .option('--delete', 'wait until deleted')
    .option('--timeout <seconds>', 'end with an error after this time; 0 waits for ever', wholeNumber, 0)
    .option('--resource <resource>', '[!]GROUP:KIND:[NAMESPACE/]NAME (repeatable)', collect)
    .option('-l, --selector <labels>', 'applications with these labels')
    .addHelpText('after', '\nExamples:\n  capstan app wait web --timeout 60\n  capstan app wait web --health')
    .action(async (names: readonly string[], flags: WaitFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      for (const name of await namesOf(api, names, flags.selector, context)) {
        await waitForOne(context, api, name, flags)
      }
    })
}

async function waitForOne(context: CliContext, api: ApiClient, name: string, flags: WaitFlags): Promise<void> {
  const given = {
    sync: flags.sync,
    health: flags.health,
    operation: flags.operation,
    suspended: flags.suspended,
    degraded: flags.degraded,
    delete: flags.delete,
  }
  const isAny = Object.values(given).some(Boolean)
  const waitFor: WaitFor = isAny
    ? (Object.fromEntries(Object.entries(given).map(([key, value]) => [key, value === true])) as unknown as WaitFor)
    : { sync: true, health: true, operation: true, suspended: false, degraded: false, delete: false }
  const isSelected = selectorOf(parseResources(flags.resource ?? []))
  const application = await followApplication(context, api, {
    name,
    timeoutSeconds: flags.timeout,
    waitFor,
    ...(isSelected === undefined ? {} : { isSelected }),
  })
  if (application === undefined) context.write(`application '${name}' deleted\n`)
  else {
    await printFinal(context, api, application)
    requireSuccess(application)
  }
}

interface RollbackFlags {
  readonly prune?: boolean
  readonly timeout: number
}

function addRollback(app: Command, context: CliContext): void {
  app
    .command('rollback <name> [id]')
    .description('deploy again what a history entry deployed; without an id, the one before the last')
    .option('--prune', 'delete what that deployment did not have')
    .option('--timeout <seconds>', 'end with an error after this time; 0 waits for ever', wholeNumber, 0)
    .addHelpText('after', '\nExamples:\n  capstan app history web\n  capstan app rollback web 3')
    .action(async (name: string, id: string | undefined, flags: RollbackFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      const application = await calls.getApplication(api, name, '', context.signal)
      const wanted = id === undefined ? previousId(application) : idOf(id)
      await calls.rollbackApplication(api, name, { id: wanted, prune: flags.prune === true }, context.signal)
      await reportOperation(context, api, name, { timeoutSeconds: flags.timeout, isDryRun: false })
    })
}

function idOf(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new CapstanError('bad-input', `${JSON.stringify(text)} is no id of a deployment; see "capstan app history"`)
  }
  return Number(text)
}

function previousId(application: Application): number {
  const history = application.status?.history ?? []
  const previous = history.at(-2)
  if (previous === undefined) {
    throw new CapstanError(
      'bad-input',
      `Application '${application.metadata.name ?? ''}' has no deployment before its last one`,
    )
  }
  return previous.id
}

/** What `app get --show-operation` prints of it. */
async function printFinal(context: CliContext, api: ApiClient, application: Application): Promise<void> {
  const windows = await calls.syncWindows(api, qualifiedName(application), context.signal)
  context.write(`\n${formatApplication(application, { baseUrl: api.baseUrl, showsOperation: true, windows })}`)
}
