// What a person chooses for a sync, and the request it becomes.
import type { Application, ResourceStatus } from '../../../src/crds/application.ts'
import type { SyncRequest } from '../api/shapes.ts'
import { resourceKey } from '../tree/nodes.ts'

export interface SyncChoice {
  readonly revision: string
  readonly prune: boolean
  readonly dryRun: boolean
  readonly force: boolean
  /** Without hooks. */
  readonly applyOnly: boolean
  /** Keys of resources. */
  readonly selected: ReadonlySet<string>
}

/** The application's own revision and all its resources. */
export function firstChoice({ spec, status }: Application): SyncChoice {
  return {
    revision: spec.sources !== undefined && spec.sources.length > 0 ? '' : (spec.source?.targetRevision ?? ''),
    prune: false,
    dryRun: false,
    force: false,
    applyOnly: false,
    selected: new Set((status?.resources ?? []).filter(({ hook }) => hook !== true).map(resourceKey)),
  }
}

/** All resources are named by none, so that hooks run and what Git has gained meanwhile is synced too. */
export function syncRequest(choice: SyncChoice, resources: readonly ResourceStatus[]): SyncRequest {
  const { revision, prune, dryRun, force, applyOnly, selected } = choice
  const chosen = resources.filter((resource) => selected.has(resourceKey(resource)))
  const strategy = force ? { force: true } : {}
  return {
    ...(revision.trim() === '' ? {} : { revision: revision.trim() }),
    prune,
    dryRun,
    ...(applyOnly || force ? { strategy: applyOnly ? { apply: strategy } : { hook: strategy } } : {}),
    ...(chosen.length === resources.length
      ? {}
      : {
          resources: chosen.map(({ group = '', kind = '', namespace = '', name = '' }) => ({
            group,
            kind,
            namespace,
            name,
          })),
        }),
  }
}
