// A project through the API: its roles and their tokens, its limits, and what an update may not take away.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { Secret } from '../../src/base/secret.ts'
import type { AppProject } from '../../src/crds/app-project.ts'
import { startStoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'

const SERVICE = 'project.ProjectService'
const SERVER = 'https://kubernetes.default.svc'

test('a role has a token that may do what its policies say, in its project alone, until it is deleted', async (t) => {
  const { api, plane } = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n' })
  const project = {
    metadata: { name: 'team' },
    spec: {
      sourceRepos: [repository.url],
      destinations: [{ server: SERVER, namespace: 'team-*' }],
      roles: [{ name: 'ci', policies: ['p, proj:team:ci, applications, get, team/*, allow'], groups: ['builders'] }],
    },
  }
  const create = (wanted: object, upsert = false): Promise<AppProject> =>
    api.call(`${SERVICE}/Create`, { project: wanted, upsert })
  const as = (token: string): ApiClient =>
    createApiClient({ baseUrl: plane.url, send: fetch, token: new Secret(token) })

  await create(project)
  await create(project)
  await assert.rejects(create({ ...project, spec: { ...project.spec, description: 'ours' } }), {
    message: 'existing project spec is different; use upsert flag to force update; difference in keys "Description"',
  })
  await assert.rejects(create({ metadata: { name: 'twice' }, spec: { sourceRepos: ['a', 'a'] } }), {
    message: "error validating project: rpc error: code = InvalidArgument desc = source repository 'a' already added",
  })
  const token = { project: 'team', role: 'ci', id: 'pipeline', expiresIn: 600 }
  const made = await api.call<{ readonly token: string }>(`${SERVICE}/CreateToken`, token)
  const robot = as(made.token)

  assert.equal((await robot.call<AppProject>(`${SERVICE}/Get`, { name: 'team' })).metadata.name, 'team')
  await assert.rejects(robot.call(`${SERVICE}/Get`, { name: 'default' }), {
    message: /^permission denied: projects, get, default, sub: proj:team:ci, iat: /,
  })
  await assert.rejects(robot.call(`${SERVICE}/Delete`, { name: 'team' }), {
    message: /^permission denied: projects, delete/,
  })
  await assert.rejects(api.call(`${SERVICE}/CreateToken`, token), { message: /Token id 'pipeline' has been used\./ })
  await assert.rejects(api.call(`${SERVICE}/CreateToken`, { ...token, role: 'none' }), {
    message: "project 'team' does not have role 'none'",
  })

  const application = {
    metadata: { name: 'web' },
    spec: {
      project: 'team',
      source: { repoURL: repository.url, path: 'web', targetRevision: 'main' },
      destination: { server: SERVER, namespace: 'team-a' },
    },
  }
  await api.call('application.ApplicationService/Create', { application })
  const current = await api.call<AppProject>(`${SERVICE}/Get`, { name: 'team' })
  assert.equal(current.status?.jwtTokensByRole?.['ci']?.items?.[0]?.id, 'pipeline')
  const narrowed = { ...current, spec: { ...current.spec, sourceRepos: ['https://elsewhere.example.com/*'] } }
  await assert.rejects(api.call(`${SERVICE}/Update`, { project: narrowed }), {
    message: 'as a result of project update 1 applications source became invalid',
  })
  await assert.rejects(api.call(`${SERVICE}/Delete`, { name: 'team' }), {
    message: 'project is referenced by 1 applications',
  })
  await assert.rejects(api.call(`${SERVICE}/Delete`, { name: 'default' }), { message: "name 'default' is reserved and cannot be deleted" }) // prettier-ignore

  const windows = [{ kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'] }]
  await api.call(`${SERVICE}/Update`, { project: { ...current, spec: { ...current.spec, syncWindows: windows } } })
  const open = await api.call<{ readonly windows: readonly object[] }>(`${SERVICE}/GetSyncWindowsState`, {
    name: 'team',
  })
  assert.equal(open.windows.length, 1)
  const detailed = await api.call<{ readonly project: AppProject }>(`${SERVICE}/GetDetailedProject`, { name: 'team' })
  assert.equal(detailed.project.metadata.name, 'team')

  await api.call(`${SERVICE}/DeleteToken`, { project: 'team', role: 'ci', iat: 0, id: 'pipeline' })
  await assert.rejects(robot.call(`${SERVICE}/Get`, { name: 'team' }), {
    message: /^invalid session: JWT token for role 'ci' issued at '\d+' does not exist in project 'team'$/,
  })
})
