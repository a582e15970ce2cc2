// The source hydrator: manifests rendered from one branch, written to another, delivered from there.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, git, temporaryFolder, type TestRepository } from '../support/git.ts'

interface Scene {
  readonly story: StoryPlane
  readonly dry: TestRepository
  /** What a file of the hydrated branch holds. */
  readonly hydrated: (path: string) => string
}

function chart(replicas: number): Record<string, string> {
  return {
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/values.yaml': `replicas: "${replicas}"\n`,
    'chart/templates/map.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  list: "a"\n  replicas: {{ .Values.replicas | quote }}\n',
  }
}

async function start(t: TestContext): Promise<Scene> {
  const dry = createRepository(join(temporaryFolder(t), 'dry'))
  const story = await startStoryPlane(t)
  return { story, dry, hydrated: (path) => git(dry.folder, 'show', `env/prod:${path}`) }
}

async function create({ story, dry }: Scene, name: string): Promise<void> {
  const spec = {
    project: 'default',
    sourceHydrator: {
      drySource: { repoURL: dry.url, targetRevision: 'main', path: 'chart' },
      syncSource: { targetBranch: 'env/prod', path: name },
    },
    destination: { server: 'https://kubernetes.default.svc', namespace: name },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  }
  const object = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec,
  }
  await story.client.create(story.plane.applications.type, object)
}

const hydratedAt =
  (drySHA: string) =>
  ({ status }: Application): boolean =>
    status?.sourceHydrator?.currentOperation?.phase === 'Hydrated' &&
    status.sourceHydrator.lastSuccessfulOperation?.drySHA === drySHA

test('manifests are rendered from main, committed with where they are from, and delivered from their branch', async (t) => {
  const scene = await start(t)
  const { story, dry, hydrated } = scene
  const first = dry.commit(chart(1), 'Add the chart\n\nIt has one value.\n\nArgocd-reference-commit-sha: abc1234')
  await create(scene, 'web')

  const web = await story.application('web', (one) => isSynced(one) && hydratedAt(first)(one))

  const { lastSuccessfulOperation, currentOperation } = web.status?.sourceHydrator ?? {}
  assert.equal(lastSuccessfulOperation?.hydratedSHA, git(dry.folder, 'rev-parse', 'env/prod'))
  assert.equal(web.status?.sync?.revision, lastSuccessfulOperation?.hydratedSHA)
  assert.equal(currentOperation?.message, '')
  assert.notEqual(await story.live('v1', 'ConfigMap', 'web/web'), undefined)
  assert.equal(
    hydrated('web/manifest.yaml'),
    'apiVersion: v1\ndata:\n  list: a\n  replicas: "1"\nkind: ConfigMap\nmetadata:\n  name: web',
  )
  assert.match(
    hydrated('web/README.md'),
    /^# Manifest Hydration\n[^]*git checkout [0-9a-f]{40}\nhelm template \. --name-template web/,
  )
  assert.deepEqual(Object.keys(JSON.parse(hydrated('web/hydrator.metadata'))), ['repoURL', 'drySha', 'commands'])
  const metadata = JSON.parse(hydrated('hydrator.metadata'))
  assert.deepEqual(
    { ...metadata, date: '' },
    {
      repoURL: dry.url,
      drySha: first,
      author: 'Ada <ada@example.com>',
      date: '',
      subject: 'Add the chart',
      body: 'It has one value.\n\n',
      references: [{ commit: { sha: 'abc1234' } }],
    },
  )
  assert.equal(
    git(dry.folder, 'log', '-1', '--format=%an <%ae>%n%B', 'env/prod'),
    `Argo CD <argo-cd@example.com>\n${first.slice(0, 7)}: Add the chart\n\nIt has one value.\n\nCo-authored-by: Ada <ada@example.com>`,
  )

  const second = dry.commit({ 'unrelated.txt': 'x' }, 'Unrelated')
  const third = dry.commit(chart(2), 'Scale')
  const scaled = await story.application('web', (one) => isSynced(one) && hydratedAt(third)(one))

  const commit = scaled.status?.sourceHydrator?.lastSuccessfulOperation?.hydratedSHA ?? ''
  assert.match(hydrated('web/manifest.yaml'), /replicas: "2"/)
  assert.equal(git(dry.folder, 'notes', '--ref=hydrator.metadata', 'show', commit), `{"drySha":"${third}"}`)
  assert.doesNotMatch(git(dry.folder, 'log', '--format=%s', 'env/prod'), new RegExp(second.slice(0, 7)))
})

test('applications of one branch are written together or not at all, and each is told why', async (t) => {
  const scene = await start(t)
  const { story, dry } = scene
  const first = dry.commit(chart(1))
  await create(scene, 'one')
  await create(scene, 'two')
  await Promise.all(['one', 'two'].map((name) => story.application(name, hydratedAt(first))))
  const before = git(dry.folder, 'rev-parse', 'env/prod')

  dry.commit({ 'chart/.argocd-source-two.yaml': 'helm: {releaseName: "Not A Name"}\n' })

  const failed = (one: Application): boolean => one.status?.sourceHydrator?.currentOperation?.phase === 'Failed'
  const messages = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const { status } = await story.application(name, failed)
      return status?.sourceHydrator?.currentOperation?.message ?? ''
    }),
  )
  assert.equal(messages[0], 'Failed to hydrate: cannot hydrate because application argocd/two has an error')
  assert.match(
    messages[1] ?? '',
    /^Failed to hydrate: failed to get manifests: failed to get repo objects for app "argocd\/two": /,
  )
  assert.equal(git(dry.folder, 'rev-parse', 'env/prod'), before)

  const mended = dry.commit({ ...chart(3), 'chart/.argocd-source-two.yaml': null })
  await Promise.all(['one', 'two'].map((name) => story.application(name, hydratedAt(mended))))
  assert.equal(git(dry.folder, 'rev-list', '--count', `${before}..env/prod`), '1')
})
