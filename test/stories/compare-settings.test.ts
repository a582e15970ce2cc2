// Stories of comparing: a person asks why something differs, and the settings of argocd-cm say what is no difference.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { type JsonValue, kindOf } from '../../src/kube/object.ts'
import { loggedIn } from '../support/command-line.ts'
import { isSynced, startStoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { deployment, GADGETS } from '../support/manifests.ts'

const CREATE =
  'app create web --path web --revision main --dest-server https://kubernetes.default.svc --dest-namespace web --sync-option CreateNamespace=true --sync-policy automated --repo'

interface Place {
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly manager?: string
}

async function patch(client: KubeClient, { kind, name, namespace, manager }: Place, value: JsonValue): Promise<void> {
  const slash = kind.lastIndexOf('/')
  const type = await client.resourceOf(kindOf({ apiVersion: kind.slice(0, slash), kind: kind.slice(slash + 1) }))
  assert.ok(type, kind)
  const options = manager === undefined ? {} : { fieldManager: manager }
  await client.patch({ type, namespace, name }, 'merge', value, options)
}

test('a person is told which fields differ, who wrote each last, and when', async (t) => {
  const { plane, client, application } = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/app.json': deployment('web', 'nginx:1.29') })
  const line = await loggedIn(t, plane.url)
  await line.ok(CREATE, repository.url)
  await application('web', isSynced)

  const web = { kind: 'apps/v1/Deployment', name: 'web', namespace: 'web' }
  const image = { spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.30', tty: true }] } } } }
  await patch(client, { ...web, manager: 'robot' }, image)
  const told = await line.run(['app', 'diff', 'web', '--refresh', '--explain'])

  assert.equal(told.code, 1, told.stderr)
  const reasons = told.stdout.split('\n').filter((text) => text.startsWith('# '))
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`
  // What Git says nothing of is no difference, whoever wrote it.
  assert.equal(reasons.length, 1, told.stdout)
  assert.match(reasons.join('\n'), new RegExp(`^# /spec/template/spec/containers/0/image: last written by robot at ${time}$`, 'm')) // prettier-ignore
})

test('knownTypeFields of argocd-cm make quantities of a custom resource equal that mean the same', async (t) => {
  const { plane, client, application } = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const gadget = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'g' }, spec: { memory: '1Gi' } }
  repository.commit({ 'web/crd.json': GADGETS, 'web/gadget.json': JSON.stringify(gadget) })
  const line = await loggedIn(t, plane.url)
  await line.ok(CREATE, repository.url)
  await application('web', isSynced)

  const live = { kind: 'example.com/v1/Gadget', name: 'g', namespace: 'web' }
  await patch(client, live, { spec: { memory: '1024Mi' } })
  await application('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  const known = '- field: spec.memory\n  type: core/Quantity\n'
  const settings = { data: { 'resource.customizations.knownTypeFields.example.com_Gadget': known } }
  await patch(client, { kind: 'v1/ConfigMap', name: 'argocd-cm', namespace: 'argocd' }, settings)

  await application('web', isSynced)
})
