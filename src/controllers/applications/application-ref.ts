// Where Applications and AppProjects are stored.
import { KubeError, type KubeClient, type ResourceRef } from '../../kube/client/client.ts'
import type { Request } from '../../reconcile/request.ts'

/** Where a custom resource of ours is stored. Throws `unavailable` where the cluster does not serve the kind. */
export async function applicationRef(
  client: KubeClient,
  request: Request,
  signal?: AbortSignal,
  kind: string = 'Application',
): Promise<ResourceRef> {
  const type = await client.resourceOf({ group: 'argoproj.io', kind, version: 'v1alpha1' }, signal)
  if (type === undefined)
    throw new KubeError(503, 'ServiceUnavailable', `the cluster serves no ${kind}: install the CRDs`)
  return { type, ...request }
}
