// What a person chooses for a sync, and the request it becomes.
import type { Application, ResourceStatus, RetryStrategy } from '../../../src/crds/application.ts'
import type { SyncRequest } from '../api/shapes.ts'
import { resourceKey } from '../tree/nodes.ts'
import { readOptions, writeOptions, type OptionChoice } from './sync-options.ts'

export interface SyncChoice {
  readonly revision: string
  /** Of an application with several sources: one each, as they are in its spec. */
  readonly revisions: readonly string[]
  readonly prune: boolean
  readonly dryRun: boolean
  readonly force: boolean
  /** Without hooks. */
  readonly applyOnly: boolean
  /** Keys of resources. */
  readonly selected: ReadonlySet<string>
  readonly options: OptionChoice
  readonly retry: RetryChoice | undefined
}

export interface RetryChoice {
  /** How often; below 0: without end. */
  readonly limit: string
  readonly duration: string
  readonly maxDuration: string
  readonly factor: string
}

/** Upstream's defaults. */
export const FIRST_RETRY: RetryChoice = { limit: '2', duration: '5s', maxDuration: '3m0s', factor: '2' }

/** The application's own revision, options and retries, and all its resources. */
export function firstChoice({ spec, status }: Application): SyncChoice {
  const { source, sources = [], syncPolicy } = spec
  return {
    revision: sources.length > 0 ? '' : (source?.targetRevision ?? ''),
    revisions: sources.map(({ targetRevision = '' }) => targetRevision),
    prune: false,
    dryRun: false,
    force: false,
    applyOnly: false,
    selected: new Set((status?.resources ?? []).filter(({ hook }) => hook !== true).map(resourceKey)),
    options: readOptions(syncPolicy?.syncOptions ?? []),
    retry: firstRetry(syncPolicy?.retry),
  }
}

function firstRetry(retry: RetryStrategy | undefined): RetryChoice | undefined {
  const { limit, backoff: { duration, maxDuration, factor } = {} } = retry ?? {}
  if (limit === undefined) return undefined
  return {
    limit: String(limit),
    duration: duration ?? FIRST_RETRY.duration,
    maxDuration: maxDuration ?? FIRST_RETRY.maxDuration,
    factor: String(factor ?? FIRST_RETRY.factor),
  }
}

/** All resources are named by none, so that hooks run and what Git has gained meanwhile is synced too. */
export function syncRequest(
  choice: SyncChoice,
  resources: readonly ResourceStatus[],
  { spec }: Pick<Application, 'spec'>,
): SyncRequest {
  const { revision, prune, dryRun, force, applyOnly, selected, options } = choice
  const chosen = resources.filter((resource) => selected.has(resourceKey(resource)))
  const strategy = force ? { force: true } : {}
  const own = spec.syncPolicy?.syncOptions ?? []
  const items = writeOptions(options)
  return {
    ...(revision.trim() === '' ? {} : { revision: revision.trim() }),
    ...sourceRevisions(choice, spec.sources ?? []),
    prune,
    dryRun,
    ...(applyOnly || force ? { strategy: applyOnly ? { apply: strategy } : { hook: strategy } } : {}),
    ...(isSameSet(items, own) ? {} : { syncOptions: { items } }),
    ...retryOf(choice),
    ...(chosen.length === resources.length ? {} : { resources: chosen.map(named) }),
  }
}

function named({ group = '', kind = '', namespace = '', name = '' }: ResourceStatus) {
  return { group, kind, namespace, name }
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item))
}

/** Only those that were changed; positions count from 1. */
function sourceRevisions(
  { revisions }: SyncChoice,
  sources: readonly { readonly targetRevision?: string }[],
): Pick<SyncRequest, 'revisions' | 'sourcePositions'> {
  const changed = revisions
    .map((revision, index) => ({
      revision: revision.trim(),
      position: index + 1,
      own: sources[index]?.targetRevision ?? '',
    }))
    .filter(({ revision, own }) => revision !== '' && revision !== own)
  if (changed.length === 0) return {}
  return {
    revisions: changed.map(({ revision }) => revision),
    sourcePositions: changed.map(({ position }) => position),
  }
}

function retryOf({ retry }: SyncChoice): Pick<SyncRequest, 'retryStrategy'> {
  if (retry === undefined) return {}
  const { limit, duration, maxDuration, factor } = retry
  return { retryStrategy: { limit: Number(limit), backoff: { duration, maxDuration, factor: Number(factor) } } }
}
