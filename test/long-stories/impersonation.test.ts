// Stories of impersonation: an application is synced, pruned, hooked and deleted as a service account of its destination.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ApplicationDestinationServiceAccount } from '../../src/crds/app-project.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, service } from '../support/manifests.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const SERVER = 'https://kubernetes.default.svc'
const USER = 'system:serviceaccount:web:deployer'

/** A cluster with namespace web, whose account `deployer` may do what the verbs say with ConfigMaps, and nothing else. */
async function scene(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  more: { readonly verbs: readonly string[]; readonly enforced?: boolean },
): Promise<DeliveryCluster> {
  const impersonation = { enabled: true, enforced: more.enforced ?? true }
  const cluster = await startDeliveryCluster(t, { files, settings: { impersonation } })
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })
  const metadata = { name: 'deployer', namespace: 'web' }
  await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: more.verbs }]
  await cluster.create({ apiVersion: RBAC, kind: 'Role', metadata, rules })
  const subjects = [{ kind: 'ServiceAccount', ...metadata }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' }
  await cluster.create({ apiVersion: RBAC, kind: 'RoleBinding', metadata, subjects, roleRef })
  return cluster
}

async function setAccounts(
  cluster: DeliveryCluster,
  destinationServiceAccounts: readonly ApplicationDestinationServiceAccount[],
): Promise<void> {
  const spec = { destinationServiceAccounts } as unknown as JsonObject
  await cluster.patch('argoproj.io/v1alpha1/AppProject', 'default', { spec }, { namespace: CONTROL_NAMESPACE })
}

const WRITE = ['get', 'list', 'create', 'update', 'patch']
const DEPLOYER = { server: SERVER, namespace: 'web', defaultServiceAccount: 'deployer' }

test('what the account may not do is not done, and said in the words of the API server', async (t) => {
  const files = {
    'web/allowed.json': configMap('allowed', 'x'),
    'web/before.json': configMap('before', 'x', { hook: 'PreSync' }),
    'web/service.json': service('forbidden'),
  }
  const cluster = await scene(t, files, { verbs: [...WRITE, 'delete'] })
  await setAccounts(cluster, [DEPLOYER])
  await cluster.createApplication('web')
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')

  await cluster.sync('web')
  const first = await cluster.operationEnd('web')

  assert.equal(first.phase, 'Failed')
  const refused = first.syncResult?.resources?.find(({ kind }) => kind === 'Service')
  assert.equal(refused?.status, 'SyncFailed')
  assert.match(
    refused?.message ?? '',
    new RegExp(`services.* is forbidden: User "${USER}" cannot \\w+ resource "services"`),
  )
  assert.equal(await cluster.get('v1/Service', 'forbidden', 'web'), undefined)

  cluster.repository.commit({ 'web/service.json': undefined })
  await cluster.refresh('web', 'hard')
  await cluster.sync('web')
  const second = await cluster.operationEnd('web')

  assert.equal(second.phase, 'Succeeded', second.message ?? '')
  const hook = second.syncResult?.resources?.find(({ name }) => name === 'before')
  assert.equal(hook?.hookPhase, 'Succeeded')
})

test('pruning and deleting need rights of the account, too', async (t) => {
  const files = { 'web/one.json': configMap('one', 'x'), 'web/two.json': configMap('two', 'x') }
  const cluster = await scene(t, files, { verbs: WRITE })
  await setAccounts(cluster, [DEPLOYER])
  const finalizers = ['resources-finalizer.argocd.argoproj.io']
  await cluster.createApplication('web', {}, { finalizers })
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  await cluster.sync('web')
  assert.equal((await cluster.operationEnd('web')).phase, 'Succeeded')

  cluster.repository.commit({ 'web/two.json': undefined })
  await cluster.refresh('web')
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  await cluster.sync('web')
  const pruned = await cluster.operationEnd('web')
  assert.equal(pruned.phase, 'Failed')
  assert.match(JSON.stringify(pruned.syncResult?.resources), /cannot delete resource/)

  const forbidden = new RegExp(`User "${USER}" cannot delete resource "configmaps"`)
  await cluster.delete('argoproj.io/v1alpha1/Application', 'web', CONTROL_NAMESPACE)
  await cluster.until('web', ({ status }) =>
    (status?.conditions ?? []).some(({ type, message }) => type === 'DeletionError' && forbidden.test(message)),
  )
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: [...WRITE, 'delete'] }]
  await cluster.patch(`${RBAC}/Role`, 'deployer', { rules }, { namespace: 'web' })
  await cluster.untilGone('argoproj.io/v1alpha1/Application', 'web', CONTROL_NAMESPACE)
  assert.equal(await cluster.get('v1/ConfigMap', 'one', 'web'), undefined)
})

test('without an account for the destination nothing is synced, unless that is allowed', async (t) => {
  const cluster = await scene(t, { 'web/one.json': configMap('one', 'x') }, { verbs: WRITE })
  await setAccounts(cluster, [{ ...DEPLOYER, namespace: 'other' }])
  await cluster.createApplication('web')
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  await cluster.sync('web')
  const none = await cluster.operationEnd('web')
  assert.deepEqual(
    [none.phase, none.message],
    ['Error', `no matching service account found for destination server ${SERVER} and namespace web`],
  )

  await setAccounts(cluster, [{ ...DEPLOYER, defaultServiceAccount: 'de*' }])
  await cluster.eventually(async () => {
    await cluster.sync('web')
    const { message } = await cluster.operationEnd('web')
    const wrong = `failed to derive service account to impersonate: default service account contains invalid chars 'de*'`
    return message === wrong ? true : undefined
  })
  assert.equal(await cluster.get('v1/ConfigMap', 'one', 'web'), undefined)
})

test('where an account is not enforced the control plane syncs itself', async (t) => {
  const files = { 'web/one.json': configMap('one', 'x') }
  const cluster = await scene(t, files, { verbs: ['get'], enforced: false })
  await cluster.createApplication('web')
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  await cluster.sync('web')
  assert.equal((await cluster.operationEnd('web')).phase, 'Succeeded')
})
