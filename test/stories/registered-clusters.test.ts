// Destinations are registered through the API: asked before they are kept, changed in part, and never shown with their credentials.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../src/kube/object.ts'
import { clusterSecretName } from '../../src/settings/names.ts'
import { startStoryPlane } from '../support/control-plane.ts'
import { startGuardedCluster } from '../support/guarded-cluster.ts'

const SERVICE = 'cluster.ClusterService'

test('[004-38] a cluster that answers is kept in a Secret, shown without its token, changed in part, and forgotten', async (t) => {
  const other = await startGuardedCluster(t)
  other.token = 'the right token'
  const { api, live } = await startStoryPlane(t)
  const { url: server } = other
  const cluster = (bearerToken: string, more: object = {}): object => ({
    server,
    name: 'other',
    config: { bearerToken },
    ...more,
  })
  const create = (wanted: object, upsert = false): Promise<JsonObject> =>
    api.call(`${SERVICE}/Create`, { cluster: wanted, upsert })
  const secret = (): Promise<unknown> => live('v1', 'Secret', `argocd/${clusterSecretName(server)}`)

  await assert.rejects(create(cluster('wrong')), { message: /^error getting server version: / })
  assert.equal(await secret(), undefined)
  assert.partialDeepStrictEqual(await create(cluster(other.token)), { server, name: 'other' })
  await create(cluster(other.token))
  await assert.rejects(create(cluster(other.token, { namespaces: ['web'] })), {
    message: 'existing cluster spec is different; use upsert flag to force update',
  })
  await create(cluster(other.token, { namespaces: ['web'], labels: { env: 'test' } }), true)

  await api.call(`${SERVICE}/Update`, {
    id: { value: 'other', type: 'name' },
    cluster: { namespaces: ['web', 'api'] },
    updatedFields: ['namespaces'],
  })
  const found = await api.call<JsonObject>(`${SERVICE}/Get`, { id: { value: server } })
  assert.partialDeepStrictEqual(found, { name: 'other', namespaces: ['web', 'api'] })
  assert.doesNotMatch(JSON.stringify(found), /the right token/)
  assert.partialDeepStrictEqual(await secret(), {
    metadata: { labels: { env: 'test', 'argocd.argoproj.io/secret-type': 'cluster' } },
  })
  await api.call(`${SERVICE}/InvalidateCache`, { id: { value: server } })
  assert.match(JSON.stringify(await secret()), /"argocd.argoproj.io\/refresh":"\d{4}-/)

  await assert.rejects(api.call(`${SERVICE}/RotateAuth`, { id: { value: server } }), {
    message: /^failed to parse service account token: the token names no Secret of a service account/,
  })
  await api.call(`${SERVICE}/Delete`, { id: { value: server } })
  assert.equal(await secret(), undefined)
  await assert.rejects(api.call(`${SERVICE}/Get`, { id: { value: server } }), {
    message:
      'error verifying access to update cluster: failed to get cluster with permissions check: rpc error: code = PermissionDenied desc = permission denied',
  })
})
