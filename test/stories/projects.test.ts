// Stories of projects: what each rule forbids, and in which words an application is told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppProjectSpec } from '../../src/crds/app-project.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, service } from '../support/manifests.ts'

const PROJECT = 'argoproj.io/v1alpha1/AppProject'
const SERVER = 'https://kubernetes.default.svc'

function clusterRole(name: string): string {
  return JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name } })
}

async function createProject(cluster: DeliveryCluster, name: string, spec: AppProjectSpec): Promise<void> {
  const metadata = { name, namespace: CONTROL_NAMESPACE }
  await cluster.create({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata, spec })
}

test('an application outside its project is told which rule it breaks, and goes on when the rule does', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'first') } })
  const { url } = cluster.repository
  const everywhere = [{ server: '*', namespace: '*' }]
  await createProject(cluster, 'team', { sourceRepos: [url], destinations: everywhere })
  await cluster.createApplication('web', { project: 'team' })
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  const repo = `application repo ${url} is not permitted in project 'team'`
  const place = (server: string): string =>
    `application destination server '${server}' and namespace 'web' do not match any of the allowed destinations in project 'team'`
  const rules: readonly (readonly [spec: object, text: string])[] = [
    [{ sourceRepos: [] }, repo],
    [{ sourceRepos: ['https://elsewhere/**'] }, repo],
    [{ sourceRepos: ['**', `!${url}`] }, repo],
    [{ destinations: [] }, place(SERVER)],
    [{ destinations: [{ server: SERVER, namespace: 'other-*' }] }, place(SERVER)],
    [{ destinations: [...everywhere, { server: '*', namespace: '!web' }] }, place(SERVER)],
    [{ destinations: [...everywhere, { server: `!${SERVER}`, namespace: '*' }] }, place(SERVER)],
    [{ permitOnlyProjectScopedClusters: true }, place(SERVER)],
  ]

  for (const [spec, text] of rules) {
    const good = { sourceRepos: [url], destinations: everywhere, permitOnlyProjectScopedClusters: false }
    await cluster.patch(PROJECT, 'team', { spec: { ...good, ...spec } }, { namespace: CONTROL_NAMESPACE })
    const { status } = await cluster.until('web', (application) =>
      (application.status?.conditions ?? []).some(({ message }) => message === text),
    )
    assert.deepEqual(
      status?.conditions?.map(({ type, message }) => [type, message]),
      [['InvalidSpecError', text]],
    )
    assert.equal(status?.sync?.status, 'Unknown')
    await cluster.patch(PROJECT, 'team', { spec: good }, { namespace: CONTROL_NAMESPACE })
    await cluster.until('web', (application) => (application.status?.conditions ?? []).length === 0)
  }
})

test('a project that forbids an object is named for that object, and nothing of it is made', async (t) => {
  const files = {
    'web/allowed.json': configMap('allowed', 'x'),
    'web/kind.json': service('kind'),
    'web/elsewhere.json': configMap('elsewhere', 'x', { namespace: 'secret-place' }),
    'web/role.json': clusterRole('web-allowed'),
    'web/root.json': clusterRole('root'),
  }
  const cluster = await startDeliveryCluster(t, { files })
  for (const name of ['web', 'secret-place']) {
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  await createProject(cluster, 'team', {
    sourceRepos: ['**'],
    destinations: [{ server: SERVER, namespace: 'web' }],
    clusterResourceWhitelist: [{ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'web-*' }],
    namespaceResourceBlacklist: [{ group: '', kind: 'Service' }],
  })
  await cluster.createApplication('web', { project: 'team' })
  const { status } = await cluster.until('web', (application) => application.status?.sync?.status === 'OutOfSync')
  const told = Object.fromEntries(status?.resources?.map(({ name, status: code }) => [name, code]) ?? [])
  assert.deepEqual(told, {
    allowed: 'OutOfSync',
    elsewhere: 'OutOfSync',
    kind: 'Unknown',
    root: 'Unknown',
    'web-allowed': 'OutOfSync',
  })

  await cluster.sync('web')
  const { phase, syncResult } = await cluster.operationEnd('web')

  assert.equal(phase, 'Failed')
  const failed = syncResult?.resources?.filter((resource) => resource.status === 'SyncFailed') ?? []
  assert.deepEqual(Object.fromEntries(failed.map(({ name, message }) => [name, message])), {
    elsewhere: `namespace secret-place is not permitted in project 'team'`,
    kind: 'resource :Service is not permitted in project team',
    root: 'resource rbac.authorization.k8s.io:ClusterRole is not permitted in project team',
  })
  assert.equal(await cluster.get('v1/ConfigMap', 'allowed', 'web'), undefined)
})
