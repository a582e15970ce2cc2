// Where ApplicationSets and their Applications are stored.
import { CapstanError } from '../../base/errors.ts'
import type { KubeClient, ResourceRef } from '../../kube/client/client.ts'

/** Where one object of our group is stored. Throws `unavailable` where the cluster does not serve the kind. */
export async function refOf(
  { dependencies: { client }, signal }: Asking,
  kind: 'Application' | 'ApplicationSet',
  { namespace = '', name = '' }: { readonly namespace?: string; readonly name?: string },
): Promise<ResourceRef> {
  const type = await client.resourceOf({ group: 'argoproj.io', kind, version: 'v1alpha1' }, signal)
  if (type === undefined) throw new CapstanError('unavailable', `the cluster serves no ${kind}: install the CRDs`)
  return { type, namespace, name }
}

interface Asking {
  readonly dependencies: { readonly client: KubeClient }
  readonly signal: AbortSignal
}
