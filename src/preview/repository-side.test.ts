// Which sources are of the clone, and which of them see the change.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { follows, isOwn, revisionsAt, sourcesOf } from './repository-side.ts'

const CLONE = { addresses: ['/home/ada/config', 'git@git.example.com:team/config.git'], branches: new Set(['main']) }

const owned: readonly [string, boolean][] = [
  ['git@git.example.com:team/config.git', true],
  ['https://git.example.com/team/config', true],
  ['https://ada@git.example.com/Team/Config.git', true],
  ['ssh://git@git.example.com/team/config.git', true],
  ['ssh://git@git.example.com:22/team/config.git', true],
  ['file:///home/ada/config', true],
  ['https://git.example.com/team/config2', false],
  ['https://other.example.com/team/config', false],
  ['oci://git.example.com/team/config', false],
]
for (const [repoURL, wanted] of owned) {
  test(`${repoURL} is ${wanted ? '' : 'not '}the repository`, () => {
    assert.equal(isOwn(CLONE, { repoURL }), wanted)
  })
}

test('a chart of a repository with the same address is no file of it', () => {
  assert.equal(isOwn(CLONE, { repoURL: 'https://git.example.com/team/config', chart: 'web' }), false)
})

test('sources that follow HEAD or the branch see the commit, others what they name', () => {
  const repoURL = 'https://git.example.com/team/config'
  const sources = [undefined, 'HEAD', 'main', 'refs/heads/main', 'v1.2.0', 'release', 'a'.repeat(40)].map(
    (targetRevision) => ({ repoURL, ...(targetRevision === undefined ? {} : { targetRevision }) }),
  )

  assert.deepEqual(
    sources.map((source) => follows(CLONE, source)),
    [true, true, true, true, false, false, false],
  )
  assert.deepEqual(
    revisionsAt({ ...CLONE, folder: '', resolve: () => Promise.resolve(undefined) }, sources.slice(0, 5), 'c0ffee'),
    ['c0ffee', 'c0ffee', 'c0ffee', 'c0ffee', ''],
  )
})

test('several sources come before one, and a hydrated application is rendered from its dry source', () => {
  const destination = { server: 'https://example.com', namespace: 'a' }
  const source = { repoURL: 'one', path: 'a' }
  const drySource = { repoURL: 'dry', targetRevision: 'main', path: 'b' }
  const sourceHydrator = { drySource, syncSource: { repoURL: '', targetBranch: 'env', path: 'b' } }
  const common = { project: 'default', destination }

  assert.deepEqual(sourcesOf({ ...common, source }), [source])
  assert.deepEqual(sourcesOf({ ...common, source, sources: [{ repoURL: 'two' }] }), [{ repoURL: 'two' }])
  assert.deepEqual(sourcesOf({ ...common, sourceHydrator }), [drySource])
  assert.deepEqual(sourcesOf(common), [])
})
