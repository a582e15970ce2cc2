// The list of applications: events applied, states read.
import type { Application } from '../../../src/crds/application.ts'

export interface ApplicationEvent {
  readonly type?: string
  readonly application?: Application
}

export function keyOf({ metadata }: Application): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

/** The list after some events of the stream; an event older than what is known changes nothing. */
export function applyEvents(list: readonly Application[], events: readonly ApplicationEvent[]): readonly Application[] {
  const byKey = new Map(list.map((application) => [keyOf(application), application]))
  for (const { type, application } of events) {
    if (application === undefined) continue
    const key = keyOf(application)
    if (type === 'DELETED') byKey.delete(key)
    else if (!isOlder(application, byKey.get(key))) byKey.set(key, application)
  }
  return [...byKey.values()]
}

/** A list just read, but with what events have told meanwhile. */
export function mergeRead(read: readonly Application[], known: readonly Application[]): readonly Application[] {
  const byKey = new Map(known.map((application) => [keyOf(application), application]))
  return read.map((application) => {
    const other = byKey.get(keyOf(application))
    return other !== undefined && isOlder(application, other) ? other : application
  })
}

/** Resource versions are decimal numbers since Kubernetes 1.35; what is none counts as newer. */
function isOlder({ metadata }: Application, known: Application | undefined): boolean {
  if (known === undefined || metadata.uid !== known.metadata.uid) return false
  return Number(metadata.resourceVersion) < Number(known.metadata.resourceVersion)
}

export function syncOf({ status }: Application): string {
  return status?.sync?.status ?? 'Unknown'
}

export function healthOf({ status }: Application): string {
  return status?.health?.status ?? 'Unknown'
}

/** Says whether changes in Git are applied without being asked. */
export function isAutomated({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated
  return automated !== undefined && automated.enabled !== false
}
