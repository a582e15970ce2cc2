// applicationset.ApplicationSetService: which function answers which call.
import type { ApplicationSet } from '../../../crds/application-set.ts'
import type { ServiceHandlers } from '../../context.ts'
import { eventsOf } from '../applications/events.ts'
import { findSet } from './find.ts'
import { listSets, watchSets } from './list.ts'
import { createSet, deleteSet, generateSet } from './write.ts'

export const applicationSetService: ServiceHandlers = {
  Get: async (request, call) => findSet(request, call, 'get'),
  Generate: generateSet,
  List: listSets,
  Create: createSet,
  Delete: deleteSet,
  ResourceTree: async (request, call) => treeOf(findSet(request, call, 'get')),
  ListResourceEvents: async (request, call) =>
    eventsOf(call.context.client, findSet(request, call, 'get'), call.signal),
  Watch: watchSets,
}

/** The Applications as the status tells of them, all children of the set. */
function treeOf({ metadata, status }: ApplicationSet): unknown {
  const { name = '', namespace = '', uid = '' } = metadata
  const parent = { group: 'argoproj.io', version: 'v1alpha1', kind: 'ApplicationSet', namespace, name, uid }
  const nodes = (status?.resources ?? []).map(({ group, version, kind, name: own, health }) => ({
    group,
    version,
    kind,
    namespace,
    name: own,
    parentRefs: [parent],
    ...(health === undefined ? {} : { health }),
  }))
  return { nodes }
}
