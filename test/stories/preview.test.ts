// What a change would do to all applications of a repository, told without a server and without a cluster.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runPreview } from '../../src/main/preview.ts'
import type { PreviewReport } from '../../src/preview/contract.ts'
import { git, temporaryFolder } from '../support/git.ts'
import { application, object, repositoryOf, told } from '../support/previewed.ts'

const FLAGS = { mergeBase: true, output: 'text' }

const preview = (folder: string, flags: object = {}): Promise<PreviewReport> =>
  runPreview(folder, { ...FLAGS, ...flags }, AbortSignal.timeout(45_000))

test('a working folder is compared with the main branch: what is changed, new, gone, generated and delivered by others', async (t) => {
  const directories = [{ path: 'sets/*' }]
  const generator = { git: { repoURL: 'git@git.example.com:team/config.git', revision: 'HEAD', directories } }
  const template = JSON.parse(application('x-{{.path.basename}}', '{{.path.path}}')) as object
  const set = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'set' },
    spec: { goTemplate: true, generators: [generator], template },
  }
  const repository = repositoryOf(t, {
    'apps/web.json': application('web', 'web'),
    'apps/same.json': application('same', 'same'),
    'apps/pinned.json': application('pinned', 'web', { targetRevision: 'v1' }),
    'apps/root.json': application('root', 'children'),
    'apps/set.json': JSON.stringify(set),
    'children/child.json': application('child', 'child'),
    'web/kustomization.yaml': 'resources: [../base]\n',
    'base/kustomization.yaml': 'resources: [colors.yaml]\n',
    'base/colors.yaml': object('ConfigMap', 'colors', { data: { color: 'red' } }),
    'same/one.json': object('ConfigMap', 'one', {}),
    'child/secret.json': object('Secret', 'login', { stringData: { password: 'correct-horse' } }),
    'sets/a/one.json': object('ConfigMap', 'one', {}),
  })
  const { folder } = repository
  git(folder, 'tag', 'v1')
  git(folder, 'checkout', '--quiet', '-b', 'change')
  const before = git(folder, 'status', '--porcelain')
  repository.commit({
    'base/colors.yaml': object('ConfigMap', 'colors', { data: { color: 'blue' } }),
    'apps/same.json': application('same', 'same', { directory: { recurse: true } }),
    'child/secret.json': object('Secret', 'login', { stringData: { password: 'battery-staple' } }),
    'sets/a/one.json': null,
    'sets/b/two.json': object('ConfigMap', 'two', {}),
  })
  writeFileSync(join(folder, 'same/new.json'), object('ConfigMap', 'new', {}))
  writeFileSync(join(folder, 'broken.yaml'), 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: [\n')

  const report = await preview(folder)
  const committed = await preview(folder, { head: 'change', path: ['apps'] })

  assert.deepEqual(told(report), [
    'child changed changed Secret/login',
    'same changed changed Application/same added ConfigMap/new',
    'web changed changed ConfigMap/colors',
    'x-a removed removed Application/x-a removed ConfigMap/one',
    'x-b added added Application/x-b added ConfigMap/two',
  ])
  assert.equal(report.unchanged, 2)
  assert.match(report.problems.join('\n'), /^broken\.yaml: /)
  assert.doesNotMatch(JSON.stringify(report), /correct-horse|battery-staple|Y29ycmVjdC1|YmF0dGVye/)
  assert.deepEqual(
    told(committed).filter((text) => text.startsWith('same')),
    ['same changed changed Application/same'],
  )
  assert.equal(git(folder, 'status', '--porcelain'), `${before}?? broken.yaml\n?? same/new.json`)
})

test('what only the clone ignores stays out, lines end as it says, and no other folder of the machine is read', async (t) => {
  const elsewhere = repositoryOf(t, { 'same/secret.json': object('Secret', 'theirs', {}) })
  const repository = repositoryOf(t, {
    'same.json': application('same', 'same'),
    'same/text.txt': 'one\ntwo\n',
    'same/kustomization.yaml': 'configMapGenerator: [{ name: text, files: [text.txt] }]\n',
  })
  const { folder } = repository
  const unchanged = await preview(folder)
  git(folder, 'config', 'core.autocrlf', 'true')
  writeFileSync(join(folder, '.git/info/exclude'), 'local.json\n')
  writeFileSync(join(folder, 'local.json'), application('local', 'same'))
  writeFileSync(join(folder, 'same/text.txt'), 'one\r\ntwo\r\n')
  const still = await preview(folder)
  for (const [name, repoURL] of [
    ['path', elsewhere.folder],
    ['loop', 'http://127.0.0.1:1/config.git'],
    ['url', elsewhere.url],
    ['own', repository.url],
  ] as const)
    // prettier-ignore
    writeFileSync(join(folder, `${name}.json`), application(name, 'same', { repoURL, targetRevision: 'HEAD' }))
  const refused = await preview(folder)

  assert.deepEqual(told(unchanged), [])
  assert.deepEqual(told(still), [])
  assert.deepEqual(
    told(refused).filter((line) => line.includes('failed')),
    ['loop failed', 'path failed', 'url failed'],
  )
  for (const { name, error } of refused.applications) {
    const why =
      name === 'loop' ? '127.0.0.1 is an address of this machine' : 'folders of this machine are not previewed; '
    if (name !== 'own') assert.match(error ?? '', new RegExp(`^head: .*source .*: ${why}`))
  }
})

test('what cannot be rendered fails alone, and a side that is not there is told with what to fetch', async (t) => {
  const repository = repositoryOf(t, {
    'good.json': application('good', 'good'),
    'bad.json': application('bad', 'bad'),
    'good/one.json': object('ConfigMap', 'one', {}),
    'bad/one.json': object('ConfigMap', 'one', {}),
  })
  const { folder } = repository
  repository.commit({ 'bad/one.json': null, 'good/two.json': object('ConfigMap', 'two', {}) })

  const report = await preview(folder, { base: 'HEAD~1' })

  assert.deepEqual(told(report), ['bad failed', 'good changed added ConfigMap/two'])
  assert.match(report.applications[0]?.error ?? '', /^head: .*bad/)
  await assert.rejects(preview(folder, { base: 'absent' }), /the clone has no revision "absent": fetch it \(git fetch /)
  await assert.rejects(preview(join(folder, 'nowhere')), /nowhere does not exist/)
  await assert.rejects(preview(temporaryFolder(t)), /is in no Git repository: name a folder of a clone/)
})
