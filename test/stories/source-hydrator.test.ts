// The source hydrator: manifests rendered from one branch, written to another, delivered from there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSynced } from '../support/control-plane.ts'
import { git } from '../support/git.ts'
import { chart, createHydrated, hydratedAt, startHydratorScene } from '../support/hydrator-scene.ts'

test('manifests are rendered from main, committed with where they are from, and delivered from their branch', async (t) => {
  const scene = await startHydratorScene(t)
  const { story, dry, hydrated } = scene
  const first = dry.commit(chart(1), 'Add the chart\n\nIt has one value.\n\nArgocd-reference-commit-sha: abc1234')
  await createHydrated(scene, 'web')

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

  const { revision } = Object(await story.api.call('application.ApplicationService/GetManifests', { name: 'web' }))
  assert.equal(revision, first)
  const ofDry = { name: 'web', revision: first, sourceIndex: -1 }
  const { message } = Object(await story.api.call('application.ApplicationService/RevisionMetadata', ofDry))
  assert.match(message, /^Add the chart/)

  const second = dry.commit({ 'unrelated.txt': 'x' }, 'Unrelated')
  const third = dry.commit(chart(2), 'Scale')
  const scaled = await story.application('web', (one) => isSynced(one) && hydratedAt(third)(one))

  const commit = scaled.status?.sourceHydrator?.lastSuccessfulOperation?.hydratedSHA ?? ''
  assert.match(hydrated('web/manifest.yaml'), /replicas: "2"/)
  assert.equal(git(dry.folder, 'notes', '--ref=hydrator.metadata', 'show', commit), `{"drySha":"${third}"}`)
  assert.doesNotMatch(git(dry.folder, 'log', '--format=%s', 'env/prod'), new RegExp(second.slice(0, 7)))
})
