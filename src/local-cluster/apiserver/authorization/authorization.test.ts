// Roles at work on the server: bindings, impersonation, escalation, reviews, and what all of it costs.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import type { ApiRequest } from '../../../kube/client/transport.ts'
import { builtinResources } from '../../kinds/resources.ts'
import { rulesFor } from '../../kinds/rules.ts'
import { openMemoryStore } from '../../storage/open-store.ts'
import { createApiServer } from '../server.ts'
import { ANONYMOUS, CLUSTER_ADMIN, type UserInfo } from '../user.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const ALICE: UserInfo = { name: 'alice', groups: ['dev', 'system:authenticated'] }
const ROBOT: UserInfo = {
  name: 'system:serviceaccount:ns:robot',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
}

interface Answer {
  readonly status: number
  readonly message: string
  readonly json: { readonly message?: string; readonly status?: unknown }
}

type Send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

interface World {
  readonly as: (user: UserInfo) => Send
  /** Creates as the administrator. */
  readonly create: (path: string, body: object) => Promise<void>
}

async function startWorld(t: TestContext): Promise<World> {
  const store = openMemoryStore()
  const catalogue = { resources: builtinResources(), rulesFor }
  const server = createApiServer({ store, catalogue, clock: new ManualClock(), log: silentLog })
  t.after(async () => {
    await server.close()
    await store.close()
  })
  const as: World['as'] =
    (sender) =>
    async (method, path, body, headers = {}) => {
      const request = {
        method,
        path,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      } as ApiRequest
      const answer = await server.handle(request, sender)
      const text = typeof answer.body === 'string' ? answer.body : ''
      const json = text.startsWith('{') ? (JSON.parse(text) as Answer['json']) : {}
      return { status: answer.status, message: json.message ?? '', json }
    }
  const create: World['create'] = async (path, body) => {
    const { status, message } = await as(CLUSTER_ADMIN)('POST', path, body)
    assert.equal(status, 201, message)
  }
  await create('/api/v1/namespaces', { metadata: { name: 'ns' } })
  await server.bootstrapRoles()
  return { as, create }
}

const named = (name: string, more: object): object => ({ metadata: { name }, ...more })
const roleRef = (kind: string, name: string): object => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name })
const user = (name: string): object => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })
const group = (name: string): object => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name })
const rules = (resources: string, verbs: string, apiGroups = ''): object => ({
  rules: [{ apiGroups: [apiGroups], resources: resources.split(','), verbs: verbs.split(',') }],
})
const MAPS = '/api/v1/namespaces/ns/configmaps'

test('a binding gives its subjects the rights of its role in its namespace, until it goes', async (t) => {
  const { as, create } = await startWorld(t)
  await create(`${RBAC}/clusterroles`, named('reader', rules('configmaps', 'get,list')))
  const before = await as(ALICE)('GET', MAPS)
  await create(`${RBAC}/namespaces/ns/rolebindings`, named('b', { roleRef: roleRef('ClusterRole', 'reader'), subjects: [group('dev')] })) // prettier-ignore

  const bound = await Promise.all([MAPS, '/api/v1/configmaps', `${MAPS}?watch=1`].map((path) => as(ALICE)('GET', path)))
  await as(CLUSTER_ADMIN)('DELETE', `${RBAC}/namespaces/ns/rolebindings/b`)
  const after = await as(ALICE)('GET', MAPS)

  assert.deepEqual([before, ...bound, after].map(({ status }) => status), [403, 200, 403, 403, 403]) // prettier-ignore
})

test('a role that changes changes what its bindings give', async (t) => {
  const { as, create } = await startWorld(t)
  await create(`${RBAC}/clusterroles`, named('r', rules('configmaps', 'get')))
  await create(`${RBAC}/clusterrolebindings`, named('b', { roleRef: roleRef('ClusterRole', 'r'), subjects: [user('alice')] })) // prettier-ignore
  const before = await as(ALICE)('GET', MAPS)
  await as(CLUSTER_ADMIN)('PUT', `${RBAC}/clusterroles/r`, { ...named('r', rules('configmaps', 'list')), kind: 'ClusterRole', apiVersion: 'rbac.authorization.k8s.io/v1' }) // prettier-ignore

  const after = await as(ALICE)('GET', MAPS)

  assert.deepEqual([before.status, after.status], [403, 200])
})

test('a service account of the namespace is bound without naming it again', async (t) => {
  const { as, create } = await startWorld(t)
  await create(`${RBAC}/namespaces/ns/roles`, named('r', rules('configmaps', 'list')))
  await create(`${RBAC}/namespaces/ns/rolebindings`, named('b', { roleRef: roleRef('Role', 'r'), subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'ns' }] })) // prettier-ignore
  const review = { spec: { resourceAttributes: { namespace: 'ns', verb: 'list', resource: 'configmaps' } } }

  const { json } = await as(ROBOT)('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)

  const reason = 'RBAC: allowed by RoleBinding "b/ns" of Role "r" to ServiceAccount "robot/ns"'
  assert.deepEqual(json.status, { allowed: true, reason })
})

test('a binding to a role that is missing is told to whoever is refused', async (t) => {
  const { as, create } = await startWorld(t)
  await create(`${RBAC}/clusterrolebindings`, named('b', { roleRef: roleRef('ClusterRole', 'gone'), subjects: [user('alice')] })) // prettier-ignore

  const { message } = await as(ALICE)('GET', MAPS)

  assert.equal(
    message,
    'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "ns": RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
  )
})

const PUBLIC: readonly [UserInfo, string, number][] = [
  [ANONYMOUS, '/healthz', 200],
  [ANONYMOUS, '/version', 200],
  [ANONYMOUS, '/api', 403],
  [ALICE, '/api', 200],
  [ALICE, '/apis/apps/v1', 200],
  [ALICE, '/metrics', 403],
]

test('discovery is for everybody who is known, health for everybody', async (t) => {
  const { as } = await startWorld(t)

  const answers = await Promise.all(PUBLIC.map(([who, path]) => as(who)('GET', path)))

  assert.deepEqual(answers.map(({ status }) => status), PUBLIC.map(([, , status]) => status)) // prettier-ignore
})

test('whoever may see one object may list and watch it alone', async (t) => {
  const { as, create } = await startWorld(t)
  const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'], verbs: ['list'] }
  await create(`${RBAC}/namespaces/ns/roles`, named('r', { rules: [rule] }))
  await create(`${RBAC}/namespaces/ns/rolebindings`, named('b', { roleRef: roleRef('Role', 'r'), subjects: [user('alice')] })) // prettier-ignore

  const queries = ['', '?fieldSelector=metadata.name%3Da', '?fieldSelector=metadata.name%3Db']
  const answers = await Promise.all(queries.map((query) => as(ALICE)('GET', MAPS + query)))

  assert.deepEqual(answers.map(({ status }) => status), [403, 200, 403]) // prettier-ignore
})

const SPOKEN: readonly [string, Record<string, string>, number, string][] = [
  ['a user', { 'impersonate-user': 'bob' }, 201, ''],
  ['another user', { 'impersonate-user': 'eve' }, 403, 'users "eve" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope'],
  ['a group', { 'impersonate-user': 'bob', 'impersonate-group': 'ops' }, 403, 'groups "ops" is forbidden: User "alice" cannot impersonate resource "groups" in API group "" at the cluster scope'],
  ['a service account', { 'impersonate-user': 'system:serviceaccount:ns:robot' }, 403, 'serviceaccounts "robot" is forbidden: User "alice" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "ns"'],
  ['an extra', { 'impersonate-user': 'bob', 'impersonate-extra-scopes': 'view' }, 403, 'userextras.authentication.k8s.io "view" is forbidden: User "alice" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope'],
  ['an identity', { 'impersonate-user': 'bob', 'impersonate-uid': 'u' }, 403, 'uids.authentication.k8s.io "u" is forbidden: User "alice" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope'],
  ['nobody', { 'impersonate-group': 'ops' }, 400, 'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"ops"}, Extra:map[string][]string(nil)} without impersonating a user name'],
] // prettier-ignore

test('whoever speaks for others must be allowed to, part by part', async (t) => {
  const { as, create } = await startWorld(t)
  const rule = { apiGroups: [''], resources: ['users'], resourceNames: ['bob'], verbs: ['impersonate'] }
  await create(`${RBAC}/clusterroles`, named('speaker', { rules: [rule] }))
  await create(`${RBAC}/clusterrolebindings`, named('b', { roleRef: roleRef('ClusterRole', 'speaker'), subjects: [user('alice')] })) // prettier-ignore
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

  const answers = await Promise.all(SPOKEN.map(([, headers]) => as(ALICE)('POST', path, {}, headers)))

  assert.deepEqual(
    answers.map(({ status, message }) => [status, message]),
    SPOKEN.map(([, , status, message]) => [status, message]),
  )
})

/** Alice may write roles and bindings, and read config maps. */
async function withWriter(t: TestContext): Promise<World> {
  const world = await startWorld(t)
  const own = [
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['create', 'update', 'patch', 'get'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
  ]
  await world.create(`${RBAC}/clusterroles`, named('writer', { rules: own }))
  await world.create(`${RBAC}/clusterrolebindings`, named('writer', { roleRef: roleRef('ClusterRole', 'writer'), subjects: [user('alice')] })) // prettier-ignore
  return world
}

const HELD = 'is attempting to grant RBAC permissions not currently held:\n'
const WHO = 'user "alice" (groups=["dev" "system:authenticated"])'
const ESCALATIONS: readonly [string, object, number, string][] = [
  ['/clusterroles', named('a', rules('configmaps', 'get')), 201, ''],
  ['/clusterroles', named('b', rules('configmaps', 'get,list,watch')), 403, `clusterroles.rbac.authorization.k8s.io "b" is forbidden: ${WHO} ${HELD}{APIGroups:[""], Resources:["configmaps"], Verbs:["list" "watch"]}`],
  ['/clusterroles', named('c', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }), 403, 'clusterroles.rbac.authorization.k8s.io "c" is forbidden: must have cluster-admin privileges to use an aggregationRule'],
  ['/clusterrolebindings', named('d', { roleRef: roleRef('ClusterRole', 'cluster-admin'), subjects: [user('alice')] }), 403, `clusterrolebindings.rbac.authorization.k8s.io "d" is forbidden: ${WHO} ${HELD}{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}`],
  ['/clusterrolebindings', named('e', { roleRef: roleRef('ClusterRole', 'gone'), subjects: [user('alice')] }), 404, 'clusterrole.rbac.authorization.k8s.io "gone" not found'],
] // prettier-ignore

test('nobody gives away more than they have', async (t) => {
  const { as } = await withWriter(t)

  const answers = await Promise.all(ESCALATIONS.map(([path, body]) => as(ALICE)('POST', RBAC + path, body)))

  assert.deepEqual(
    answers.map(({ status, message }) => [status, message]),
    ESCALATIONS.map(([, , status, message]) => [status, message]),
  )
})

test('escalate and bind let somebody give what they do not have', async (t) => {
  const { as, create } = await withWriter(t)
  const more = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['escalate', 'bind'] }
  await create(`${RBAC}/clusterroles`, named('escalator', { rules: [more] }))
  await create(`${RBAC}/clusterrolebindings`, named('escalator', { roleRef: roleRef('ClusterRole', 'escalator'), subjects: [user('alice')] })) // prettier-ignore

  const role = await as(ALICE)('POST', `${RBAC}/clusterroles`, named('all', rules('*', '*', '*')))
  const binding = await as(ALICE)('POST', `${RBAC}/clusterrolebindings`, named('all', { roleRef: roleRef('ClusterRole', 'cluster-admin'), subjects: [user('alice')] })) // prettier-ignore

  assert.deepEqual([role.status, binding.status], [201, 201])
})

test('owners and finalizers of a role may change without its rights', async (t) => {
  const { as, create } = await withWriter(t)
  await create(`${RBAC}/clusterroles`, named('big', rules('*', '*', '*')))
  const patch = { 'content-type': 'application/merge-patch+json' }

  const finalizers = await as(ALICE)(
    'PATCH',
    `${RBAC}/clusterroles/big`,
    { metadata: { finalizers: ['a.b/c'] } },
    patch,
  )
  const labels = await as(ALICE)('PATCH', `${RBAC}/clusterroles/big`, { metadata: { labels: { a: 'b' } } }, patch)

  assert.deepEqual([finalizers.status, labels.status], [200, 403])
})

test('an apply that creates needs the right to create', async (t) => {
  const { as, create } = await startWorld(t)
  await create(`${RBAC}/namespaces/ns/roles`, named('r', rules('configmaps', 'patch')))
  await create(`${RBAC}/namespaces/ns/rolebindings`, named('b', { roleRef: roleRef('Role', 'r'), subjects: [user('alice')] })) // prettier-ignore
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } }
  const headers = { 'content-type': 'application/apply-patch+yaml' }

  const { status, message } = await as(ALICE)('PATCH', `${MAPS}/new?fieldManager=x`, body, headers)

  const wanted =
    'configmaps "new" is forbidden: User "alice" cannot create resource "configmaps" in API group "" in the namespace "ns"'
  assert.deepEqual([status, message], [403, wanted])
})
