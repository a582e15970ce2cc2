// Applications whose deletion was asked for a moment ago: who waits for it may begin to look when they are gone already.
import type { Application } from '../../../crds/application.ts'
import type { ServerContext } from '../../context.ts'

/** `argocd app delete --wait` asks within a second; a slow client gets a minute. */
const REMEMBERED_MS = 60_000
const MAX_REMEMBERED = 1000

interface Remembered {
  readonly application: Application
  readonly untilMs: number
}

/** By context, and kept as long as it is. */
const deletions = new WeakMap<ServerContext, Map<string, Remembered>>()

/** Remembers an application that is about to go. */
export function rememberDeletion(context: ServerContext, application: Application): void {
  const known = deletions.get(context) ?? new Map<string, Remembered>()
  deletions.set(context, known)
  const nowMs = context.clock.now()
  for (const [key, { untilMs }] of known) if (untilMs < nowMs || known.size >= MAX_REMEMBERED) known.delete(key)
  known.set(keyOf(application.metadata), { application, untilMs: nowMs + REMEMBERED_MS })
}

/** Those of a name that were deleted a moment ago and are gone. */
export function goneApplications(context: ServerContext, name: string): readonly Application[] {
  const known = deletions.get(context)
  if (known === undefined) return []
  const nowMs = context.clock.now()
  return [...known.values()]
    .filter(({ application, untilMs }) => untilMs >= nowMs && application.metadata.name === name)
    .map(({ application }) => application)
    .filter(({ metadata }) => context.applications.get(metadata.namespace ?? '', name) === undefined)
}

function keyOf({ namespace = '', name = '' }: Application['metadata']): string {
  return `${namespace}/${name}`
}
