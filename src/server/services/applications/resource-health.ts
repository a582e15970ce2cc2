// Puts the health of each resource, which the controller keeps out of the stored status, back into answers.
import type { Application } from '../../../crds/application.ts'
import type { ResourceNode } from '../../../crds/tree.ts'
import type { Call } from '../../context.ts'

/** With `status.resourceHealthSource: appTree`, fills `status.resources[].health` from the tree, as upstream's `inferResourcesStatusHealth`. */
export async function withResourceHealth(application: Application, call: Call): Promise<Application> {
  const { status, metadata } = application
  const resources = status?.resources ?? []
  if (status?.resourceHealthSource !== 'appTree' || resources.length === 0) return application
  const { name = '', namespace = '' } = metadata
  const tree = await call.context.views.resourceTree({ name, namespace })
  const nodes = new Map((tree.nodes ?? []).map((node) => [keyOf(node), node]))
  const filled = resources.map((resource) => {
    const health = nodes.get(keyOf(resource))?.health
    return health === undefined ? resource : { ...resource, health }
  })
  return { ...application, status: { ...status, resources: filled } }
}

function keyOf(named: Pick<ResourceNode, 'group' | 'kind' | 'namespace' | 'name'>): string {
  const { group = '', kind = '', namespace = '', name = '' } = named
  return [group, kind, namespace, name].join('/')
}
