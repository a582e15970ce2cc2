// Stories of what a person does to live resources, and of rules a team writes itself: actions, health and actions in Lua.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ADMIN_PASSWORD, isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { commandLine } from '../support/command-line.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap, deployment } from '../support/manifests.ts'

const SERVICE = 'application.ApplicationService'
const WEB = { name: 'web', namespace: 'web', resourceName: 'web', group: 'apps', kind: 'Deployment', version: 'v1' }

interface Listed {
  readonly actions: readonly { readonly name: string; readonly disabled?: boolean }[]
}

async function deliver(t: TestContext, project = 'default'): Promise<StoryPlane> {
  const plane = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/one.json': configMap('one', 'a'), 'web/app.json': deployment('web', 'nginx:1.29') })
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' }
  const application = {
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      project,
      destination,
      source: { repoURL: repository.url, path: 'web', targetRevision: 'main' },
      syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
    },
  }
  await plane.api.call(`${SERVICE}/Create`, { application })
  await plane.application('web', isSynced)
  return plane
}

async function setConfig({ client }: StoryPlane, data: Readonly<Record<string, string>>): Promise<void> {
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  await client.patch({ type, namespace: 'argocd', name: 'argocd-cm' }, 'merge', { data })
}

async function eventsOf({ client }: StoryPlane, namespace: string): Promise<readonly unknown[]> {
  const type = await client.resourceOf({ group: '', kind: 'Event' })
  assert.ok(type)
  const { items } = await client.list(type, { namespace })
  return items.filter((event) => 'reason' in event && event.reason === 'ResourceActionRan')
}

test('[002-04] a deployment is scaled, paused and restarted through its actions', async (t) => {
  const plane = await deliver(t)
  const { api, live } = plane

  const { actions } = await api.call<Listed>(`${SERVICE}/ListResourceActions`, WEB)
  const resourceActionParameters = [{ name: 'replicas', value: '3' }]
  await api.call(`${SERVICE}/RunResourceActionV2`, { ...WEB, action: 'scale', resourceActionParameters })
  await api.call(`${SERVICE}/RunResourceAction`, { ...WEB, action: 'pause' })
  const paused = await api.call<Listed>(`${SERVICE}/ListResourceActions`, WEB)
  await api.call(`${SERVICE}/RunResourceAction`, { ...WEB, action: 'restart' })

  assert.deepEqual(
    actions.map(({ name }) => name),
    ['restart', 'pause', 'resume', 'scale'],
  )
  const disabled = (listed: Listed): unknown => listed.actions.filter((each) => each.disabled).map(({ name }) => name)
  assert.deepEqual([disabled({ actions }), disabled(paused)], [['resume'], ['pause']])
  const object = (await live('apps/v1', 'Deployment', 'web/web')) as unknown as {
    spec: { replicas: number; paused: boolean; template: { metadata: { annotations: Record<string, string> } } }
  }
  assert.deepEqual([object.spec.replicas, object.spec.paused], [3, true])
  assert.match(object.spec.template.metadata.annotations['kubectl.kubernetes.io/restartedAt'] ?? '', /^\d{4}-.*Z$/)
  const wrong = { ...WEB, action: 'scale', resourceActionParameters: [{ name: 'replicas', value: 'many' }] }
  await assert.rejects(api.call(`${SERVICE}/RunResourceActionV2`, wrong), /invalid number: many/)
  await assert.rejects(api.call(`${SERVICE}/RunResourceAction`, { ...WEB, action: 'explode' }), /no action explode/)
})

test('an action may create only what the project permits', async (t) => {
  const plane = await deliver(t)
  const { api, client, live } = plane
  await setConfig(plane, {
    'resource.customizations.actions.apps_Deployment': `
discovery.lua: return { copy = {}, leak = {} }
definitions:
- name: copy
  action.lua: |
    return { { operation = "create", resource = { apiVersion = "v1", kind = "ConfigMap",
      metadata = { name = "copied", namespace = obj.metadata.namespace }, data = { from = obj.metadata.name } } } }
- name: leak
  action.lua: |
    return { { operation = "create", resource = { apiVersion = "v1", kind = "ConfigMap",
      metadata = { name = "leaked", namespace = "kube-system" } } } }
`,
  })
  const projects = await client.resourceOf({ group: 'argoproj.io', kind: 'AppProject' })
  assert.ok(projects)
  const destinations = [{ server: '*', namespace: 'web' }]
  await client.patch({ type: projects, namespace: 'argocd', name: 'default' }, 'merge', { spec: { destinations } })
  await until(async () => {
    const { actions } = await api.call<Listed>(`${SERVICE}/ListResourceActions`, WEB).catch(() => ({ actions: [] }))
    return actions.length === 2
  })

  await api.call(`${SERVICE}/RunResourceAction`, { ...WEB, action: 'copy' })
  await assert.rejects(api.call(`${SERVICE}/RunResourceAction`, { ...WEB, action: 'leak' }), /not permitted to manage/)

  assert.notEqual(await live('v1', 'ConfigMap', 'web/copied'), undefined)
  assert.equal(await live('v1', 'ConfigMap', 'kube-system/leaked'), undefined)
  await until(async () => (await eventsOf(plane, 'web')).length > 0)
})

test('a health rule in Lua acts as soon as it is written, and a broken one is told', async (t) => {
  const plane = await deliver(t)
  await plane.application('web', ({ status }) => status?.health?.status === 'Healthy')

  const key = 'resource.customizations.health.ConfigMap'
  await setConfig(plane, { [key]: 'return { status = "Degraded", message = obj.metadata.name }' })
  await plane.application('web', ({ status }) => status?.health?.status === 'Degraded')
  await setConfig(plane, { [key]: 'return obj.spec.nothing' })
  await plane.application('web', ({ status }) => status?.health?.status === 'Unknown')
  await setConfig(plane, { [key]: 'return { status = "Healthy" }' })
  await plane.application('web', ({ status }) => status?.health?.status === 'Healthy')
})

test('the command line lists actions and runs them', async (t) => {
  const { plane, live } = await deliver(t)
  const line = commandLine(t)
  const { host } = new URL(plane.url)
  await line.ok(`login ${host} --plaintext --username admin --password`, ADMIN_PASSWORD)

  const listed = await line.ok('app actions list web --kind Deployment')
  await line.ok('app actions run web scale --kind Deployment --resource-name web --param replicas=2')
  const wrong = await line.run(['app', 'actions', 'run', 'web', 'scale', '--kind', 'StatefulSet'])

  assert.match(listed, /^GROUP +KIND +NAME +ACTION +DISABLED\napps +Deployment +web +restart +false\n/)
  assert.match(listed, /apps +Deployment +web +resume +true\n/)
  assert.match(JSON.stringify(await live('apps/v1', 'Deployment', 'web/web')), /"replicas":2/)
  assert.match(wrong.stderr, /No matching resource found/)
})

/** Asks again until it is so; a story that never comes true ends by the runner's time-out. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}
