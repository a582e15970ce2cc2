// ApplicationSets of the guide, with the whole program: folders of a repository become Applications, and go with it.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ApplicationSet } from '../../src/crds/application-set.ts'
import type { Application } from '../../src/crds/application.ts'
import {
  apply,
  conditionOf,
  isUpToDate,
  remove,
  setOf,
  SETS,
  templateOf,
  untilApplications,
  untilSet,
} from '../support/application-set-story.ts'
import { isSynced, startStoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

test('folders become Applications, a dry run tells what a change would do, and deletion takes all', async (t) => {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({
    'apps/one/cm.json': configMap('one', 'a'),
    'apps/two/cm.json': configMap('two', 'b'),
    'more/three/cm.json': configMap('three', 'c'),
  })
  const git = { repoURL: repository.url, revision: 'main', directories: [{ path: 'apps/*' }] }
  const automated = { syncPolicy: { automated: {} } }
  const spec = {
    goTemplate: true,
    goTemplateOptions: ['missingkey=error'],
    generators: [{ git: { ...git, values: { team: 'web' } } }],
    template: {
      ...templateOf(repository.url, {}, automated),
      metadata: { name: '{{.path.basename}}', labels: { team: '{{.values.team}}' } },
    },
  }

  const elsewhere = { metadata: {}, spec: { project: 'elsewhere', destination: {} } }
  const escaping = { ...spec, generators: [{ git: { ...git, template: elsewhere } }] }
  for (const method of ['Create', 'Generate']) {
    const set = setOf('escaping', escaping)
    await assert.rejects(
      story.api.call(`${SETS}/${method}`, { applicationset: set, applicationSet: set }),
      /templates of generators must not name another project/,
    )
  }
  await apply(story, setOf('folders', spec))
  const made = await story.application('one', isSynced)
  // What is planned is told from the same cache, where both have to be before.
  await story.application('two', isSynced)
  await untilSet(story, 'folders', isUpToDate)
  const directories = [{ path: 'apps/*' }, { path: 'apps/two', exclude: true }, { path: 'more/*' }]
  const changed = { ...spec, generators: [{ git: { ...git, directories, values: { team: 'shop' } } }] }
  const planned = await story.api.call<ApplicationSet>(`${SETS}/Create`, {
    applicationset: setOf('folders', changed),
    upsert: true,
    dryRun: true,
  })
  await apply(story, setOf('folders', changed))
  await untilApplications(story, ['one', 'three'])
  const applications = [await story.application('one', isOfShop), await story.application('three', isOfShop)]

  assert.equal(made.metadata.labels?.['team'], 'web')
  assert.deepEqual(
    (planned.status?.resources ?? []).map(({ name, status, health, requiresPruning }) => [
      name,
      status,
      health?.status === 'Missing',
      requiresPruning === true,
    ]),
    [
      ['one', 'OutOfSync', false, false],
      ['three', 'OutOfSync', true, false],
      ['two', 'OutOfSync', false, true],
    ],
  )
  assert.ok(applications.every(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'folders'))

  await apply(
    story,
    setOf('folders', { ...changed, template: { ...spec.template, metadata: { name: '{{.nothing}}' } } }),
  )
  const broken = await untilSet(
    story,
    'folders',
    (set) => conditionOf(set, 'ErrorOccurred')?.startsWith('True') === true,
  )
  assert.equal(conditionOf(broken, 'ErrorOccurred'), 'True RenderTemplateParamsError')
  await untilApplications(story, ['one', 'three'])
  await remove(story, 'ApplicationSet', 'folders')
  await untilApplications(story, [])
})

function isOfShop({ metadata }: Application): boolean {
  return metadata.labels?.['team'] === 'shop'
}
