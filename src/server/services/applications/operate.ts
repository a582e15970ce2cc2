// Starts and ends operations: sync, rollback, terminate (server/application/application.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import type { Application, ApplicationSource, Operation, RevisionHistory } from '../../../crds/application.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../../context.ts'
import {
  flagField,
  listField,
  numberField,
  objectField,
  textField,
  textListField,
  type RequestFields,
} from '../fields.ts'
import { callerOf, requireAllowed } from '../permissions.ts'
import { findApplication, rbacName } from './find.ts'
import { refuseHeldSync } from './project-holds.ts'
import { recordAction } from './record.ts'
import { changeApplication } from './write.ts'

/** POST /api/v1/applications/{name}/sync: sets the operation and answers the application. */
export async function syncApplication(request: RequestFields, call: Call): Promise<unknown> {
  const application = findApplication(call, request, 'sync')
  refuseUnfitSync(request, application)
  const manifests = textListField(request, 'manifests')
  if (manifests.length > 0) {
    requireAllowed(call, 'applications', 'override', rbacName(application, call.context.namespace))
  }
  refuseHeldSync(application, manifests.length > 0, call)
  const operation: Operation = {
    sync: { ...syncOf(request, application), ...(manifests.length > 0 ? { manifests } : {}) },
    initiatedBy: { username: callerOf(call).username },
    ...fromBody<Operation>({
      info: listField(request, 'infos'),
      retry: objectField(request, 'retryStrategy') ?? application.spec.syncPolicy?.retry,
    }),
  }
  const started = await startOperation(call, application, operation)
  recordAction(call, started, 'OperationStarted', `initiated ${syncWords(operation)}`)
  return started
}

/** As upstream words a sync, whose revision it shows as it was asked for. */
function syncWords({ sync = {} }: Operation): string {
  const partial = (sync.resources ?? []).length > 0 ? 'partial ' : ''
  if ((sync.manifests ?? []).length > 0) return `${partial}sync locally`
  const revisions = sync.revisions ?? [sync.revision ?? '']
  return `${partial}sync to ${revisions.map((revision) => revision || 'HEAD').join(',')}`
}

function syncOf(request: RequestFields, application: Application): NonNullable<Operation['sync']> {
  const { syncPolicy } = application.spec
  return {
    ...sourcesOf(request, application),
    prune: flagField(request, 'prune') ?? false,
    dryRun: flagField(request, 'dryRun') ?? false,
    ...fromBody<NonNullable<Operation['sync']>>({
      syncStrategy: objectField(request, 'strategy'),
      syncOptions: objectField(request, 'syncOptions')?.['items'] ?? syncPolicy?.syncOptions,
      resources: listField(request, 'resources'),
    }),
  }
}

/** What is synced, and at which revisions: the request's, else the application's own. */
function sourcesOf(request: RequestFields, { spec }: Application): NonNullable<Operation['sync']> {
  const { source, sources = [] } = spec
  const revision = textField(request, 'revision')
  if (sources.length === 0) {
    return { revision: revision || (source?.targetRevision ?? ''), ...(source === undefined ? {} : { source }) }
  }
  const positions = listField(request, 'sourcePositions').map(Number)
  const revisions = revisionsOf(textListField(request, 'revisions'), positions, sources)
  return { revision, sources, ...(revisions.length > 0 ? { revisions } : {}) }
}

/** Body fields that have upstream's names already; empty ones are left out. Their types are checked where the object is written. */
function fromBody<T>(fields: RequestFields): Partial<T> {
  const isSet = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSet(value))) as Partial<T>
}

function revisionsOf(
  revisions: readonly string[],
  positions: readonly number[],
  sources: readonly ApplicationSource[],
): readonly string[] {
  if (revisions.length === 0) return []
  if (revisions.length !== positions.length) {
    throw new CapstanError('bad-input', 'source positions and revisions must be given for the same sources')
  }
  return sources.map((source, index) => revisions[positions.indexOf(index + 1)] ?? source.targetRevision ?? '')
}

function refuseUnfitSync(request: RequestFields, application: Application): void {
  refuseDeleting(application)
  if (!isAutomated(application) || flagField(request, 'dryRun') === true) return
  const { source, sources = [] } = application.spec
  const revision = textField(request, 'revision')
  const target = source?.targetRevision ?? ''
  if (revision !== '' && revision !== target && sources.length === 0) {
    throw new CapstanError('precondition', `Cannot sync to ${revision}: auto-sync currently set to ${target || 'HEAD'}`)
  }
  if (textListField(request, 'manifests').length > 0) {
    throw new CapstanError(
      'precondition',
      'cannot use local sync when Automatic Sync Policy is enabled unless for dry run',
    )
  }
}

function refuseDeleting({ metadata }: Application): void {
  if (metadata.deletionTimestamp !== undefined) throw new CapstanError('precondition', 'application is deleting')
}

function isAutomated({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated
  return automated !== undefined && automated.enabled !== false
}

/** POST /api/v1/applications/{name}/rollback: a sync to what a history entry deployed. */
export async function rollbackApplication(request: RequestFields, call: Call): Promise<unknown> {
  const application = findApplication(call, request, 'sync')
  const { metadata, spec, status } = application
  refuseDeleting(application)
  if (isAutomated(application)) {
    throw new CapstanError('precondition', 'rollback cannot be initiated when auto-sync is enabled')
  }
  const id = numberField(request, 'id') ?? 0
  const entry = (status?.history ?? []).find((candidate) => candidate.id === id)
  if (entry === undefined) {
    throw new CapstanError('bad-input', `application ${metadata.name ?? ''} does not have deployment with id ${id}`)
  }
  const started = await startOperation(call, application, {
    sync: {
      ...deployedBy(entry),
      prune: flagField(request, 'prune') ?? false,
      dryRun: flagField(request, 'dryRun') ?? false,
      ...fromBody<NonNullable<Operation['sync']>>({ syncOptions: spec.syncPolicy?.syncOptions }),
      syncStrategy: { apply: {} },
    },
    initiatedBy: { username: callerOf(call).username },
  })
  recordAction(call, started, 'OperationStarted', `initiated rollback to ${id}`)
  return started
}

function deployedBy(entry: RevisionHistory): NonNullable<Operation['sync']> {
  const { revision, revisions, source, sources } = entry
  return {
    ...(revision === undefined ? {} : { revision }),
    ...(revisions === undefined ? {} : { revisions }),
    ...(source === undefined ? {} : { source }),
    ...(sources === undefined ? {} : { sources }),
  }
}

/** DELETE /api/v1/applications/{name}/operation: asks the controller to end what is running. */
export async function terminateOperation(request: RequestFields, call: Call): Promise<unknown> {
  const application = findApplication(call, request, 'sync')
  await changeApplication(call, application, (current) => {
    const state = current.status?.operationState
    if (current.operation === undefined || state === undefined) {
      throw new CapstanError('bad-input', 'Unable to terminate operation. No operation is in progress')
    }
    return { ...current, status: { ...current.status, operationState: { ...state, phase: 'Terminating' } } }
  })
  recordAction(call, application, 'ResourceUpdated', 'terminated running operation')
  return {}
}

async function startOperation(call: Call, application: Application, operation: Operation): Promise<KubeObject> {
  return changeApplication(call, application, (current) => {
    if (current.operation !== undefined) {
      throw new CapstanError('precondition', 'another operation is already in progress')
    }
    const { operationState: _old, ...status } = current.status ?? {}
    return { ...current, operation, status } as Application & JsonObject
  })
}
