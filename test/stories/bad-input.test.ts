// What is wrong in Git is told in a condition of the application it concerns; everything else goes on.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

const APPLICATIONS = 'application.ApplicationService'

interface Wanted {
  readonly repoURL: string
  readonly namespace?: string
}

/** Creates an automated application for a path of the same name, unchecked, as kubectl would. */
async function deliver(
  { client, plane }: StoryPlane,
  name: string,
  { repoURL, namespace = name }: Wanted,
): Promise<void> {
  const spec = {
    project: 'default',
    source: { repoURL, path: name, targetRevision: 'main' },
    destination: { server: 'https://kubernetes.default.svc', namespace },
    syncPolicy: { automated: { prune: true }, retry: { limit: 0 }, syncOptions: ['CreateNamespace=true'] },
  }
  const object = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec,
  }
  await client.create(plane.applications.type, object)
}

function conditionOf(application: Application, type: string): string | undefined {
  return application.status?.conditions?.find((condition) => condition.type === type)?.message
}

function operationOf({ status }: Application): string | undefined {
  const state = status?.operationState
  return state === undefined || ['Running', 'Terminating'].includes(state.phase) ? undefined : state.message
}

function sized(name: string, bytes: number): string {
  return configMap(name, 'x'.repeat(bytes))
}

test('bad input in Git is told where it belongs, and the other applications are delivered', async (t) => {
  const story = await startStoryPlane(t)
  const folder = temporaryFolder(t)
  const repository = createRepository(join(folder, 'deploy'))
  const lines = Array.from({ length: 10_000 }, (_, index) => `    line ${index}\n`).join('')
  repository.commit({
    'tab/bad.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: tab\n',
    'strange/kind.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\n',
    'nameless/bad.yaml': 'apiVersion: v1\nkind: ConfigMap\ndata: {}\n',
    'long/long.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: long\ndata:\n  text: |\n${lines}`,
    'huge/huge.json': sized('huge', 2_000_000),
    'twice/a.json': configMap('one', 'a'),
    'twice/b.json': configMap('one', 'b'),
    'first/one.json': configMap('claimed', 'a', { namespace: 'shared' }),
    'second/one.json': configMap('claimed', 'b', { namespace: 'shared' }),
    'good/one.json': configMap('one', 'a'),
  })
  const here = { repoURL: repository.url }

  for (const name of ['tab', 'strange', 'nameless', 'huge', 'twice', 'good']) await deliver(story, name, here)
  await deliver(story, 'long', here)
  await deliver(story, 'first', { ...here, namespace: 'shared' })
  await story.application('first', isSynced)
  await deliver(story, 'second', { ...here, namespace: 'shared' })
  await deliver(story, 'far', { repoURL: 'https://git.invalid/far.git' })
  await deliver(story, 'gone', { repoURL: `file://${folder}/gone` })
  const told = async (name: string, type: string): Promise<string> => {
    const found = await story.application(name, (application) => conditionOf(application, type) !== undefined)
    return conditionOf(found, type) ?? ''
  }

  assert.match(
    await told('tab', 'ComparisonError'),
    /line 4: found character that cannot start any token \(tab\/bad\.yaml:4:1\)/,
  )
  assert.match(await told('strange', 'ComparisonError'), /could not find example\.com\/Widget/)
  assert.match(await told('nameless', 'ComparisonError'), /kind ConfigMap \(v1\) has no metadata\.name/)
  assert.match(await told('far', 'ComparisonError'), /git\.invalid.*(?:Could not resolve host|check repoURL)/)
  assert.match(await told('gone', 'ComparisonError'), /gone/)
  assert.match(await told('twice', 'RepeatedResourceWarning'), /ConfigMap\/twice\/one appeared 2 times/)
  // The second has taken the object over; the first, whose it was, says so.
  assert.match(
    await told('first', 'SharedResourceWarning'),
    /ConfigMap\/claimed is part of applications argocd\/first and second/,
  )
  const huge = await story.application('huge', (application) => operationOf(application) !== undefined)
  assert.equal(huge.status?.operationState?.phase, 'Failed')
  assert.match(JSON.stringify(huge.status?.operationState?.syncResult?.resources), /too (?:large|long)|limit/i)
  for (const name of ['good', 'long', 'twice']) await story.application(name, isSynced)
  const text = await story.live('v1', 'ConfigMap', 'long/long')
  assert.ok(JSON.stringify(text).includes('line 9999'))
})

test('the files put right, the conditions go and the objects come', async (t) => {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/one.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: one\n' })
  await deliver(story, 'web', { repoURL: repository.url })
  await story.application('web', (application) => conditionOf(application, 'ComparisonError') !== undefined)

  repository.commit({ 'web/one.yaml': configMap('one', 'a') })
  await story.api.call(`${APPLICATIONS}/Get`, { name: 'web', refresh: 'normal' })

  const mended = await story.application('web', isSynced)
  assert.deepEqual(mended.status?.conditions ?? [], [])
})
