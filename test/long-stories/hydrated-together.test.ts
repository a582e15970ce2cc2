// Applications that share a hydrated branch: one commit for all, or none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { git } from '../support/git.ts'
import { chart, createHydrated, hydratedAt, startHydratorScene } from '../support/hydrator-scene.ts'

test('applications of one branch are written together or not at all, and each is told why', async (t) => {
  const scene = await startHydratorScene(t)
  const { story, dry } = scene
  const first = dry.commit(chart(1))
  await createHydrated(scene, 'one')
  await createHydrated(scene, 'two')
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

test('commits that come while others are hydrated are not missed', async (t) => {
  const scene = await startHydratorScene(t)
  const { story, dry, hydrated } = scene
  dry.commit(chart(0))
  await createHydrated(scene, 'web')
  await story.application('web', ({ status }) => status?.sourceHydrator?.currentOperation !== undefined)

  let last = ''
  for (let replicas = 1; replicas <= 10; replicas++) last = dry.commit(chart(replicas))

  await story.application('web', hydratedAt(last))
  assert.match(hydrated('web/manifest.yaml'), /replicas: "10"/)
})
