// Config management plug-ins deliver applications; those that hang or flood are ended and say so.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { startCmpServer } from '../support/fake-cmp-server.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'

interface Scene {
  readonly story: StoryPlane
  readonly folder: string
  readonly repository: TestRepository
  readonly create: (plugin: object) => Promise<void>
}

async function scene(t: TestContext): Promise<Scene> {
  const folder = join(temporaryFolder(t), 'plugins')
  mkdirSync(folder)
  const story = await startStoryPlane(t, { pluginFolder: folder })
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  repository.commit({ 'shop/name.txt': 'first' })
  return {
    story,
    folder,
    repository,
    create: async (plugin) => {
      const spec = {
        project: 'default',
        source: { repoURL: repository.url, path: 'shop', targetRevision: 'main', plugin },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
        syncPolicy: { automated: {}, retry: { limit: 0 } },
      }
      const application = { metadata: { name: 'shop' }, spec }
      await story.api.call('application.ApplicationService/Create', { application, validate: false })
    },
  }
}

function describePlugin(folder: string, name: string, script: string): void {
  const configuration = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ConfigManagementPlugin',
    metadata: { name },
    spec: { generate: { command: ['sh', '-c'], args: [script] } },
  }
  writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(configuration))
}

function textOf(object: KubeObject | undefined): unknown {
  return (object as { readonly data?: JsonObject } | undefined)?.data?.['text'] // of a ConfigMap
}

const PRINT =
  'printf \'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"out"},"data":{"text":"%s of %s"}}\' "$(cat name.txt)" "$ARGOCD_ENV_TIER"'

test('a plug-in delivers what it prints, and again after a commit', async (t) => {
  const { story, folder, repository, create } = await scene(t)
  describePlugin(folder, 'print', PRINT)
  const synced = story.application('shop', isSynced)
  await create({ name: 'print', env: [{ name: 'TIER', value: '$ARGOCD_APP_NAME' }] })
  const { status } = await synced
  const first = textOf(await story.live('v1', 'ConfigMap', 'default/out'))

  const revision = repository.commit({ 'shop/name.txt': 'second' })
  const again = story.application('shop', (app) => isSynced(app) && app.status?.sync?.revision === revision)
  await story.api.call('application.ApplicationService/Get', { name: 'shop', refresh: 'normal' })
  await again

  assert.equal(status?.sourceType, 'Plugin')
  assert.deepEqual(
    [first, textOf(await story.live('v1', 'ConfigMap', 'default/out'))],
    ['first of shop', 'second of shop'],
  )
})

function hasCondition({ status }: Application): boolean {
  return (status?.conditions ?? []).length > 0
}

test('a plug-in that floods is ended with a clear condition, and what it started with it', async (t) => {
  const { story, folder, create } = await scene(t)
  const pidFile = join(folder, 'child')
  describePlugin(folder, 'flood', `sleep 600 & echo $! > ${pidFile}; head -c 70000000 /dev/zero; sleep 600`)
  const failed = story.application('shop', hasCondition)
  await create({ name: 'flood' })

  const { status } = await failed

  assert.equal(status?.conditions?.[0]?.type, 'ComparisonError')
  assert.match(
    status?.conditions?.[0]?.message ?? '',
    /CMP processing failed for application "shop": `sh -c .*` failed after more than \d+ bytes of output/s,
  )
  assert.equal(await isGone(Number(readFileSync(pidFile, 'utf8'))), true)
})

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      process.kill(pid, 0)
      if (readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z')) return true
    } catch {
      return true
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return false
}

test('a sidecar behind its socket delivers', async (t) => {
  const { story, folder, create } = await scene(t)
  await startCmpServer(t, join(folder, 'side-v1.sock'), {
    generate: ({ files, env }) => [
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'out' },
        data: { text: `${files['shop/name.txt']} ${env['ARGOCD_APP_NAME']}` },
      }),
    ],
  })
  const synced = story.application('shop', isSynced)
  await create({ name: 'side-v1' })
  await synced

  assert.equal(textOf(await story.live('v1', 'ConfigMap', 'default/out')), 'first shop')
})
