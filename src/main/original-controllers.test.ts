import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KubeError, type KubeClient, type ResourceRef } from '../kube/client/client.ts'
import { refuseOriginals } from './original-controllers.ts'

/** A cluster with one workload of that image. */
function clusterWith(name: string, image: string, replicas?: number): KubeClient {
  const spec = { ...(replicas === undefined ? {} : { replicas }), template: { spec: { containers: [{ image }] } } }
  const scripted = {
    resourceOf: async ({ kind }: { kind: string }) => ({ kind }),
    get: async (ref: ResourceRef) => {
      if (image === 'forbidden') throw new KubeError(403, 'Forbidden', 'no')
      return ref.name === name ? { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec } : undefined
    },
  }
  return scripted as unknown as KubeClient // only what is asked for
}

const NAME = 'argocd-applicationset-controller'
const signal = new AbortController().signal
const cases: readonly (readonly [says: string, client: KubeClient, isRefused: boolean])[] = [
  ['runs', clusterWith(NAME, 'quay.io/argoproj/argocd:v3.5.1', 1), true],
  ['runs by default', clusterWith(NAME, 'registry.local:5000/mirror/argocd@sha256:00'), true],
  ['is scaled to zero', clusterWith(NAME, 'quay.io/argoproj/argocd:v3.5.1', 0), false],
  ['is another program of that name', clusterWith(NAME, 'registry.local/capstan:1', 1), false],
  ['is the server alone', clusterWith('argocd-server', 'quay.io/argoproj/argocd:v3.5.1', 1), false],
  ['may not be read', clusterWith(NAME, 'forbidden'), false],
]
for (const [says, client, isRefused] of cases) {
  test(`a controller of the original that ${says} ${isRefused ? 'keeps us out' : 'is no hindrance'}`, async () => {
    const asked = refuseOriginals(client, 'argocd', signal)
    if (isRefused)
      await assert.rejects(asked, {
        code: 'precondition',
        message: new RegExp(`scale deployment/${NAME} --replicas 0$`),
      })
    else await asked
  })
}
