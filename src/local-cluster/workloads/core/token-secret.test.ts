// Token Secrets and older controllers on the embedded cluster.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startScene, template, type Loose } from '../../../../test/support/cluster-scene.ts'

function tokenSecret(name: string, account: string): Loose {
  const annotations = { 'kubernetes.io/service-account.name': account }
  const type = 'kubernetes.io/service-account-token'
  const secret = { apiVersion: 'v1', kind: 'Secret', type, metadata: { name, annotations } }
  return secret
}

function dataOf(object: Loose | undefined): Readonly<Record<string, string>> {
  return (object as { readonly data?: Readonly<Record<string, string>> } | undefined)?.data ?? {}
}

test('token Secrets are filled, and go with their account', async (t) => {
  const scene = await startScene(t)
  await scene.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } })
  await scene.create(tokenSecret('robot-token', 'robot'))
  const ref = await scene.ref('', 'Secret', 'robot-token')

  const filled = await scene.until(ref, (one) => dataOf(one)['token'] !== undefined)
  const token = Buffer.from(dataOf(filled)['token'] ?? '', 'base64').toString()
  const question = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } }
  const review = await scene.client.create(await scene.type('authentication.k8s.io', 'TokenReview'), question)
  await scene.client.delete(await scene.ref('', 'ServiceAccount', 'robot'))
  await scene.until(ref, (one) => one === undefined)

  assert.equal(Buffer.from(dataOf(filled)['namespace'] ?? '', 'base64').toString(), 'default')
  assert.match(Buffer.from(dataOf(filled)['ca.crt'] ?? '', 'base64').toString(), /BEGIN CERTIFICATE/)
  assert.match(JSON.stringify(review), /"username":"system:serviceaccount:default:robot"/)
})

test('ReplicationControllers keep their pods and adopt those that match', async (t) => {
  const scene = await startScene(t)
  const spec = { replicas: 2, selector: { app: 'web' }, template: template('web') }
  await scene.create({ apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'web' }, spec })
  const ref = await scene.ref('', 'ReplicationController', 'web')

  await scene.until(ref, (one) => one?.status?.['availableReplicas'] === 2)
  await scene.client.patch(ref, 'merge', { spec: { replicas: 1 } })
  await scene.until(ref, (one) => one?.status?.['replicas'] === 1)

  await scene.untilEvent('web', 'SuccessfulDelete')
})
