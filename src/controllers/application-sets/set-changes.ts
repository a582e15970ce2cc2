// Which changes ask for a pass over an ApplicationSet (argo-cd v3.5.1 `shouldRequeueForApplication`, `shouldRequeueForApplicationSet`).
import { isDeepStrictEqual } from 'node:util'
import type { ApplicationSet, ApplicationSetGenerator } from '../../crds/application-set.ts'
import type { Application } from '../../crds/application.ts'
import { isSameRepository } from '../../settings/git-url.ts'
import { REFRESH_ANNOTATION } from './reconcile-set.ts'

/** What a changed Application means for its set: a whole pass, its line in the status, or nothing. */
export type ApplicationEffect = 'pass' | 'status' | 'none'

/** Annotations other controllers write, which an ApplicationSet never changes. */
const OTHERS_ANNOTATIONS: ReadonlySet<string> = new Set([
  'notified.notifications.argoproj.io',
  'argocd.argoproj.io/refresh',
  'argocd.argoproj.io/hydrate',
])

export function effectOf(old: Application, next: Application, areProgressiveSyncsEnabled: boolean): ApplicationEffect {
  if (!isSame(ownParts(old), ownParts(next))) return 'pass'
  if (areProgressiveSyncsEnabled) return isSame(progress(old), progress(next)) ? 'none' : 'pass'
  return isSame(shownState(old), shownState(next)) ? 'none' : 'status'
}

/** What an ApplicationSet writes of an Application. */
function ownParts(application: Application): unknown {
  const { labels = {}, finalizers = [] } = application.metadata
  return [application.spec, ownAnnotations(application), labels, finalizers]
}

/** What the status of an ApplicationSet tells of an Application. */
function shownState({ status }: Application): unknown {
  return [status?.health?.status, status?.sync?.status]
}

/** What moves a progressive sync on. */
function progress(application: Application): unknown {
  const { sync, operationState, reconciledAt } = application.status ?? {}
  const operation = [operationState?.phase, operationState?.startedAt]
  return [shownState(application), sync?.revision, sync?.revisions, operation, reconciledAt]
}

function ownAnnotations({ metadata }: Application): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !OTHERS_ANNOTATIONS.has(key)))
}

/** Whether a changed ApplicationSet has to be looked at: not for its own bookkeeping. */
export function asksForPass(old: ApplicationSet, next: ApplicationSet, areProgressiveSyncsEnabled: boolean): boolean {
  const hasRolledOn = areProgressiveSyncsEnabled && !isSame(rolloutOf(old), rolloutOf(next))
  if (hasRolledOn || !isSame(wish(old), wish(next))) return true
  const before = old.metadata.annotations ?? {}
  const after = next.metadata.annotations ?? {}
  if (isSame(before, after)) return false
  const isRefreshDone = Object.hasOwn(before, REFRESH_ANNOTATION) && !Object.hasOwn(after, REFRESH_ANNOTATION)
  return !isRefreshDone
}

function rolloutOf({ status }: ApplicationSet): unknown {
  return status?.applicationStatus ?? []
}

/** What people decide of an ApplicationSet. */
function wish({ spec, metadata }: ApplicationSet): unknown {
  const { labels = {}, finalizers = [], deletionTimestamp } = metadata
  return [spec, labels, finalizers, deletionTimestamp]
}

/** Whether a set generates from registered clusters, at whatever depth. */
export function followsClusters({ spec }: ApplicationSet): boolean {
  return hasGenerator(spec.generators, ({ clusters, clusterDecisionResource }) => {
    return clusters !== undefined || clusterDecisionResource !== undefined
  })
}

/** Whether a set generates from a repository; one whose address is a template may. */
export function followsRepository({ spec }: ApplicationSet, repoURL: string): boolean {
  return hasGenerator(spec.generators, ({ git }) => {
    return git !== undefined && (git.repoURL.includes('{{') || isSameRepository(git.repoURL, repoURL))
  })
}

/** Generators nest three deep. */
const MAX_NESTING = 3

type Question = (entry: ApplicationSetGenerator) => boolean

function hasGenerator(entries: readonly ApplicationSetGenerator[], isWanted: Question, depth = 0): boolean {
  return entries.some((entry) => {
    if (isWanted(entry)) return true
    const nested = [...(entry.matrix?.generators ?? []), ...(entry.merge?.generators ?? [])]
    // Nested entries have the form of the outer ones.
    return (
      depth < MAX_NESTING && hasGenerator(nested as unknown as readonly ApplicationSetGenerator[], isWanted, depth + 1)
    )
  })
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || isDeepStrictEqual(a, b)
}
