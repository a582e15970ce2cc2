// Reads ConfigMaps, Secrets and account tokens for pods, over nothing but the API.
import type { KubeClient, ResourceType } from '../../kube/client/client.ts'
import type { InputSource } from './container-inputs.ts'

/** `expirationSeconds` of the injected account volume. */
const TOKEN_SECONDS = 3607

export function inputSource(client: KubeClient): InputSource {
  const typeOf = async (kind: string): Promise<ResourceType> => {
    const type = await client.resourceOf({ group: '', kind })
    if (type === undefined) throw new TypeError(`the cluster serves no ${kind}`)
    return type
  }
  return {
    get: async (kind, namespace, name) => client.get({ type: await typeOf(kind), namespace, name }),
    async token(pod, audience) {
      const { namespace = '', name = '', uid = '' } = pod.metadata
      const { serviceAccountName = 'default' } = pod.spec
      const spec = {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds: TOKEN_SECONDS,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      }
      const request = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { namespace, name: serviceAccountName },
        spec,
      }
      const issued = await client.create(await typeOf('ServiceAccount'), request, { subresource: 'token' })
      const { status } = issued as { readonly status?: { readonly token?: string } }
      return status?.token ?? ''
    },
  }
}
