// Applications whose charts come from a repository: by version and by range, with a login, with charts they need.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { simpleChart, startChartHost } from '../support/chart-repository.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { complaint, correct, refresh, register } from '../support/private-repository.ts'

const LOGIN = { username: 'ci', password: 'right' }

function version(number: string): { name: string; version: string; archive: Buffer } {
  return { name: 'web', version: number, archive: simpleChart('web', number) }
}

async function deliver(story: StoryPlane, source: object): Promise<void> {
  const spec = {
    project: 'default',
    ...('sources' in source ? source : { source }),
    destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  }
  const object = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'argocd' },
    spec,
  }
  await story.client.create(story.plane.applications.type, object)
}

async function dataOf(story: StoryPlane, name: string): Promise<unknown> {
  const live = await story.live('v1', 'ConfigMap', `web/${name}`)
  return live === undefined ? undefined : Reflect.get(live, 'data')
}

test('[005-05] a chart of a private repository is delivered by range, and moves when a newer version is published', async (t: TestContext) => {
  const host = await startChartHost(t, { charts: [version('1.0.0'), version('2.0.0')], login: LOGIN })
  const story = await startStoryPlane(t)
  await register(story, { type: 'helm', name: 'charts', url: host.url, username: 'ci', password: 'wrong' })
  await deliver(story, {
    repoURL: host.url,
    chart: 'web',
    targetRevision: '1.x',
    helm: { parameters: [{ name: 'text', value: 'from a parameter' }] },
  })

  const said = await complaint(story)
  await correct(story, LOGIN)
  await refresh(story)
  const first = await story.application('web', isSynced)
  const before = await dataOf(story, 'web-web')
  host.publish([version('1.0.0'), version('1.1.0'), version('2.0.0')])
  await refresh(story)
  const second = await story.application('web', (one) => isSynced(one) && one.status?.sync?.revision === '1.1.0')

  assert.match(said, /index\.yaml : 401/)
  assert.doesNotMatch(said, /wrong/)
  assert.equal(first.status?.sync?.revision, '1.0.0')
  assert.deepEqual(before, { version: '1.0.0', text: 'from a parameter' })
  assert.equal(second.status?.sourceType, 'Helm')
  assert.deepEqual(await dataOf(story, 'web-web'), { version: '1.1.0', text: 'from a parameter' })
})

test('a chart in Git gets the charts it needs, from a repository and from beside it', async (t: TestContext) => {
  const host = await startChartHost(t, { charts: [version('1.0.0'), version('1.3.0')] })
  const repository = createRepository(temporaryFolder(t))
  repository.commit({
    'umbrella/Chart.yaml': [
      'apiVersion: v2',
      'name: umbrella',
      'version: 0.1.0',
      'dependencies:',
      `- {name: web, version: ^1.0.0, repository: "${host.url}", alias: front}`,
      '- {name: local, version: 0.x, repository: "file://../local"}',
      '',
    ].join('\n'),
    'umbrella/values.yaml': 'front: {text: of the parent}\n',
    'local/Chart.yaml': 'apiVersion: v2\nname: local\nversion: 0.2.0\n',
    'local/templates/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: local}\n',
  })
  const story = await startStoryPlane(t)
  await deliver(story, { repoURL: repository.url, path: 'umbrella', targetRevision: 'main' })

  await story.application('web', isSynced)

  assert.deepEqual(await dataOf(story, 'web-web'), { version: '1.3.0', text: 'of the parent' })
  assert.notEqual(await story.live('v1', 'ConfigMap', 'web/local'), undefined)
})

test('values of a chart lie in Git beside it, in a source of their own, and at a URL', async (t: TestContext) => {
  const host = await startChartHost(t, {
    charts: [version('1.0.0')],
    files: { '/remote.yaml': 'text: from the URL\nother: {kept: true}\n' },
  })
  const repository = createRepository(temporaryFolder(t))
  repository.commit({ 'env/prod.yaml': 'text: from Git\n' })
  const story = await startStoryPlane(t)
  const chart = { repoURL: host.url, chart: 'web', targetRevision: '1.0.0' }
  await deliver(story, {
    sources: [
      { ...chart, helm: { valueFiles: [`${host.url}/remote.yaml`, '$values/env/prod.yaml'] } },
      { repoURL: repository.url, targetRevision: 'main', ref: 'values' },
    ],
  })

  await story.application('web', isSynced)

  assert.deepEqual(await dataOf(story, 'web-web'), { version: '1.0.0', text: 'from Git' })
})
